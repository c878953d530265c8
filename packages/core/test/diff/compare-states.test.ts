import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import {
  bareFacts,
  compareStates,
  pairArtifacts,
  TRUST_SIGNS,
  type LockedArtifact,
  type LockedState,
  type SideFacts,
  type TarballFile,
  type TrustDiff,
} from '@lockseal/core';

const NOW = Date.parse('2026-11-22T00:00:00.000Z');
const OLD = '2025-01-01T00:00:00.000Z';
const day = (days: number): string => new Date(NOW - days * 86_400_000).toISOString();

const artifact = (name: string, version: string, changes: Partial<LockedArtifact> = {}): LockedArtifact => ({
  name,
  version,
  source: 'registry',
  place: undefined,
  pin: { kind: 'sha512', value: `${name}@${version}` },
  patch: undefined,
  optional: false,
  entries: [name],
  leadsTo: new Map(),
  ...changes,
});
const state = (artifacts: readonly LockedArtifact[], changes: Partial<LockedState> = {}): LockedState => ({
  origin: 'package-lock.json',
  format: 'npm',
  formatVersion: '3',
  artifacts,
  importers: [],
  bundled: new Set(),
  ...changes,
});
const builder = {
  issuer: 'https://token.actions.githubusercontent.com',
  repository: 'https://github.com/acme/a',
  repositoryId: '1',
  ownerId: '2',
  workflow: '.github/workflows/release.yml',
  ref: 'refs/tags/v1',
  trigger: 'push',
  runnerEnvironment: 'github-hosted',
};
/** A version about which nothing is remarkable. */
const calm: Partial<SideFacts> = {
  grade: 'proven',
  builder,
  publisher: 'alice',
  publishedAt: OLD,
  firstPublishedAt: OLD,
  earlierPublishers: ['alice'],
  installScripts: { proof: 'tarball', names: [], sha256: undefined, texts: [] },
};

interface Sides {
  readonly before?: Partial<SideFacts>;
  readonly after?: Partial<SideFacts>;
}

function compare(old: LockedState, now: LockedState, { before = {}, after = {} }: Sides = {}): TrustDiff {
  return compareStates({
    before: old,
    after: now,
    pairing: pairArtifacts(old, now),
    factsBefore: (each) => ({ ...bareFacts(each), ...calm, ...before }),
    factsAfter: (each) => ({ ...bareFacts(each), ...calm, ...after }),
    pathTo: (each) => ['.', each.name],
    now: NOW,
  });
}

const signsOf = ({ changes }: TrustDiff): readonly string[] =>
  changes.flatMap(({ signs }) => signs.map(({ sign }) => sign));
const upgrade = (sides: Sides): TrustDiff =>
  compare(state([artifact('a', '1.0.0')]), state([artifact('a', '1.1.0')]), sides);
const addition = (after: Partial<SideFacts>): TrustDiff =>
  compare(state([]), state([artifact('a', '1.0.0')]), { after });

describe('an upgrade', () => {
  test('by the same people from the same place is no change in trust', () => {
    const diff = upgrade({ after: { builder: { ...builder, ref: 'refs/tags/v2' } } });
    assert.deepEqual(diff.changes, []);
    assert.equal(diff.quiet.length, 1);
  });

  const script = (text: string): SideFacts['installScripts'] => ({
    proof: 'tarball',
    names: ['install'],
    sha256: text,
    texts: [text],
  });
  const file = (path: string, changes: Partial<TarballFile> = {}): TarballFile => ({
    path,
    size: 1,
    sha256: path,
    executable: false,
    program: undefined,
    ...changes,
  });
  const contents = (list: readonly TarballFile[], unpackedSize = 10): Partial<SideFacts> => ({
    contents: { files: list.length, unpackedSize, list },
  });
  const cases: readonly ({ readonly why: string; readonly says: readonly string[] } & Sides)[] = [
    { why: 'evidence against it', after: { grade: 'contradicted', reason: 'x' }, says: ['contradicted'] },
    { why: 'provenance is gone', after: { grade: 'signed', builder: undefined }, says: ['grade-fell'] },
    { why: 'provenance is new', before: { grade: 'signed', builder: undefined }, says: ['grade-rose'] },
    { why: 'another repository', after: { builder: { ...builder, repository: 'x' } }, says: ['builder-changed'] },
    {
      why: 'a repository that was deleted and made again has another number',
      after: { builder: { ...builder, repositoryId: '9' } },
      says: ['builder-changed'],
    },
    { why: 'another workflow', after: { builder: { ...builder, workflow: 'x' } }, says: ['workflow-changed'] },
    {
      why: 'a runner of its own',
      after: { builder: { ...builder, runnerEnvironment: 'self-hosted' } },
      says: ['workflow-changed'],
    },
    {
      why: 'an approval keeps an identity in short, which is no difference',
      before: { builder: { ...builder, repositoryId: undefined, ownerId: undefined, trigger: undefined } },
      says: [],
    },
    { why: 'a script', after: { installScripts: script('a') }, says: ['script-added'] },
    {
      why: 'the same script',
      before: { installScripts: script('a') },
      after: { installScripts: script('a') },
      says: [],
    },
    {
      why: 'another text of the script',
      before: { installScripts: script('a') },
      after: { installScripts: script('b') },
      says: ['script-changed'],
    },
    { why: 'a script is gone', before: { installScripts: script('a') }, says: [] },
    {
      why: 'scripts are not known on one side',
      before: { installScripts: undefined },
      after: { installScripts: script('a') },
      says: [],
    },
    { why: 'another account', after: { publisher: 'mallory' }, says: ['publisher-changed'] },
    { why: 'an account that published before', after: { publisher: 'bob', earlierPublishers: ['bob'] }, says: [] },
    { why: 'published yesterday', after: { publishedAt: day(1) }, says: ['release-young'] },
    { why: 'published four days before', after: { publishedAt: day(4) }, says: [] },
    { why: 'a time that is none', after: { publishedAt: 'yesterday' }, says: [] },
    { why: 'deprecated', after: { deprecated: 'use b' }, says: ['deprecated'] },
    { why: 'deprecated before, too', before: { deprecated: 'use b' }, after: { deprecated: 'use b' }, says: [] },
    {
      why: 'a binding.gyp: the quietest way to run code',
      before: contents([file('index.js')]),
      after: contents([file('binding.gyp'), file('index.js')]),
      says: ['script-added'],
    },
    {
      why: 'a program in a folder of its own is named once',
      before: contents([file('index.js')]),
      after: contents([file('bin/x', { program: 'elf', executable: true }), file('index.js')]),
      says: ['program-added'],
    },
    {
      why: 'a file to run, and one out of place',
      before: contents([file('index.js')]),
      after: contents([file('.vscode/tasks.json'), file('run', { executable: true })]),
      says: ['executable-added', 'file-out-of-place'],
    },
    {
      why: 'a payload of two megabytes',
      before: contents([file('index.js')], 300_000),
      after: contents([file('index.js', { sha256: 'x' })], 2_300_000),
      says: ['size-jumped'],
    },
    {
      why: 'a small package that tripled is no jump',
      before: contents([file('index.js')], 100),
      after: contents([file('index.js', { sha256: 'x' })], 400),
      says: [],
    },
  ];
  for (const { why, says, ...sides } of cases) {
    test(`${why}: ${says.length === 0 ? 'quiet' : says.join(', ')}`, () =>
      assert.deepEqual(signsOf(upgrade(sides)), says));
  }

  test('whose evidence could not be had is told, and no fall of a grade is made up', () => {
    const undecided = { check: 'provenance', error: 'ERR_TIMEOUT', reason: 'no answer' } as const;
    const diff = upgrade({ after: { grade: 'signed', builder: undefined, undecided } });
    assert.deepEqual(signsOf(diff), []);
    assert.equal(diff.changes.length, 1);
    assert.equal(upgrade({ before: { undecided } }).changes.length, 1);
  });
});

describe('other changes', () => {
  test('a new package is always told; a young or unproven one says so', () => {
    assert.deepEqual(signsOf(addition({})), ['package-added']);
    assert.deepEqual(signsOf(addition({ grade: 'unsigned', firstPublishedAt: day(3) })), [
      'unproven',
      'package-young',
      'package-added',
    ]);
  });

  test('another version of a package that is locked already', () => {
    const old = state([artifact('a', '1.0.0')]);
    assert.deepEqual(signsOf(compare(old, state([...old.artifacts, artifact('a', '2.0.0')]))), ['version-added']);
  });

  test('the same version with other bytes, from elsewhere, without a pin, patched', () => {
    const swapped = (changes: Partial<LockedArtifact>): readonly string[] =>
      signsOf(compare(state([artifact('a', '1.0.0')]), state([artifact('a', '1.0.0', changes)])));
    assert.deepEqual(swapped({ pin: { kind: 'sha512', value: 'x' } }), ['bytes-swapped']);
    assert.deepEqual(swapped({ pin: { kind: 'none', value: '' } }), ['pin-lost']);
    assert.deepEqual(swapped({ patch: 'p' }), ['patch-changed']);
    assert.deepEqual(
      swapped({ source: 'tarball', place: 'https://evil.example/', pin: { kind: 'sha512', value: 'x' } }),
      ['bytes-swapped', 'source-changed'],
    );
  });

  test('a weaker pin of the same version', () => {
    const sha1 = { pin: { kind: 'integrity of the tarball', value: 'sha1-x' } };
    const diff = compare(state([artifact('a', '1.0.0')]), state([artifact('a', '1.0.0', sha1)]));
    assert.deepEqual(signsOf(diff), ['pin-changed']);
  });

  test('a version that went down, and a dependency that leads elsewhere', () => {
    assert.deepEqual(signsOf(compare(state([artifact('a', '1.1.0')]), state([artifact('a', '1.0.0')]))), [
      'version-fell',
    ]);
    const to = (name: string): Partial<LockedArtifact> => ({ leadsTo: new Map([['ms', new Set([name])]]) });
    const diff = compare(state([artifact('a', '1.0.0', to('ms'))]), state([artifact('a', '1.0.0', to('msx'))]), {
      after: { publishedAt: day(1) },
    });
    assert.deepEqual(signsOf(diff), ['dependency-redirected']);
  });

  test('what is gone is counted, and nothing more', () => {
    const diff = compare(state([artifact('a', '1.0.0'), artifact('b', '1.0.0')]), state([artifact('b', '1.0.0')]));
    assert.deepEqual([diff.changes.length, diff.removed.length, diff.unchanged], [0, 1, 1]);
  });

  test('the gravest comes first, then the name; new dependencies are named by who brings them', () => {
    const brings: Partial<LockedArtifact> = { leadsTo: new Map([['z', new Set(['z'])]]) };
    const old = state([artifact('b', '1.0.0'), artifact('c', '2.0.0')]);
    const now = state([
      artifact('b', '1.1.0', brings),
      artifact('c', '1.0.0'),
      artifact('z', '1.0.0'),
      artifact('a', '1.0.0'),
    ]);
    const diff = compare(old, now, { after: { publisher: 'mallory' } });
    assert.deepEqual(
      diff.changes.map(({ name }) => name),
      ['c', 'b', 'a', 'z'],
    );
    assert.deepEqual(diff.changes[1]?.brings, ['z@1.0.0']);
  });

  test('scripts are told with their texts, where both are known', () => {
    const scripts = (text: string): SideFacts['installScripts'] => ({
      proof: 'tarball',
      names: ['install'],
      sha256: text,
      texts: [text],
    });
    const { changes } = upgrade({ before: { installScripts: scripts('a') }, after: { installScripts: scripts('b') } });
    assert.deepEqual(changes[0]?.scripts, [{ name: 'install', before: 'a', after: 'b' }]);
    const approved = { proof: 'tarball', names: ['install'], sha256: undefined } as const;
    assert.deepEqual(
      upgrade({ before: { installScripts: approved }, after: { installScripts: scripts('b') } }).quiet[0]?.scripts,
      [],
    );
  });
});

describe('what formats make differ', () => {
  const bundled = artifact('inner', '1.0.0');
  const npm = state([], { bundled: new Set(['inner']) });

  test('Yarn 1 lists what npm records as bundled', () => {
    const diff = compare(npm, state([bundled], { format: 'yarn-classic' }));
    assert.deepEqual([diff.changes, diff.byDesign], [[], [{ reason: 'bundled-listed', packages: ['inner@1.0.0'] }]]);
  });

  test('Deno leaves out what is local or optional', () => {
    const local = artifact('local', '1.0.0', { source: 'file' });
    const optional = artifact('fsevents', '2.0.0', { optional: true });
    const diff = compare(state([local, optional, artifact('c', '1.0.0')]), state([], { format: 'deno' }));
    assert.deepEqual(diff.byDesign, [{ reason: 'left-out-by-deno', packages: ['fsevents@2.0.0', 'local@1.0.0'] }]);
    assert.equal(diff.removed.length, 1);
  });

  test('within one format nothing differs by design', () => {
    assert.deepEqual(compare(npm, state([bundled])).byDesign, []);
  });
});

test('a grave sign stands before a notable one, and that before a minor one', () => {
  const weights = Object.values(TRUST_SIGNS).map(({ weight }) => ['grave', 'notable', 'minor'].indexOf(weight));
  assert.deepEqual(
    weights.toSorted((a, b) => a - b),
    weights,
  );
});

test('docs/diff.md explains every sign, in the order of their gravity', () => {
  const page = fs.readFileSync(new URL('../../../../docs/diff.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (grave|notable|minor) \|/gm)].map(([, sign, weight]) => [
    sign,
    weight,
  ]);
  assert.deepEqual(
    rows,
    Object.entries(TRUST_SIGNS).map(([sign, { weight }]) => [sign, weight]),
  );
});
