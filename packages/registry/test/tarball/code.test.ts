import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareCode, type CodeFile, type TarballCode } from '@lockseal/core';
import { CODE_LIMITS, CodeCollector, type CodeLimits } from '../../src/tarball/code-collector.ts';
import { createCodeParser } from '../../src/tarball/parse-code.ts';
import { readTarball } from '../../src/tarball/read.ts';
import { makePackage, type TarEntry } from '../support/tarball.ts';

const AMPLE = 60_000;
const parseCode = createCodeParser();

describe('modules that code uses', () => {
  const cases: readonly (readonly [why: string, code: string, modules: readonly string[]])[] = [
    ['ESM', `import fs from 'node:fs'; export * from 'https'; export { x } from "net";`, ['fs', 'https', 'net']],
    ['CommonJS', `const { exec } = require('child_process')`, ['child_process']],
    ['import()', `await import('node:dns/promises')`, ['dns/promises']],
    ['a template without holes is a text', 'require(`node:vm`)', ['vm']],
    ['module.require', `module.require('fs')`, ['fs']],
    ['process.getBuiltinModule', `globalThis.process.getBuiltinModule('http')`, ['http']],
    ['a name that is computed', `require('f' + 's'); import(x)`, ['(a computed name)']],
    ['deep inside', `a(() => { if (b) return [{ c: class { d() { require('tls') } } }] })`, ['tls']],
    ['a hashbang and a return at the top, as CommonJS allows', `#!/usr/bin/env node\nrequire('fs'); return`, ['fs']],
    ['await as a name, as scripts allow', `var await = 1; require('fs')`, ['fs']],
    ['sloppy code', `with (a) b = 010; require('fs')`, ['fs']],
    ['modules that reach nothing', `import path from 'node:path'; import './x.js'; require('left-pad')`, []],
    ['a comment and a text', `// require('fs')\n"import fs from 'fs'"`, []],
    ['a module whose name begins alike', `require('fs-extra'); require('nothttp')`, []],
    ['require that is asked for nothing', 'require(); x.resolve("fs")', []],
    ['nothing', '', []],
  ];
  for (const [why, code, modules] of cases) {
    test(why, () => assert.deepEqual(parseCode(code, AMPLE), { modules, unparsed: undefined }));
  }

  const refused: readonly (readonly [why: string, code: string, reason: RegExp])[] = [
    ['TypeScript', 'const a: string = 1', /no JavaScript/],
    ['JSX', 'const a = <b>c</b>', /no JavaScript/],
    ['half a program', 'function (', /no JavaScript/],
    ['a nesting that would exhaust the stack', '('.repeat(200_000), /nested too deeply|no JavaScript/],
    ['lists in lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /nested too deeply|stack/],
  ];
  for (const [why, code, reason] of refused) {
    test(`are not known of ${why}, which is said`, () => {
      const { modules, unparsed } = parseCode(code, AMPLE);
      assert.equal(modules, undefined);
      assert.match(unparsed ?? '', reason);
    });
  }

  test('nothing is executed', () => {
    parseCode('globalThis.wasExecuted = true; run()', AMPLE);
    assert.equal(Object.hasOwn(globalThis, 'wasExecuted'), false);
  });

  test('a parse that takes too long ends', () => {
    const { unparsed } = parseCode('a(b+c*d);'.repeat(400_000), 1);
    assert.equal(unparsed, 'it takes too long to parse');
  });

  test('any text gives modules or a reason', () => {
    const bits = ['require(', "'fs'", ')', '{', '}', '`', '${', 'import ', 'await ', '/', '(', '=>', ';', '\n', 'x'];
    const text = fc.oneof(
      fc.array(fc.constantFrom(...bits), { maxLength: 30 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (code) => {
        const { modules, unparsed } = parseCode(code, AMPLE);
        assert.ok((modules === undefined) !== (unparsed === undefined));
      }),
      { numRuns: 300 },
    );
  });
});

const file = (path: string, body: string): TarEntry => ({ path: `package/${path}`, body });

async function codeOf(entries: readonly TarEntry[], limits: Partial<CodeLimits> = {}): Promise<TarballCode> {
  const code = new CodeCollector({ ...CODE_LIMITS, ...limits });
  const { sha512 } = await readTarball(streamOf(makePackage(entries)), { code });
  return { sha512, files: code.finish() };
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('code in a tarball', () => {
  test('files that node runs by their names, with their longest lines; no others', async () => {
    const { files } = await codeOf([
      file('b.mjs', `import 'fs'\n${'x'.repeat(90)}\ny`),
      file('a.CJS', 'var a'),
      file('c.ts', 'let a: b'),
      file('../d.js', 'skipped by npm'),
    ]);
    const seen = files.map(({ path, longestLine, modules }) => [path, longestLine, modules]);
    assert.deepEqual(seen, [
      ['a.CJS', 5, []],
      ['b.mjs', 90, ['fs']],
    ]);
  });

  const bounds: readonly (readonly [why: string, limits: Partial<CodeLimits>, reason: RegExp])[] = [
    ['a file larger than is parsed', { parsed: 10 }, /larger than 10 bytes/],
    ['a file larger than is looked at', { file: 10 }, /too large/],
    ['more files', { files: 0 }, /more than 0 files/],
    ['no time left', { milliseconds: { file: 1000, tarball: 0 } }, /time for this tarball/],
  ];
  for (const [why, limits, reason] of bounds) {
    test(`${why}: not parsed, and it says so`, async () => {
      const { files } = await codeOf([file('a.js', `require('fs')`.padEnd(50))], limits);
      assert.match(files[0]?.unparsed ?? '', reason);
      assert.equal(files[0]?.longestLine, 50);
    });
  }
});

describe('code of two versions', () => {
  const compare = async (
    before: readonly TarEntry[],
    after: readonly TarEntry[],
  ): Promise<ReturnType<typeof compareCode>> =>
    compareCode({ status: 'ok', value: await codeOf(before) }, { status: 'ok', value: await codeOf(after) });
  const paths = (files: readonly CodeFile[]): readonly string[] => files.map(({ path }) => path);

  test('modules that no file used before, with who uses them now', async () => {
    const delta = await compare(
      [file('a.js', `require('fs')`), file('b.js', '')],
      [file('a.js', `require('fs')`), file('b.js', `require('fs'); require('net')`), file('c.js', `import 'node:net'`)],
    );
    assert.ok(delta.status === 'compared');
    assert.deepEqual(delta.newModules, [{ module: 'net', paths: ['b.js', 'c.js'] }]);
  });

  test('a file that only moved is not new', async () => {
    const long = 'x;'.repeat(2000);
    const delta = await compare([file('a.js', long)], [file('lib/a.js', long)]);
    assert.ok(delta.status === 'compared');
    assert.deepEqual(delta.obscured, []);
  });

  test('lines that nobody reads, unless they were so before; what could not be parsed', async () => {
    const delta = await compare(
      [file('min.js', 'x;'.repeat(2000)), file('src.js', 'x')],
      [file('min.js', 'y;'.repeat(2000)), file('src.js', 'z;'.repeat(2000)), file('new.js', '<b>')],
    );
    assert.ok(delta.status === 'compared');
    assert.deepEqual(paths(delta.obscured), ['src.js']);
    assert.deepEqual(paths(delta.unparsed), ['new.js']);
  });

  test('of which one is not known are never alike', () => {
    const absent = { status: 'absent', reason: 'not read' } as const;
    const none = { status: 'ok', value: { sha512: '', files: [] } } as const;
    assert.equal(compareCode(absent, none).status, 'unknown');
    assert.equal(compareCode(none, absent).status, 'unknown');
  });
});
