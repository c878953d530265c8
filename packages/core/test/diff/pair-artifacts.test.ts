import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { pairArtifacts, type LockedArtifact, type LockedState, type Pairing } from '@lockseal/core';

const artifact = (
  name: string,
  version: string | undefined,
  changes: Partial<LockedArtifact> = {},
): LockedArtifact => ({
  name,
  version,
  source: 'registry',
  place: undefined,
  pin: { kind: 'sha512', value: `${name}@${version}` },
  patch: undefined,
  optional: false,
  entries: [`node_modules/${name}`],
  leadsTo: new Map(),
  ...changes,
});
const state = (artifacts: readonly LockedArtifact[], format: LockedState['format'] = 'npm'): LockedState => ({
  origin: 'a lockfile',
  format,
  formatVersion: '3',
  artifacts,
  importers: [],
  bundled: new Set(),
});
const a = (version: string | undefined, changes: Partial<LockedArtifact> = {}): LockedArtifact =>
  artifact('a', version, changes);
const pinned = (value: string): Partial<LockedArtifact> => ({ pin: { kind: 'sha512', value } });
const UNPINNED: Partial<LockedArtifact> = { pin: { kind: 'none', value: '' } };
const git = (place: string, version?: string): LockedArtifact => a(version, { source: 'git', place, ...UNPINNED });

const tell = ({ changes }: Pairing): readonly string[] =>
  changes.map(({ kind, before, after }) => `${kind} ${before?.version ?? '-'} ${after?.version ?? '-'}`);

describe('what became of the artifacts of one name', () => {
  const cases: readonly {
    readonly why: string;
    readonly before: readonly LockedArtifact[];
    readonly after: readonly LockedArtifact[];
    readonly says: readonly string[];
    readonly unchanged?: number;
  }[] = [
    { why: 'the same', before: [a('1.0.0')], after: [a('1.0.0')], says: [], unchanged: 1 },
    { why: 'a new name', before: [], after: [a('1.0.0')], says: ['added - 1.0.0'] },
    { why: 'gone', before: [a('1.0.0')], after: [], says: ['removed 1.0.0 -'] },
    { why: 'up', before: [a('1.0.0')], after: [a('1.0.1')], says: ['up 1.0.0 1.0.1'] },
    { why: 'down', before: [a('1.0.1')], after: [a('1.0.0')], says: ['down 1.0.1 1.0.0'] },
    { why: 'down to a prerelease', before: [a('1.0.0')], after: [a('1.0.0-rc.1')], says: ['down 1.0.0 1.0.0-rc.1'] },
    { why: 'other bytes', before: [a('1.0.0')], after: [a('1.0.0', pinned('x'))], says: ['swapped 1.0.0 1.0.0'] },
    { why: 'its pin is lost', before: [a('1.0.0')], after: [a('1.0.0', UNPINNED)], says: ['swapped 1.0.0 1.0.0'] },
    {
      why: 'a second copy of the same version has other bytes: one of several is swapped',
      before: [a('1.0.0')],
      after: [a('1.0.0'), a('1.0.0', pinned('x'))],
      says: ['swapped 1.0.0 1.0.0'],
      unchanged: 1,
    },
    {
      why: 'a copy with other bytes is gone: what stays was there',
      before: [a('1.0.0'), a('1.0.0', pinned('x'))],
      after: [a('1.0.0')],
      says: [],
      unchanged: 1,
    },
    {
      why: 'each release line goes its own way',
      before: [a('1.0.0'), a('2.0.0')],
      after: [a('2.1.0'), a('1.1.0')],
      says: ['up 2.0.0 2.1.0', 'up 1.0.0 1.1.0'],
    },
    {
      why: 'below 1.0.0 the minor version is the line',
      before: [a('0.1.0'), a('0.2.0')],
      after: [a('0.2.9'), a('0.3.0')],
      says: ['up 0.2.0 0.2.9', 'up 0.1.0 0.3.0'],
    },
    {
      why: 'one version more beside those that stay',
      before: [a('1.0.0')],
      after: [a('1.0.0'), a('2.0.0')],
      says: ['added - 2.0.0'],
      unchanged: 1,
    },
    {
      why: 'a registry package becomes a URL with the same version',
      before: [a('1.0.0')],
      after: [a('1.0.0', { source: 'tarball', place: 'https://evil.example/a.tgz' })],
      says: ['swapped 1.0.0 1.0.0'],
    },
    {
      why: 'a registry package becomes a git dependency',
      before: [a('1.0.0')],
      after: [git('c0ffee')],
      says: ['swapped 1.0.0 -'],
    },
    { why: 'another commit', before: [git('c0ffee')], after: [git('decade')], says: ['swapped - -'] },
    { why: 'the same commit', before: [git('c0ffee')], after: [git('c0ffee')], says: [], unchanged: 1 },
    {
      why: 'another patch',
      before: [a('1.0.0', { patch: 'one' })],
      after: [a('1.0.0', { patch: 'two' })],
      says: ['swapped 1.0.0 1.0.0'],
    },
  ];
  for (const { why, before, after, says, unchanged = 0 } of cases) {
    test(why, () => {
      const pairing = pairArtifacts(state(before), state(after));
      assert.deepEqual(tell(pairing), says);
      assert.equal(pairing.unchanged, unchanged);
      assert.deepEqual(pairing.unbound, []);
    });
  }
});

describe('pins within one format', () => {
  const weak: Partial<LockedArtifact> = { pin: { kind: 'integrity of the tarball', value: 'sha1-x' } };

  test('that got weaker are told; that got stronger are not', () => {
    assert.deepEqual(tell(pairArtifacts(state([a('1.0.0')]), state([a('1.0.0', weak)]))), ['unbound 1.0.0 1.0.0']);
    const stronger = pairArtifacts(state([a('1.0.0', weak)]), state([a('1.0.0')]));
    assert.deepEqual([tell(stronger), stronger.unbound.length], [[], 1]);
  });

  test('are no matter where the bytes are known to be the same', () => {
    const { changes, unchanged } = pairArtifacts(state([a('1.0.0')]), state([a('1.0.0', weak)]), () => 'a@1.0.0');
    assert.deepEqual([changes, unchanged], [[], 1]);
  });
});

describe('the project', () => {
  const project = (leadsTo: LockedArtifact['leadsTo']): LockedState => ({
    ...state([]),
    importers: [artifact('.', undefined, { source: 'project', leadsTo })],
  });
  const to = (name: string): LockedState => project(new Map([['ms', new Set([name])]]));

  test('whose own dependency leads to a package of another name is told, and counted nowhere', () => {
    const { changes, unchanged } = pairArtifacts(to('ms'), to('msx'));
    assert.deepEqual([changes.map(({ kind, after }) => [kind, after?.name]), unchanged], [[['redirected', '.']], 0]);
    assert.deepEqual(pairArtifacts(to('ms'), to('ms')).changes, []);
    assert.deepEqual(pairArtifacts(project(new Map()), to('msx')).changes, []);
  });
});

describe('edges', () => {
  const leads = (names: readonly string[]): Partial<LockedArtifact> => ({ leadsTo: new Map([['ms', new Set(names)]]) });

  test('that lead to a package of another name are told, though the bytes are the same', () => {
    assert.deepEqual(tell(pairArtifacts(state([a('1.0.0', leads(['ms']))]), state([a('1.0.0', leads(['msx']))]))), [
      'redirected 1.0.0 1.0.0',
    ]);
  });

  test('that are new, or led to more than one name before, are not', () => {
    for (const before of [leads(['ms', 'msx']), {}]) {
      assert.deepEqual(tell(pairArtifacts(state([a('1.0.0', before)]), state([a('1.0.0', leads(['msx']))]))), []);
    }
  });
});

describe('between formats', () => {
  const zip: Partial<LockedArtifact> = { pin: { kind: "zip of Yarn's cache 10c0", value: 'ff' } };
  const before = state([a('1.0.0')]);

  test('pins of different things tell nothing: neither same nor swapped', () => {
    const pairing = pairArtifacts(before, state([a('1.0.0', zip)], 'yarn-berry'));
    assert.deepEqual(tell(pairing), []);
    assert.deepEqual([pairing.unchanged, pairing.unbound.length], [0, 1]);
  });

  for (const [digest, says] of [
    ['a@1.0.0', []],
    ['other', ['swapped 1.0.0 1.0.0']],
  ] as const) {
    test(`the bytes tell, once they were read: ${digest}`, () => {
      const pairing = pairArtifacts(before, state([a('1.0.0', zip)], 'yarn-berry'), () => digest);
      assert.deepEqual(tell(pairing), says);
      assert.deepEqual(pairing.unbound, []);
    });
  }

  test('paths are written each in its own way, commits are not', () => {
    const file = (place: string): LockedArtifact => a(undefined, { source: 'file', place });
    assert.deepEqual(tell(pairArtifacts(state([file('x.tgz')]), state([file('./x.tgz')], 'pnpm'))), []);
    assert.deepEqual(tell(pairArtifacts(state([file('x.tgz')]), state([file('./x.tgz')]))), ['swapped - -']);
    assert.deepEqual(tell(pairArtifacts(state([git('a')]), state([git('b')], 'pnpm'))), ['swapped - -']);
  });

  test('an approval has the sha512 of everything: a weaker pin since then is told, a zip of Yarn tells nothing', () => {
    const approval = { ...state([a('1.0.0')]), format: undefined };
    const weak = { pin: { kind: 'integrity of the tarball', value: 'sha1-x' } };
    assert.deepEqual(tell(pairArtifacts(approval, state([a('1.0.0', UNPINNED)]))), ['swapped 1.0.0 1.0.0']);
    assert.deepEqual(tell(pairArtifacts(approval, state([a('1.0.0', weak)]))), ['unbound 1.0.0 1.0.0']);
    assert.deepEqual(pairArtifacts(approval, state([a('1.0.0', zip)], 'yarn-berry')).unbound.length, 1);
  });

  test('an approval names no versions of what comes from git', () => {
    const approval = { ...state([git('c0ffee')]), format: undefined };
    assert.deepEqual(tell(pairArtifacts(approval, state([git('c0ffee', '1.0.0')]))), []);
  });
});

describe('whatever is locked', () => {
  const some = fc.array(
    fc
      .record({
        name: fc.constantFrom('a', 'b', '__proto__'),
        version: fc.constantFrom('1.0.0', '1.1.0', '2.0.0', undefined),
        value: fc.constantFrom('x', 'y', ''),
      })
      .map(({ name, version, value }) =>
        artifact(name, version, { pin: { kind: value === '' ? 'none' : 'sha512', value } }),
      ),
    { maxLength: 8 },
  );

  test('compared with itself nothing changed', () => {
    fc.assert(
      fc.property(some, (all) => {
        assert.deepEqual(pairArtifacts(state(all), state(all)).changes, []);
      }),
    );
  });

  test('every artifact that is there now is told or unchanged: nothing is lost', () => {
    fc.assert(
      fc.property(some, some, (before, after) => {
        const { changes, unchanged, unbound } = pairArtifacts(state(before), state(after));
        const told = changes.filter((change) => change.after !== undefined).length;
        assert.equal(told + unchanged + unbound.length, after.length);
      }),
    );
  });

  test('a version of ten thousand copies is compared in linear time', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => a('1.0.0', pinned(String(index))));
    const others = many.map((each, index) => ({ ...each, pin: { kind: 'sha512', value: `x${index}` } }));
    assert.equal(pairArtifacts(state(many), state(others)).changes.length, 20_000);
  });
});
