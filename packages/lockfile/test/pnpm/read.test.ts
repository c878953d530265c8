import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError, type ErrorCode, type Lockfile } from '@lockseal/core';
import { readPnpm } from '../../src/pnpm/read.ts';
import { decodeLockfile } from '../../src/text.ts';

const read = (text: string): Lockfile => readPnpm(decodeLockfile('pnpm-lock.yaml', new TextEncoder().encode(text)));

const SHA = 'sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==';

/** A lockfile of version 9.0 with the given entries of `packages`, each with an empty snapshot. */
function nine(packages: readonly string[], rest = ''): string {
  if (packages.length === 0) return `lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n${rest}`;
  const keys = packages.map((entry) => entry.slice(0, entry.indexOf(':\n')));
  return [
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\npackages:\n",
    ...packages.map((entry) => `\n  ${entry}\n`),
    '\nsnapshots:\n',
    ...keys.map((key) => `\n  ${key}: {}\n`),
    rest,
  ].join('');
}

const entry = (key: string, ...fields: string[]): string =>
  [`${key}:`, ...fields.map((field) => `    ${field}`)].join('\n');

describe('readPnpm refuses', () => {
  const refused: readonly (readonly [why: string, text: string, code: ErrorCode, line?: number])[] = [
    ['no version', 'packages: {}\n', 'ERR_LOCKFILE_VERSION'],
    ['version 5.2, whose keys are others', 'lockfileVersion: 5.2\n', 'ERR_LOCKFILE_VERSION', 1],
    ['version 7', "lockfileVersion: '7.0'\n", 'ERR_LOCKFILE_VERSION', 1],
    ['version 13', "lockfileVersion: '13.0'\n", 'ERR_LOCKFILE_VERSION', 1],
    ['a version that only begins well', "lockfileVersion: '9.0.1'\n", 'ERR_LOCKFILE_VERSION', 1],
    ['the format to come', 'lockfile:\n  format: v13\n', 'ERR_LOCKFILE_VERSION', 1],
    ['the format to come, dotted', 'lockfile.format: v13\n', 'ERR_LOCKFILE_VERSION', 1],
    ['a list', '- a\n', 'ERR_LOCKFILE_FIELD', 1],
    ['packages as a list', "lockfileVersion: '9.0'\npackages: [a]\n", 'ERR_LOCKFILE_FIELD', 2],
    ['an entry that is nothing', "lockfileVersion: '9.0'\npackages:\n  ms@2.1.3:\n", 'ERR_LOCKFILE_FIELD', 3],
    ['an entry without a resolution', nine([entry('ms@2.1.3', 'hasBin: true')]), 'ERR_LOCKFILE_FIELD', 9],
    ['a key without a version', nine([entry('ms', `resolution: {integrity: ${SHA}}`)]), 'ERR_LOCKFILE_FIELD', 9],
    ['a key that leads out of node_modules', nine([entry('../ms@2.1.3', 'resolution: {}')]), 'ERR_LOCKFILE_NAME', 9],
    ['node_modules as a name', nine([entry('node_modules@2.1.3', 'resolution: {}')]), 'ERR_LOCKFILE_NAME', 9],
    [
      'a nameless tarball of 6.0',
      "lockfileVersion: '6.0'\npackages:\n  file:x.tgz:\n    resolution: {}\n",
      'ERR_LOCKFILE_NAME',
      3,
    ],
    ['a tarball that is a list', nine([entry('ms@2.1.3', 'resolution: {tarball: [a]}')]), 'ERR_LOCKFILE_FIELD', 10],
    [
      'an unknown integrity target',
      nine([entry('ms@2.1.3', `resolution: {integrity: ${SHA}, integrityTarget: zip}`)]),
      'ERR_LOCKFILE_FIELD',
      10,
    ],
    [
      'a directory without a path',
      nine([entry('d@file:d', 'resolution: {type: directory}')]),
      'ERR_LOCKFILE_FIELD',
      10,
    ],
    [
      'a git source without a repository',
      nine([entry('g@git+x#a', 'resolution: {type: git, commit: a}')]),
      'ERR_LOCKFILE_FIELD',
      10,
    ],
    [
      'an optional flag that is a number',
      "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {}\nsnapshots:\n  a@1.0.0:\n    optional: 1\n",
      'ERR_LOCKFILE_FIELD',
    ],
    ['an importer that climbs', "lockfileVersion: '9.0'\nimporters:\n  a/../b: {}\n", 'ERR_LOCKFILE_PATH', 3],
    ['an importer with an absolute path', "lockfileVersion: '9.0'\nimporters:\n  /a: {}\n", 'ERR_LOCKFILE_PATH', 3],
    [
      'an importer edge without a version',
      "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      ms:\n        specifier: 1.0.0\n",
      'ERR_LOCKFILE_FIELD',
      5,
    ],
    [
      'an importer edge whose name climbs',
      "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      ../ms:\n        specifier: 1.0.0\n        version: 1.0.0\n",
      'ERR_LOCKFILE_NAME',
      5,
    ],
    [
      'a package edge whose name climbs',
      nine([entry('a@1.0.0', 'resolution: {}')]).replace(
        'a@1.0.0: {}',
        'a@1.0.0:\n    dependencies:\n      ../b: 1.0.0',
      ),
      'ERR_LOCKFILE_NAME',
    ],
    [
      'three documents',
      `---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n`,
      'ERR_LOCKFILE_DOCUMENTS',
      5,
    ],
    [
      'a second document where no first was announced',
      "lockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n",
      'ERR_LOCKFILE_DOCUMENTS',
      2,
    ],
    [
      'a separator that pnpm does not split at',
      "---\nlockfileVersion: '9.0'\n--- # x\nlockfileVersion: '9.0'\n",
      'ERR_LOCKFILE_DOCUMENTS',
      3,
    ],
    ['a comment before the first separator', "# x\n---\nlockfileVersion: '9.0'\n", 'ERR_LOCKFILE_DOCUMENTS', 2],
    ['an end marker', "lockfileVersion: '9.0'\n...\n", 'ERR_LOCKFILE_DOCUMENTS', 2],
    [
      'a fault in the second document, at its line in the file',
      "---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\npackages: x\n",
      'ERR_LOCKFILE_FIELD',
      5,
    ],
  ];
  for (const [why, text, code, line] of refused) {
    test(why, () => {
      assert.throws(
        () => read(text),
        (thrown) => {
          assert.ok(thrown instanceof LocksealError, String(thrown));
          assert.equal(thrown.code, code, thrown.message);
          if (line !== undefined) assert.equal(thrown.details.position?.line, line);
          return true;
        },
      );
    });
  }
});

describe('readPnpm observes', () => {
  const odd: readonly (readonly [why: string, text: string, codes: readonly string[]])[] = [
    ['nothing in a regular file', nine([entry('ms@2.1.3', `resolution: {integrity: ${SHA}}`)]), []],
    [
      'a git source under a version',
      nine([entry('ms@2.1.3', 'resolution: {commit: a, repo: b, type: git}')]),
      ['non-registry-source'],
    ],
    [
      'a directory under a version',
      nine([entry('ms@2.1.3', 'resolution: {directory: evil, type: directory}')]),
      ['non-registry-source'],
    ],
    [
      'a runtime under a version',
      nine([entry('ms@2.1.3', `resolution: {integrity: ${SHA}, type: binary, url: 'https://example.com/a'}`)]),
      ['non-registry-source'],
    ],
    [
      'a custom resolution under a version',
      nine([entry('ms@2.1.3', 'resolution: {type: custom:cdn}')]),
      ['non-registry-source'],
    ],
    [
      'a key and a resolution that name two tarballs',
      nine([entry('x@https://example.com/a.tgz', 'resolution: {tarball: https://example.com/b.tgz}')]),
      ['sections-disagree'],
    ],
    [
      'a name field against the key',
      "lockfileVersion: '6.0'\npackages:\n  /ms@2.1.3:\n    resolution: {}\n    name: inherits\n",
      ['name-mismatch'],
    ],
    [
      'a version field against the key',
      "lockfileVersion: '6.0'\npackages:\n  /ms@2.1.3:\n    resolution: {}\n    version: 2.0.0\n",
      ['sections-disagree'],
    ],
    [
      'a snapshot of no package',
      "lockfileVersion: '9.0'\npackages: {}\nsnapshots:\n  a@1.0.0: {}\n",
      ['sections-disagree'],
    ],
    [
      'a package without a snapshot',
      "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {}\n",
      ['sections-disagree'],
    ],
    ['a field that pnpm does not know', nine([], '\nx-base: y\n'), ['unexpected-field']],
    ['two project documents', `---\n${nine([])}---\nlockfileVersion: '9.0'\nsettings: {}\n`, []],
    [
      'a project document in the place of the env document',
      `---\nlockfileVersion: '9.0'\nsettings:\n  a: b\n---\n${nine([])}`,
      ['multiple-documents'],
    ],
    [
      'a workspace in the env document',
      `---\nlockfileVersion: '9.0'\nimporters:\n  a:\n    configDependencies: {}\n---\n${nine([])}`,
      ['multiple-documents'],
    ],
    [
      'a flow mapping for an entry',
      "lockfileVersion: '9.0'\npackages: {ms@2.1.3: {resolution: {}}}\nsnapshots:\n  ms@2.1.3: {}\n",
      ['irregular-syntax'],
    ],
    ['a key in double quotes', nine([entry('"ms@2.1.3"', 'resolution: {}')]), ['irregular-syntax', 'irregular-syntax']],
    ['an escaped key', nine([entry('"\\u006ds@2.1.3"', 'resolution: {}')]), ['irregular-syntax', 'irregular-syntax']],
    [
      'a key in needless quotes',
      nine([entry("'ms@2.1.3'", 'resolution: {}')]),
      ['irregular-syntax', 'irregular-syntax'],
    ],
    [
      'a short explicit key',
      "lockfileVersion: '9.0'\npackages:\n  ? ms@2.1.3\n  : resolution: {}\nsnapshots:\n  ms@2.1.3: {}\n",
      ['irregular-syntax'],
    ],
    ['a resolution in JSON', nine([entry('ms@2.1.3', `resolution: {"integrity": "${SHA}"}`)]), ['irregular-syntax']],
    [
      'a resolution over two lines',
      nine([entry('ms@2.1.3', `resolution: {\n      integrity: ${SHA}}`)]),
      ['irregular-syntax'],
    ],
    [
      'a value continued on the next line',
      "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {}\n    deprecated:\n      see b\nsnapshots:\n  a@1.0.0: {}\n",
      ['irregular-syntax'],
    ],
    [
      'a number for a key',
      nine([entry('a@1.0.0', 'resolution: {}')]).replace(
        'a@1.0.0: {}',
        'a@1.0.0:\n    dependencies:\n      0x10: 1.0.0',
      ),
      ['irregular-syntax'],
    ],
    [
      'a boolean for a key',
      nine([entry('a@1.0.0', 'resolution: {}')]).replace(
        'a@1.0.0: {}',
        'a@1.0.0:\n    dependencies:\n      true: 1.0.0',
      ),
      ['irregular-syntax'],
    ],
    ['a lone carriage return', "lockfileVersion: '9.0'\nsettings:\n  a: b\r  c: d\n", ['irregular-syntax']],
  ];
  for (const [why, text, codes] of odd) {
    test(why, () =>
      assert.deepEqual(
        read(text).observations.map(({ code }) => code),
        codes,
      ),
    );
  }
});

describe('readPnpm reads', () => {
  const only = (text: string): Lockfile['entries'][number] => {
    const { entries } = read(text);
    assert.equal(entries.length, 1);
    return entries[0] ?? assert.fail('no entry');
  };

  const sources: readonly (readonly [text: string, source: object, pin: object, version: string | undefined])[] = [
    [
      entry('a@1.0.0', `resolution: {integrity: ${SHA}}`),
      { type: 'registry', url: undefined, namedRegistry: undefined },
      { kind: 'integrity', text: SHA, of: 'tarball' },
      '1.0.0',
    ],
    [
      entry('a@1.0.0', `resolution: {integrity: ${SHA}, integrityTarget: tar}`),
      { type: 'registry', url: undefined, namedRegistry: undefined },
      { kind: 'integrity', text: SHA, of: 'tar' },
      '1.0.0',
    ],
    [
      entry('a@1.0.0', 'resolution: {tarball: file:evil.tgz}'),
      { type: 'registry', url: 'file:evil.tgz', namedRegistry: undefined },
      { kind: 'none' },
      '1.0.0',
    ],
    [
      entry('a@work:1.0.0', 'resolution: {}'),
      { type: 'registry', url: undefined, namedRegistry: 'work' },
      { kind: 'none' },
      '1.0.0',
    ],
    [
      entry('a@file:x.tgz', `resolution: {integrity: ${SHA}, tarball: file:x.tgz}`, 'version: 1.0.0'),
      { type: 'file', path: 'x.tgz' },
      { kind: 'integrity', text: SHA, of: 'tarball' },
      '1.0.0',
    ],
    [
      entry('a@https://example.com/a.tgz', 'resolution: {tarball: https://example.com/a.tgz}'),
      { type: 'tarball', url: 'https://example.com/a.tgz' },
      { kind: 'none' },
      undefined,
    ],
    [
      entry('a@file:dir', `resolution: {directory: dir, integrity: ${SHA}, type: directory}`),
      { type: 'directory', path: 'dir' },
      { kind: 'none' },
      undefined,
    ],
    [
      entry(
        'a@git+https://example.com/r.git#abc',
        `resolution: {commit: abc, integrity: ${SHA}, path: /p, repo: https://example.com/r.git, type: git}`,
      ),
      { type: 'git', repository: 'https://example.com/r.git', commit: 'abc', path: '/p' },
      { kind: 'none' },
      undefined,
    ],
    [
      entry('a@x:y', 'resolution: {type: custom:cdn}'),
      { type: 'unknown', reason: 'resolution of type custom:cdn' },
      { kind: 'none' },
      undefined,
    ],
    [
      entry('a@1.0', `resolution: {integrity: ${SHA}}`),
      { type: 'unknown', reason: 'neither the key nor the resolution says where the files come from' },
      { kind: 'integrity', text: SHA, of: 'tarball' },
      undefined,
    ],
    [
      entry(
        'node@runtime:26.7.0',
        'resolution:',
        '  type: variations',
        '  variants:',
        '    - resolution:',
        '        type: binary',
        '        url: https://example.com/n.tar.gz',
        '        integrity: sha256-x',
        '      targets:',
        '        - os: linux',
        '          cpu: x64',
        '          libc: musl',
      ),
      {
        type: 'runtime',
        variants: [{ url: 'https://example.com/n.tar.gz', integrity: 'sha256-x', targets: ['linux-x64-musl'] }],
      },
      { kind: 'none' },
      '26.7.0',
    ],
  ];
  for (const [packages, source, pin, version] of sources) {
    test(packages.split('\n').slice(0, 2).join(' '), () => {
      const found = only(nine([packages]));
      assert.deepEqual([found.source, found.pin, found.version], [source, pin, version]);
    });
  }

  test('the union of the edges of all snapshots, peers with their range', () => {
    const { entries } = read(`lockfileVersion: '9.0'

packages:

  a@1.0.0:
    resolution: {integrity: ${SHA}}
    peerDependencies:
      p: '>=1'
      q: '*'
      r: '*'
    peerDependenciesMeta:
      q:
        optional: true

  p@1.0.0:
    resolution: {integrity: ${SHA}}

  p@2.0.0:
    resolution: {integrity: ${SHA}}

snapshots:

  a@1.0.0(p@1.0.0):
    dependencies:
      p: 1.0.0
      same: p@1.0.0
      gone: 9.9.9

  a@1.0.0(p@2.0.0(q@1.0.0)):
    dependencies:
      p: 2.0.0(q@1.0.0)
      same: p@1.0.0
    optionalDependencies:
      o: link:elsewhere
    optional: true

  p@1.0.0:
    optional: true

  p@2.0.0: {}
`);
    const [a, p1] = entries;
    const to = (id: string): object => ({ type: 'entry', id });
    assert.deepEqual(
      a?.edges.map(({ name, kind, spec, target, position }) => [name, kind, spec, target, position?.line]),
      [
        ['p', 'peer', '>=1', to('p@1.0.0'), 25],
        ['same', 'prod', undefined, to('p@1.0.0'), 26],
        ['gone', 'prod', undefined, { type: 'none' }, 27],
        ['p', 'peer', '>=1', to('p@2.0.0'), 31],
        ['o', 'optional', undefined, { type: 'link', path: 'elsewhere' }, 34],
        ['q', 'optional-peer', '*', { type: 'none' }, 9],
        ['r', 'peer', '*', { type: 'none' }, 10],
      ],
    );
    assert.equal(a?.flags.optional, false);
    assert.deepEqual([p1?.aliases, p1?.flags.optional, p1?.position], [['same'], true, { line: 15, column: 3 }]);
  });

  test('a name field as pnpm takes it: in the place of the key up to 6.0, and not at all in 9.0', () => {
    const six =
      "lockfileVersion: '6.0'\npackages:\n  /ms@2.1.3:\n    resolution: {}\n    name: inherits\n    version: 2.0.4\n";
    const nineZero = nine([entry('ms@2.1.3', 'resolution: {}', 'name: inherits', 'version: 2.0.4')]);
    assert.deepEqual([only(six).name, only(six).version], ['inherits', '2.0.4']);
    assert.deepEqual([only(nineZero).name, only(nineZero).version], ['ms', '2.1.3']);
    for (const text of [six, nineZero]) {
      assert.deepEqual(
        read(text).observations.map(({ code }) => code),
        ['name-mismatch', 'sections-disagree'],
      );
    }
  });

  test('importers, whose links lead to workspaces or elsewhere', () => {
    const { importers } = read(`lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: workspace:*
        version: link:packages/a
      ms:
        specifier: 'catalog:'
        version: 2.1.3
  packages/a:
    devDependencies:
      root:
        specifier: link:../..
        version: link:../..
      out:
        specifier: link:../../../out
        version: link:../../../out
`);
    assert.deepEqual(
      importers.map(({ path, edges }) => [
        path,
        edges.map(({ name, kind, spec, target }) => [name, kind, spec, target]),
      ]),
      [
        [
          '.',
          [
            ['a', 'prod', 'workspace:*', { type: 'importer', path: 'packages/a' }],
            ['ms', 'prod', 'catalog:', { type: 'none' }],
          ],
        ],
        [
          'packages/a',
          [
            ['root', 'dev', 'link:../..', { type: 'importer', path: '.' }],
            ['out', 'dev', 'link:../../../out', { type: 'link', path: '../out' }],
          ],
        ],
      ],
    );
  });

  test('a file that is an env document and nothing else', () => {
    const lockfile = read(`---
lockfileVersion: '9.0'
importers:
  .:
    configDependencies:
      is-odd:
        specifier: 3.0.1
        version: 3.0.1
packages:
  is-odd@3.0.1:
    resolution: {integrity: ${SHA}}
snapshots:
  is-odd@3.0.1: {}
`);
    assert.deepEqual(
      lockfile.entries.map(({ id, flags, position }) => [id, flags.config, position?.line]),
      [['env:is-odd@3.0.1', true, 10]],
    );
    assert.deepEqual(
      lockfile.importers[0]?.edges.map(({ kind, target }) => [kind, target]),
      [['dev', { type: 'entry', id: 'env:is-odd@3.0.1' }]],
    );
    assert.deepEqual(lockfile.observations, []);
  });

  test('claims: overrides, catalogs and patches in each form of their hash', () => {
    const sha256 = 'f39e6bd467f5293c0ebccdc76fb04db4c0110ed100dca01cfc67f2aecf59d615';
    const { claims, entries } = read(`lockfileVersion: '9.0'
overrides:
  cookie: 0.7.2
catalogs:
  default:
    ms:
      specifier: ^2.1.3
      version: 2.1.3
patchedDependencies:
  a@1.0.0: ${sha256}
  b:
    hash: aaaqeayeaudaocajbifqydiob4
    path: patches/b.patch
  c: odd
packages:
  a@1.0.0:
    resolution: {integrity: ${SHA}}
  b@1.0.0:
    resolution: {integrity: ${SHA}}
snapshots:
  a@1.0.0(patch_hash=${sha256}): {}
  b@1.0.0(patch_hash=aaaqeayeaudaocajbifqydiob4): {}
`);
    assert.deepEqual([...claims.overrides], [['cookie', '0.7.2']]);
    assert.deepEqual(claims.catalogs.get('default'), new Map([['ms', '^2.1.3']]));
    const b = { path: 'patches/b.patch', hash: { algorithm: 'md5', value: '000102030405060708090a0b0c0d0e0f' } };
    const a = { path: undefined, hash: { algorithm: 'sha256', value: sha256 } };
    assert.deepEqual(
      [...claims.patches],
      [
        ['a@1.0.0', a],
        ['b', b],
        ['c', { path: undefined, hash: undefined }],
      ],
    );
    assert.deepEqual(
      entries.map(({ patch }) => patch),
      [a, b],
    );
  });

  test('block scalars, comments and list items as pnpm writes them, without an observation', () => {
    const text = nine([
      entry(
        'a@1.0.0',
        `resolution: {integrity: ${SHA}}`,
        "engines: {node: '>=18'}",
        'cpu: [x64]',
        'deprecated: |-',
        '  {"json": [1]}',
        '',
        '  "quoted": & * !',
        'bundledDependencies:',
        "  - '@s/n'",
        '  - x',
      ),
    ]);
    const found = only(text);
    assert.deepEqual(read(text).observations, []);
    assert.deepEqual([found.bundles, found.flags.cpu], [['@s/n', 'x'], ['x64']]);
    assert.equal(found.deprecated, '{"json": [1]}\n\n"quoted": & * !');
  });
});
