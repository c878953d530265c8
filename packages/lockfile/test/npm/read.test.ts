import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Edge, ErrorCode, Lockfile, Source } from '@lockseal/core';
import { readNpm } from '../../src/npm/read.ts';
import { assertCoherent, assertRefused, lockfileText } from '../support/text.ts';

const SHA512 = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;

type Json = Readonly<Record<string, unknown>>;

const read = (packages: Json, rest: Json = {}): Lockfile => {
  const lockfile = readNpm(lockfileText({ lockfileVersion: 3, packages, ...rest }, 'package-lock.json'));
  assertCoherent(lockfile);
  return lockfile;
};

const entryOf = (lockfile: Lockfile, id: string): Lockfile['entries'][number] => {
  const entry = lockfile.entries.find((candidate) => candidate.id === id);
  assert.ok(entry, `there is an entry ${id}`);
  return entry;
};

const targets = (edges: readonly Edge[]): readonly string[] =>
  edges.map(({ name, kind, target }) => {
    const to = target.type === 'entry' ? target.id : target.type === 'none' ? 'none' : `${target.type} ${target.path}`;
    return `${kind} ${name} -> ${to}`;
  });

describe('readNpm: fields', () => {
  const ms = (member: Json): Json => ({ lockfileVersion: 3, packages: { 'node_modules/ms': member } });
  const refused: readonly (readonly [why: string, content: unknown, code: ErrorCode])[] = [
    ['an array', [], 'ERR_LOCKFILE_FIELD'],
    ['no lockfileVersion', { packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a lockfileVersion of the future', { lockfileVersion: 5, packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a lockfileVersion in words', { lockfileVersion: '3', packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['a fractional lockfileVersion', { lockfileVersion: 2.5, packages: {} }, 'ERR_LOCKFILE_VERSION'],
    ['version 3 without packages', { lockfileVersion: 3 }, 'ERR_LOCKFILE_FIELD'],
    ['version 2 with the old tree alone', { lockfileVersion: 2, dependencies: {} }, 'ERR_LOCKFILE_FIELD'],
    ['packages that are null', { lockfileVersion: 3, packages: null }, 'ERR_LOCKFILE_FIELD'],
    ['packages in a list', { lockfileVersion: 3, packages: [] }, 'ERR_LOCKFILE_FIELD'],
    ['an entry that is null', { lockfileVersion: 3, packages: { 'node_modules/ms': null } }, 'ERR_LOCKFILE_FIELD'],
    ['resolved: false, which npm takes for none', ms({ resolved: false }), 'ERR_LOCKFILE_FIELD'],
    ['resolved: null', ms({ resolved: null }), 'ERR_LOCKFILE_FIELD'],
    ['a version that is a number', ms({ version: 2 }), 'ERR_LOCKFILE_FIELD'],
    ['a range for a version', ms({ version: '^2.1.3' }), 'ERR_LOCKFILE_FIELD'],
    ['another spelling of a version', ms({ version: 'v2.1.3' }), 'ERR_LOCKFILE_FIELD'],
    ['an integrity in a list', ms({ integrity: [SHA512] }), 'ERR_LOCKFILE_FIELD'],
    ['link in words', ms({ link: 'true' }), 'ERR_LOCKFILE_FIELD'],
    ['inBundle as a number', ms({ inBundle: 1 }), 'ERR_LOCKFILE_FIELD'],
    ['hasInstallScript in words', ms({ hasInstallScript: 'no' }), 'ERR_LOCKFILE_FIELD'],
    ['a dependency without a specifier', ms({ dependencies: { a: null } }), 'ERR_LOCKFILE_FIELD'],
    ['dependencies in a list', ms({ dependencies: ['a'] }), 'ERR_LOCKFILE_FIELD'],
    ['bundleDependencies in words', ms({ bundleDependencies: 'a' }), 'ERR_LOCKFILE_FIELD'],
    ['an optional peer in words', ms({ peerDependenciesMeta: { a: { optional: 'yes' } } }), 'ERR_LOCKFILE_FIELD'],
    ['a name that npm cannot have published', ms({ name: '../evil' }), 'ERR_LOCKFILE_NAME'],
    [
      'a place that is no package name',
      { lockfileVersion: 3, packages: { 'node_modules/_x': {} } },
      'ERR_LOCKFILE_NAME',
    ],
    ['a place not in normal form', { lockfileVersion: 3, packages: { 'node_modules/../x': {} } }, 'ERR_LOCKFILE_PATH'],
    ['a link that leads nowhere', ms({ link: true }), 'ERR_LOCKFILE_FIELD'],
    ['a link not in normal form', ms({ link: true, resolved: './evil' }), 'ERR_LOCKFILE_PATH'],
    ['an absolute link', ms({ link: true, resolved: '/evil' }), 'ERR_LOCKFILE_PATH'],
    ['a patch hash of another algorithm', ms({ patched: { path: 'p', integrity: 'sha1-aaaa' } }), 'ERR_LOCKFILE_FIELD'],
    ['two patch hashes', ms({ patched: { path: 'p', integrity: `${SHA512} ${SHA512}` } }), 'ERR_LOCKFILE_FIELD'],
    [
      'more workspace patterns than braces can mean',
      { lockfileVersion: 3, packages: { '': { workspaces: ['{a,b}'.repeat(20)] } } },
      'ERR_LOCKFILE_FIELD',
    ],
  ];
  for (const [why, content, code] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => readNpm(lockfileText(content)), code));
  }

  test('names the place, what was expected and what was found', () => {
    assert.throws(
      () => readNpm(lockfileText('{"lockfileVersion":3,\n"packages":{"node_modules/ms":{\n "dev": 1}}}', 'a/b')),
      {
        code: 'ERR_LOCKFILE_FIELD',
        message: 'a/b: packages["node_modules/ms"].dev is not a boolean',
        details: {
          file: 'a/b',
          position: { line: 3, column: 2 },
          expected: 'packages["node_modules/ms"].dev: a boolean',
          found: 'a number',
        },
      },
    );
  });

  test('an entry may say nothing at all: that is judged later', () => {
    const entry = entryOf(read({ 'node_modules/ms': {} }), 'node_modules/ms');
    assert.equal(entry.version, undefined);
    assert.deepEqual(entry.pin, { kind: 'none' });
    assert.deepEqual(entry.source, { type: 'registry', url: undefined, namedRegistry: undefined });
  });

  test('notes members that npm does not write, once a name', () => {
    const { observations } = read({ 'node_modules/a': { evil: 1 }, 'node_modules/b': { evil: 2 } }, { shadow: {} });
    assert.deepEqual(
      observations.map(({ code, found }) => [code, found]),
      [
        ['unexpected-field', 'shadow'],
        ['unexpected-field', 'packages["node_modules/a"].evil'],
      ],
    );
  });

  test('the order of keys changes the order of entries alone', () => {
    const packages = { '': { dependencies: { b: '1' } }, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': {} };
    const reversed = Object.fromEntries(Object.entries(packages).toReversed());
    const byId = (content: Json): unknown =>
      read(content)
        .entries.map(({ position: _, ...entry }) => entry)
        .toSorted((x, y) => x.id.localeCompare(y.id));
    assert.deepEqual(byId(packages), byId(reversed));
  });
});

describe('readNpm: sources', () => {
  const sources: readonly (readonly [why: string, entry: Json, spec: string, source: Source])[] = [
    [
      'a registry tarball',
      { version: '1.0.0', resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz' },
      '^1.0.0',
      { type: 'registry', url: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz', namedRegistry: undefined },
    ],
    [
      'a URL that nobody asks for is a registry package with an odd URL',
      { version: '1.0.0', resolved: 'http://evil.example/a.tgz' },
      '^1.0.0',
      { type: 'registry', url: 'http://evil.example/a.tgz', namedRegistry: undefined },
    ],
    [
      'a URL that the dependent asks for',
      { version: '1.0.0', resolved: 'https://example.com/a.tgz' },
      'https://example.com/a.tgz',
      { type: 'tarball', url: 'https://example.com/a.tgz' },
    ],
    [
      'git',
      { version: '1.0.0', resolved: 'git+ssh://git@github.com/o/a.git#0123456789012345678901234567890123456789' },
      'o/a',
      {
        type: 'git',
        repository: 'git+ssh://git@github.com/o/a.git',
        commit: '0123456789012345678901234567890123456789',
        path: undefined,
      },
    ],
    [
      'git without a commit',
      { resolved: 'git+https://example.com/a.git' },
      'git+https://example.com/a.git',
      { type: 'git', repository: 'git+https://example.com/a.git', commit: undefined, path: undefined },
    ],
    [
      'a local tarball',
      { version: '1.0.0', resolved: 'file:a-1.0.0.tgz' },
      'file:a-1.0.0.tgz',
      { type: 'file', path: 'a-1.0.0.tgz' },
    ],
    [
      'a local tarball for a range',
      { version: '1.0.0', resolved: 'file:evil.tgz' },
      '^1.0.0',
      { type: 'file', path: 'evil.tgz' },
    ],
    [
      'a directory that is packed',
      { version: '1.0.0', resolved: 'file:local/a' },
      'file:local/a',
      { type: 'directory', path: 'local/a' },
    ],
    ['a link', { link: true, resolved: 'local/a' }, 'file:local/a', { type: 'link', path: 'local/a' }],
    ['a link to the root', { link: true, resolved: '' }, '*', { type: 'link', path: '.' }],
    [
      'a scheme that npm does not fetch',
      { version: '1.0.0', resolved: 'ftp://example.com/a.tgz' },
      '^1.0.0',
      { type: 'unknown', reason: 'resolved is no URL that npm fetches: ftp://example.com/a.tgz' },
    ],
  ];
  for (const [why, entry, spec, source] of sources) {
    test(why, () => {
      const lockfile = read({ '': { dependencies: { a: spec } }, 'node_modules/a': entry });
      assert.deepEqual(entryOf(lockfile, 'node_modules/a').source, source);
    });
  }

  test('an alias: the name field is the real name', () => {
    const { name, aliases } = entryOf(
      read({ 'node_modules/ms': { name: 'inherits', version: '2.0.4' } }),
      'node_modules/ms',
    );
    assert.equal(name, 'inherits');
    assert.deepEqual(aliases, ['ms']);
  });

  test('a directory is a workspace only if the root names it', () => {
    const packages = {
      '': { workspaces: ['packages/*', '!packages/no', './tools/{x,y}', 'deep/**'] },
      'packages/a': {},
      'packages/no': {},
      'packages/a/b': {},
      'tools/x': {},
      'tools/z': {},
      'deep/1/2/3': {},
      evil: { name: 'ms', version: '2.1.3' },
    };
    const lockfile = read(packages);
    const workspaces = lockfile.entries.filter(({ source }) => source.type === 'workspace').map(({ id }) => id);
    assert.deepEqual(workspaces, ['packages/a', 'tools/x', 'deep/1/2/3']);
    assert.deepEqual(
      lockfile.importers.map((importer) => importer.path),
      ['.', ...workspaces],
    );
    assert.equal(entryOf(lockfile, 'evil').source.type, 'directory');
  });

  test('workspace patterns cannot make the reader go back for ever', () => {
    const lockfile = read({
      '': { workspaces: [`${'*a'.repeat(5000)}b`, `${'**/a/'.repeat(50)}b`] },
      ['a'.repeat(5000)]: {},
    });
    assert.equal(lockfile.entries[0]?.source.type, 'directory');
  });
});

describe('readNpm: edges', () => {
  test('are answered as Node resolves, nearest first', () => {
    const lockfile = read({
      '': { workspaces: ['packages/*'], dependencies: { a: '1', l: 'file:local/l', gone: '1' } },
      'node_modules/a': {
        version: '1.0.0',
        dependencies: { b: '^1', w: '*' },
        peerDependencies: { p: '*', q: '*' },
        peerDependenciesMeta: { q: { optional: true } },
      },
      'node_modules/a/node_modules/b': { version: '1.0.0', optionalDependencies: { c: '*' }, dependencies: { c: '*' } },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/c': { version: '1.0.0' },
      'node_modules/p': { version: '1.0.0' },
      'node_modules/l': { link: true, resolved: 'local/l' },
      'node_modules/w': { link: true, resolved: 'packages/w' },
      'node_modules/out': { link: true, resolved: '../out' },
      'local/l': { dependencies: { out: '*' } },
      'packages/w': { dependencies: { b: '^3' }, devDependencies: { c: '*' } },
      'packages/w/node_modules/b': { version: '3.0.0' },
    });
    const edges = new Map([
      ...lockfile.importers.map((i) => [i.path, i.edges] as const),
      ...lockfile.entries.map((e) => [e.id, e.edges] as const),
    ]);
    const found = Object.fromEntries(
      [...edges].filter(([, own]) => own.length > 0).map(([id, own]) => [id, targets(own)]),
    );
    assert.deepEqual(found, {
      '.': ['prod a -> node_modules/a', 'prod l -> local/l', 'prod gone -> none'],
      'node_modules/a': [
        'prod b -> node_modules/a/node_modules/b',
        'prod w -> importer packages/w',
        'peer p -> node_modules/p',
        'optional-peer q -> none',
      ],
      'node_modules/a/node_modules/b': ['optional c -> node_modules/c'],
      'local/l': ['prod out -> link ../out'],
    });
    assert.deepEqual(targets(lockfile.importers[1]?.edges ?? []), [
      'prod b -> packages/w/node_modules/b',
      'dev c -> node_modules/c',
    ]);
  });

  test('a directory out of the project does not see what is inside', () => {
    const lockfile = read({ '../out': { dependencies: { a: '*' } }, 'node_modules/a': { version: '1.0.0' } });
    assert.deepEqual(targets(entryOf(lockfile, '../out').edges), ['prod a -> none']);
  });

  test('specifiers and places are kept as recorded', () => {
    const [edge] = entryOf(read({ 'node_modules/a': { dependencies: { b: 'npm:c@1' } } }), 'node_modules/a').edges;
    assert.deepEqual([edge?.spec, edge?.position], ['npm:c@1', { line: 1, column: 68 }]);
  });
});

describe('readNpm: bundles', () => {
  const classOf = (lockfile: Lockfile, id: string): unknown => {
    const { source } = entryOf(lockfile, id);
    return source.type === 'bundled' ? `in ${source.parent}` : source.type;
  };

  test('what a package bundles, what is below it, and what that finds beside it', () => {
    const inBundle = true;
    const lockfile = read({
      'node_modules/npm': { version: '1.0.0', bundleDependencies: ['a'], dependencies: { a: '*', d: '*' } },
      'node_modules/npm/node_modules/a': { inBundle, dependencies: { b: '*' } },
      'node_modules/npm/node_modules/a/node_modules/c': { inBundle },
      'node_modules/npm/node_modules/b': { inBundle },
      'node_modules/npm/node_modules/d': { inBundle },
    });
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a/node_modules/c'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/b'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/d'), 'registry', 'd is beside, but not bundled');
    assert.deepEqual(
      lockfile.observations.map(({ code, entry }) => [code, entry]),
      [['false-bundle-claim', 'node_modules/npm/node_modules/d']],
    );
  });

  test('a claim that nothing supports does not take the entry out of verification', () => {
    const lockfile = read({ 'node_modules/ms': { version: '2.1.3', inBundle: true } });
    assert.equal(classOf(lockfile, 'node_modules/ms'), 'registry');
    assert.deepEqual(
      lockfile.observations.map(({ code }) => code),
      ['false-bundle-claim'],
    );
  });

  test('an entry with a URL of its own is verified, bundled or not', () => {
    const lockfile = read({
      'node_modules/a': { version: '1.0.0', bundleDependencies: true, dependencies: { ms: '*' } },
      'node_modules/a/node_modules/ms': { version: '2.1.3', inBundle: true, resolved: 'https://evil.example/x.tgz' },
    });
    assert.equal(classOf(lockfile, 'node_modules/a/node_modules/ms'), 'registry');
  });

  test('what the root bundles when it is packed is fetched all the same', () => {
    const lockfile = read({
      '': { bundleDependencies: ['a'], dependencies: { a: '*' } },
      'node_modules/a': { version: '1.0.0', inBundle: true },
    });
    assert.equal(classOf(lockfile, 'node_modules/a'), 'registry');
    assert.deepEqual(lockfile.observations, []);
  });

  test('version 1: in the nearest tarball above, if there is one', () => {
    const bundled = true;
    const lockfile = readNpm(
      lockfileText({
        lockfileVersion: 1,
        dependencies: {
          npm: {
            version: '1.0.0',
            dependencies: { a: { version: '1.0.0', bundled, dependencies: { b: { version: '1.0.0', bundled } } } },
          },
          c: { version: '1.0.0', bundled },
        },
      }),
    );
    assertCoherent(lockfile);
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/npm/node_modules/a/node_modules/b'), 'in node_modules/npm');
    assert.equal(classOf(lockfile, 'node_modules/c'), 'registry');
    assert.deepEqual(
      lockfile.observations.map(({ code, entry }) => [code, entry]),
      [['false-bundle-claim', 'node_modules/c']],
    );
  });
});

describe('readNpm: version 1', () => {
  const v1 = (dependencies: Json): Lockfile =>
    readNpm(lockfileText({ lockfileVersion: 1, requires: true, dependencies }));

  test('an empty project has no tree', () => {
    assert.deepEqual(readNpm(lockfileText({ lockfileVersion: 1 })).entries, []);
  });

  const versions: readonly (readonly [version: string, name: string, exact: string | undefined, source: Source])[] = [
    ['1.0.0', 'a', '1.0.0', { type: 'registry', url: undefined, namedRegistry: undefined }],
    ['npm:@s/b@2.0.0', '@s/b', '2.0.0', { type: 'registry', url: undefined, namedRegistry: undefined }],
    ['file:x.tgz', 'a', undefined, { type: 'file', path: 'x.tgz' }],
    ['file:local/a', 'a', undefined, { type: 'link', path: 'local/a' }],
    [
      'git+https://example.com/a.git#abc',
      'a',
      undefined,
      { type: 'git', repository: 'git+https://example.com/a.git', commit: 'abc', path: undefined },
    ],
    ['github:o/a#abc', 'a', undefined, { type: 'git', repository: 'github:o/a', commit: 'abc', path: undefined }],
  ];
  for (const [version, name, exact, source] of versions) {
    test(`version ${version}`, () => {
      const entry = entryOf(v1({ a: { version } }), 'node_modules/a');
      assert.deepEqual([entry.name, entry.version, entry.source], [name, exact, source]);
    });
  }

  test('a URL is a tarball where somebody asks for it', () => {
    const url = 'https://example.com/a.tgz';
    const lockfile = v1({ a: { version: url }, b: { version: '1.0.0', requires: { a: url } } });
    assert.deepEqual(entryOf(lockfile, 'node_modules/a').source, { type: 'tarball', url });
  });

  const refused: readonly (readonly [why: string, dependencies: unknown, code: ErrorCode])[] = [
    ['a range for a version', { a: { version: '^1.0.0' } }, 'ERR_LOCKFILE_FIELD'],
    ['an alias of nothing', { a: { version: 'npm:' } }, 'ERR_LOCKFILE_FIELD'],
    ['an alias without a version', { a: { version: 'npm:b' } }, 'ERR_LOCKFILE_FIELD'],
    ['an alias of a range', { a: { version: 'npm:b@^1.0.0' } }, 'ERR_LOCKFILE_FIELD'],
    ['a directory not in normal form', { a: { version: 'file:./a/../b' } }, 'ERR_LOCKFILE_PATH'],
    ['a name with a path in it', { 'x/node_modules/ms': { version: '1.0.0' } }, 'ERR_LOCKFILE_NAME'],
    ['a name that goes up', { '..': { version: '1.0.0' } }, 'ERR_LOCKFILE_NAME'],
    ['bundled in words', { a: { version: '1.0.0', bundled: 'yes' } }, 'ERR_LOCKFILE_FIELD'],
    ['a tree in a list', [], 'ERR_LOCKFILE_FIELD'],
  ];
  for (const [why, dependencies, code] of refused) {
    test(`refuses ${why}`, () => assertRefused(() => v1(dependencies as Json), code));
  }
});

describe('readNpm: two sections', () => {
  const packages = {
    '': {},
    'node_modules/a': { version: '1.0.0', resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz', integrity: SHA512 },
  };
  const tree = { a: { version: '1.0.0', resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz', integrity: SHA512 } };
  const disagreements = (dependencies: Json, version = 2): readonly (string | undefined)[] =>
    read(packages, { dependencies, lockfileVersion: version }).observations.map(({ code, entry, expected }) => {
      assert.equal(code, 'sections-disagree');
      assert.ok(entry);
      return expected;
    });

  test('that agree are no news', () => assert.deepEqual(disagreements(tree), []));

  const cases: readonly (readonly [why: string, dependencies: Json, expected: readonly RegExp[]])[] = [
    ['another version', { a: { ...tree.a, version: '1.0.1' } }, [/^version 1\.0\.0/]],
    ['another URL', { a: { ...tree.a, resolved: 'https://evil.example/a.tgz' } }, [/^resolved /]],
    ['no URL', { a: { version: '1.0.0', integrity: SHA512 } }, [/^resolved /]],
    ['no integrity', { a: { version: '1.0.0', resolved: tree.a.resolved } }, [/^integrity /]],
    ['another name', { a: { ...tree.a, version: 'npm:b@1.0.0' } }, [/^name a/]],
    ['a directory', { a: { version: 'file:evil' } }, [/^link /, /^resolved /, /^integrity /]],
    ['nothing', {}, [/entry in dependencies/]],
    ['one more', { ...tree, b: { version: '1.0.0' } }, [/entry in packages/]],
    ['one more below', { a: { ...tree.a, dependencies: { b: { version: '1.0.0' } } } }, [/entry in packages/]],
  ];
  for (const [why, dependencies, expected] of cases) {
    test(`the old one has ${why}`, () => {
      const found = disagreements(dependencies);
      assert.equal(found.length, expected.length, String(found));
      for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
    });
  }

  test('packages counts whatever the version says, and is compared', () => {
    assert.equal(disagreements({ a: { version: '9.9.9' } }, 1).length, 3);
    assert.equal(disagreements({ a: { version: '9.9.9' } }, 3).length, 3);
  });

  test('what the old tree has below a link is what packages has below its target', () => {
    const lockfile = read(
      {
        '': { workspaces: ['w'] },
        w: {},
        'node_modules/w': { link: true, resolved: 'w' },
        'w/node_modules/b': { version: '1.0.0' },
      },
      { lockfileVersion: 2, dependencies: { w: { version: 'file:w', dependencies: { b: { version: '1.0.0' } } } } },
    );
    assert.deepEqual(lockfile.observations, []);
  });
});

describe('readNpm: version 4', () => {
  test('patches and extensions are claims, and stand at their entries', () => {
    const lockfile = read(
      {
        '': { packageExtensionsHash: SHA512 },
        'node_modules/ms': {
          version: '2.1.3',
          patched: { path: 'patches/ms.patch', integrity: SHA512 },
          packageExtensionsApplied: { selector: 'ms@2', dependencies: ['inherits'] },
        },
        'node_modules/b': { version: '1.0.0', npmExtensionApplied: true },
      },
      { lockfileVersion: 4 },
    );
    const patch = { path: 'patches/ms.patch', hash: { algorithm: 'sha512', value: '07'.repeat(64) } };
    assert.deepEqual(entryOf(lockfile, 'node_modules/ms').patch, patch);
    assert.deepEqual(lockfile.claims.patches, new Map([['node_modules/ms', patch]]));
    assert.deepEqual(lockfile.claims.packageExtensions, ['b', 'ms@2']);
    assert.deepEqual(lockfile.observations, []);
  });
});
