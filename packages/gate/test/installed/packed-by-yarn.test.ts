// What Yarn 2 and later make of a commit. Expected texts were written by Yarn 4.18 (test/managers/git-berry.matrix.ts).
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { LockedPackage } from '@lockseal/core';
import { packedByYarn, type PackedFiles } from '../../src/installed/packed-by-yarn.ts';
import type { CommitFile } from '../../src/installed/run.ts';
import { entryOf } from './support/project.ts';

const COMMIT = 'a'.repeat(40);

function fileOf(path: string, text: string): CommitFile {
  const bytes = path.endsWith('package.json') ? Buffer.from(text) : undefined;
  return { path, size: Buffer.byteLength(text), sha256: hash('sha256', text), executable: false, bytes };
}

interface Asked {
  readonly workspace?: string;
  readonly id?: string;
  /** The package.json that was found. Default: none. */
  readonly found?: string;
}

async function packed(files: Readonly<Record<string, string>>, asked: Asked = {}): Promise<PackedFiles> {
  const source = { type: 'git', repository: 'https://example.com/x', commit: COMMIT, path: asked.workspace } as const;
  const id = asked.id ?? `tool@https://example.com/x#commit=${COMMIT}`;
  const entry = entryOf(id, undefined, { name: 'tool', version: '1.0.0', source });
  const list = Object.entries(files).map(([name, text]) => fileOf(name, text));
  const commitFiles = async ({ source: of }: LockedPackage): Promise<readonly CommitFile[]> => {
    assert.equal(of.type === 'git' && of.path, undefined, 'a workspace is no folder');
    return list;
  };
  return packedByYarn(commitFiles, entry, asked.found === undefined ? undefined : hash('sha256', asked.found));
}

async function manifestOf(text: string): Promise<string> {
  const { files } = await packed({ 'package.json': text });
  return Buffer.from(files.find(({ path }) => path === 'package.json')?.bytes ?? []).toString();
}

describe('a package.json that Yarn packs', () => {
  const rewritten: readonly (readonly [why: string, text: string, json: object])[] = [
    ['is spelt anew', '{"b":1,\n "a":[1.50,"\\u00e4"]}\n', { b: 1, a: [1.5, '\u00e4'] }],
    ['loses what stands twice', '{"main":"a","main":"b"}', { main: 'b' }],
    ['loses its byte order mark', '\uFEFF{"name":"tool"}', { name: 'tool' }],
    [
      'says what is published instead, new keys last',
      '{"main":"src","publishConfig":{"types":"t","main":"lib","exports":{".":"x"},"access":"public"},"z":1}',
      {
        main: 'lib',
        publishConfig: { types: 't', main: 'lib', exports: { '.': 'x' }, access: 'public' },
        z: 1,
        exports: { '.': 'x' },
        types: 't',
      },
    ],
    [
      'keeps what an empty text would replace',
      '{"main":"a","publishConfig":{"main":""}}',
      { main: 'a', publishConfig: { main: '' } },
    ],
  ];
  for (const [why, text, json] of rewritten) {
    test(why, async () => assert.equal(await manifestOf(text), JSON.stringify(json, null, 2)));
  }

  test('keeps a key that JavaScript would take for a prototype', async () => {
    assert.equal(
      await manifestOf('{"__proto__":{"main":"x"},"a":1}'),
      '{\n  "__proto__": {\n    "main": "x"\n  },\n  "a": 1\n}',
    );
  });

  test("is the commit's own where that was found: npm packs it as it is", async () => {
    const text = '{"name":"tool","dependencies":{"x":"workspace:*"}}';
    const { files, isRewritten } = await packed({ 'package.json': text }, { found: text });
    assert.equal(isRewritten, false);
    assert.equal(files[0]?.sha256, hash('sha256', text));
  });

  test('is told to be rewritten, with its size and digest', async () => {
    const { files, isRewritten } = await packed({ 'package.json': '{"a":1}' }, { found: 'evil' });
    assert.equal(isRewritten, true);
    assert.deepEqual([files[0]?.size, files[0]?.sha256], [12, hash('sha256', '{\n  "a": 1\n}')]);
  });

  const undecided: readonly (readonly [
    why: string,
    files: Readonly<Record<string, string>>,
    asked: Asked,
    reason: RegExp,
  ])[] = [
    ...['workspace:^', 'catalog:', 'jsr:1.0.0'].map(
      (range) =>
        [
          `names ${range}`,
          { 'package.json': `{"peerDependencies":{"x":"${range}"}}` },
          {},
          /other files tell/,
        ] as const,
    ),
    ['is no JSON', { 'package.json': '{' }, {}, /cannot be read/],
    [
      'is nested too deeply',
      { 'package.json': `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}` },
      {},
      /cannot be read|too deeply/,
    ],
    ['lies in a folder that nobody follows', {}, { id: `tool@https://example.com/x#cwd=a&commit=${COMMIT}` }, /`cwd`/],
    ['is of no workspace', { 'package.json': '{"name":"all"}' }, { workspace: 'tool' }, /no workspace tool/],
    [
      'is of several workspaces',
      { 'a/package.json': '{"name":"tool"}', 'b/package.json': '{"name":"tool"}' },
      { workspace: 'tool' },
      /several packages/,
    ],
  ];
  for (const [why, files, asked, reason] of undecided) {
    test(`cannot be decided where it ${why}`, async () => {
      await assert.rejects(packed(files, asked), { code: 'ERR_INSTALLED', message: reason });
    });
  }

  test('cannot be decided where it is larger than any', async () => {
    const large = { ...fileOf('package.json', '{}'), bytes: undefined };
    const source = { type: 'git', repository: 'https://example.com/x', commit: COMMIT, path: undefined } as const;
    const entry = entryOf('tool@x', undefined, { name: 'tool', version: '1.0.0', source });
    await assert.rejects(
      packedByYarn(async () => [large], entry, undefined),
      { message: /larger than any/ },
    );
  });
});

describe('the files that Yarn packs', () => {
  test('of a workspace are those below its folder, named as there', async () => {
    const files = {
      'package.json': '{"name":"all"}',
      'p/tool/package.json': '{"name":"tool"}',
      'p/tool/a.js': '',
      'b.js': '',
    };
    const { files: found } = await packed(files, { workspace: 'tool' });
    assert.deepEqual(
      found.map(({ path }) => path),
      ['package.json', 'a.js'],
    );
  });

  test('may be run where the manifest says so, and nowhere else', async () => {
    const manifest = '{"name":"tool","bin":{"t":"./bin.js"},"publishConfig":{"executableFiles":["./lib/../start"]}}';
    const { files } = await packed({ 'package.json': manifest, 'bin.js': '', start: '', 'other.js': '' });
    assert.deepEqual(
      files.filter(({ executable }) => executable).map(({ path }) => path),
      ['bin.js', 'start'],
    );
  });

  test('without a package.json are those of the commit', async () => {
    assert.equal((await packed({ 'a.js': '' })).isRewritten, false);
  });
});
