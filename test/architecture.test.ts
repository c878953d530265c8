// Holds the import arrows of ARCHITECTURE.md.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';

const root = path.dirname(import.meta.dirname);

/** Which of our packages each package may import. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  lockfile: ['core'],
  registry: ['core'],
  gate: ['core'],
  policy: ['core'],
  report: ['core'],
  signer: ['core'],
  testkit: ['core'],
  // Starts the command line as a process of its own.
  action: [],
  // testkit: only `policy test --incidents`, which replays attacks in a registry of its own.
  cli: ['core', 'lockfile', 'registry', 'policy', 'report', 'signer', 'gate', 'testkit'],
};
/** Packages of one plain JavaScript file, which runs before anything is installed: they import nothing but Node. */
const standalone: Readonly<Record<string, string>> = {
  'hooks-bun': 'scanner.mjs',
  'hooks-pnpm': 'pnpmfile.cjs',
  'hooks-yarn': 'plugin.cjs',
};
/** Entry points besides a package's index: smaller, for what must load quickly. */
const doors: readonly string[] = [
  '@lockseal/core/approval',
  '@lockseal/policy/approvals',
  '@lockseal/registry/embedded',
  '@lockseal/report/sanitize',
  '@lockseal/signer/enforce',
  '@lockseal/signer/files',
];
/** Packages that take every effect as a port. */
const pure = ['core', 'policy'];
const effects =
  /^node:(?:fs|net|tls|http|https|http2|dgram|dns|os|process|child_process|worker_threads|timers)(?:\/|$)/;
/** Libraries that one file of core, and nothing else, imports. */
const wrapped = ['ssri', 'json-canonicalize'];

interface Source {
  /** Relative to the root, with forward slashes: `packages/core/src/digest.ts`. */
  readonly file: string;
  readonly text: string;
}

/** Dependencies that are there at run time, by the folder of the package. */
type Declared = ReadonlyMap<string, ReadonlySet<string>>;

function violations(sources: readonly Source[], declared: Declared): string[] {
  const imports = sources.flatMap(({ file, text }) => importsOf(text).map((target) => ({ file, target })));
  return [...imports.flatMap(({ file, target }) => judge(file, target, declared)), ...scattered(imports)];
}

function judge(file: string, target: string, declared: Declared): string[] {
  const name = file.split('/')[1] ?? '';
  const allowed = arrows[name];
  if (allowed === undefined) return [`${file}: the package ${name} has no row in the table of arrows`];
  if (target === '') return [`${file}: imports something that only running it would tell`];
  if (target.startsWith('.')) return judgeRelative(file, target, name);
  if (isBuiltin(target)) return judgeBuiltin(file, target, name);
  const library = libraryOf(target);
  const own = library === 'lockseal' ? 'cli' : /^@lockseal\/(.+)$/.exec(library)?.[1];
  if (own !== undefined && !allowed.includes(own)) return [`${file}: ${name} must not import ${own}`];
  if (own !== undefined && target !== library && !doors.includes(target))
    return [`${file}: ${target} reaches past the index of ${own}`];
  if (declared.get(name)?.has(library) !== true) return [`${file}: ${library} is not among the package's dependencies`];
  return [];
}

function judgeRelative(file: string, target: string, name: string): string[] {
  const reached = path.posix.join(path.posix.dirname(file), target);
  if (reached.startsWith(`packages/${name}/src/`) || reached === `packages/${name}/package.json`) return [];
  return [`${file}: ${target} leaves the package`];
}

function judgeBuiltin(file: string, target: string, name: string): string[] {
  if (!target.startsWith('node:')) return [`${file}: ${target} is written without node:`];
  return pure.includes(name) && effects.test(target) ? [`${file}: ${name} is pure, and ${target} is not`] : [];
}

/** Wrapped libraries outside core, or in more than one file of it. */
function scattered(imports: readonly { readonly file: string; readonly target: string }[]): string[] {
  return wrapped.flatMap((library) => {
    const users = [...new Set(imports.filter(({ target }) => libraryOf(target) === library).map(({ file }) => file))];
    const outside = users.filter((file) => !file.startsWith('packages/core/src/'));
    return [
      ...outside.map((file) => `${file}: only core imports ${library}`),
      ...(users.length - outside.length > 1 ? [`${users.join(', ')}: more than one file imports ${library}`] : []),
    ];
  });
}

function libraryOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What a source file imports; an empty string for an import() of anything but a plain string. */
function importsOf(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const found = [
    ...code.matchAll(/^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm),
    ...code.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm),
    ...code.matchAll(/\b(?:import|require)\(\s*(?:['"]([^'"]+)['"]\s*[,)])?/g),
  ];
  return found.map((match) => match[1] ?? '');
}

function readSources(): Source[] {
  return Object.keys(arrows).flatMap((name) => {
    const folder = path.join(root, 'packages', name, 'src');
    return fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => ({
        file: `packages/${name}/src/${file.replaceAll(path.sep, '/')}`,
        text: fs.readFileSync(path.join(folder, file), 'utf8'),
      }));
  });
}

function readDeclared(): Declared {
  return new Map(
    Object.keys(arrows).map((name) => {
      const manifest = JSON.parse(fs.readFileSync(path.join(root, 'packages', name, 'package.json'), 'utf8'));
      const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
      return [name, new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))];
    }),
  );
}

describe('architecture', () => {
  test('every package has a row in the table, and sources', () => {
    const sources = readSources();
    for (const name of fs.readdirSync(path.join(root, 'packages'))) {
      if (Object.hasOwn(standalone, name)) continue;
      assert.ok(
        sources.some(({ file }) => file.startsWith(`packages/${name}/src/`)),
        name,
      );
    }
  });

  test('hooks stand alone, and what they share is the same in each', () => {
    const shared = Object.entries(standalone).map(([name, file]) => {
      const text = fs.readFileSync(path.join(root, 'packages', name, file), 'utf8');
      for (const target of importsOf(text)) assert.ok(target.startsWith('node:'), `${name} imports ${target}`);
      return /^\/\/ The same in every hook[^]*^\/\/ The end of what is the same\.$/m.exec(text)?.[0];
    });
    assert.ok(shared[0] !== undefined && shared[0].length > 1000);
    assert.deepEqual(new Set(shared).size, 1);
  });

  test('the tree keeps the arrows', () => {
    assert.deepEqual(violations(readSources(), readDeclared()), []);
  });
});

describe('the check of the architecture itself', () => {
  const declared: Declared = new Map([
    ['core', new Set(['ssri', 'json-canonicalize', '@lockseal/policy'])],
    ['policy', new Set(['@lockseal/core', 'ssri'])],
    ['registry', new Set(['@lockseal/core', '@lockseal/lockfile'])],
    ['cli', new Set(['@lockseal/core', '@lockseal/testkit'])],
  ]);
  const cases: readonly (readonly [file: string, text: string, expected: RegExp | undefined])[] = [
    ['core/src/a.ts', `import ssri from 'ssri';\nimport { b } from './b.ts';`, undefined],
    ['core/src/a.ts', `import { createHash } from 'node:crypto';`, undefined],
    ['core/src/a.ts', `// import fs from 'node:fs';\n/**\n * import('node:fs')\n */`, undefined],
    ['core/src/a.ts', `import fs from 'node:fs/promises';`, /core is pure/],
    ['core/src/a.ts', `import {\n  request,\n} from 'node:https';`, /core is pure/],
    ['core/src/a.ts', `import 'node:process';`, /core is pure/],
    ['core/src/a.ts', `export * from 'node:net';`, /core is pure/],
    ['core/src/a.ts', `const fs = await import('node:fs');`, /core is pure/],
    ['core/src/a.ts', `import fs from 'fs';`, /without node:/],
    ['core/src/a.ts', `await import(name);`, /only running it/],
    ['core/src/a.ts', `import { evaluate } from '@lockseal/policy';`, /core must not import policy/],
    ['registry/src/a.ts', `import { parse } from '@lockseal/lockfile';`, /registry must not import lockfile/],
    ['registry/src/a.ts', `import type { Id } from '@lockseal/core';`, undefined],
    ['registry/src/a.ts', `import { x } from '@lockseal/core/src/x.ts';`, /past the index/],
    ['registry/src/a.ts', `import { x } from '@lockseal/core/approval';`, undefined],
    ['registry/src/deep/a.ts', `import { x } from '../../../core/src/x.ts';`, /leaves the package/],
    ['registry/src/a.ts', `import { x } from 'left-pad';`, /left-pad is not among/],
    ['policy/src/a.ts', `import ssri from 'ssri';`, /only core imports ssri/],
    ['policy/src/a.ts', `import os from 'node:os';`, /policy is pure/],
    ['registry/src/a.ts', `import { x } from '@lockseal/testkit';`, /registry must not import testkit/],
    ['cli/src/a.ts', `import fs from 'node:fs';`, undefined],
    ['newcomer/src/a.ts', `import fs from 'node:fs';`, /newcomer has no row/],
  ];
  for (const [file, text, expected] of cases) {
    test(`${expected === undefined ? 'allows' : 'refuses'} ${JSON.stringify(text)} in ${file}`, () => {
      const found = violations([{ file: `packages/${file}`, text }], declared);
      if (expected === undefined) assert.deepEqual(found, []);
      else assert.match(found.join('\n'), expected);
    });
  }

  test('refuses a wrapped library in two files', () => {
    const text = `import ssri from 'ssri';`;
    const sources = ['a', 'b'].map((name) => ({ file: `packages/core/src/${name}.ts`, text }));
    assert.match(violations(sources, declared).join('\n'), /more than one file imports ssri/);
  });
});
