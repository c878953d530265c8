import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Evidence, Finding, LockedPackage, Lockfile, RegistryMap } from '@lockseal/core';
import type { Report } from '@lockseal/report';
import { evidenceOf, locked, provenance, signedChecks, verificationOf } from '../../../../test/support/verification.ts';
import { learn, type Learned } from '../../src/policy/learn.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const DIGEST = 'ab'.repeat(32);
const REGISTRIES: RegistryMap = {
  default: 'https://registry.npmjs.org/',
  scopes: new Map([['@acme', 'https://npm.acme.test/']]),
  named: new Map([['work', 'https://work.test/']]),
  mirrors: ['https://mirror.test/'],
};

interface Given {
  readonly entry: LockedPackage;
  readonly evidence?: Partial<Evidence>;
}

function learned(given: readonly Given[], findings: readonly Partial<Finding>[] = []): Learned {
  const entries = given.map(({ entry }, index) => ({ ...entry, id: `${index}` }));
  const evidence = given.map(({ evidence: changes }, index) =>
    evidenceOf(entries[index] ?? locked('x', '1.0.0'), changes),
  );
  const verification = verificationOf(evidence);
  const verified = { lockfile: { entries } as unknown as Lockfile, registries: REGISTRIES, verification };
  return learn(verified, { findings, verification } as unknown as Report, NOW);
}

const tool = (version = '1.2.0', name = 'tool'): LockedPackage => locked(name, version);
const built = (changes: Partial<typeof provenance.identity> = {}): Partial<Evidence> => ({
  checks: signedChecks({
    provenance: { status: 'verified', ...provenance, identity: { ...provenance.identity, ...changes } },
  }),
});
const runs = (sha256: string | undefined = DIGEST): Partial<Evidence> => ({
  installScripts: { proof: 'registry', names: ['postinstall'], sha256 },
});

describe('registries', () => {
  test('are those of which something is locked, each once', () => {
    const { registries } = learned([
      { entry: tool() },
      { entry: tool('1.0.0', 'b') },
      { entry: tool('1.0.0', '@acme/x') },
    ]);
    assert.deepEqual(registries, ['https://npm.acme.test/', 'https://registry.npmjs.org/']);
  });

  test('are none where nothing comes from one', () => {
    const source = { type: 'git', repository: 'https://x.test/a.git', commit: undefined, path: undefined } as const;
    assert.deepEqual(learned([{ entry: { ...tool(), source } }]).registries, []);
  });

  test('have names that entries call them by', () => {
    const source = { type: 'registry', url: undefined, namedRegistry: 'work' } as const;
    assert.deepEqual(learned([{ entry: { ...tool(), source } }]).registries, ['https://work.test/']);
  });
});

describe('scripts', () => {
  test('are allowed by digest, for what the caret of the version takes in', () => {
    assert.deepEqual(learned([{ entry: tool(), evidence: runs() }]).scripts, [
      { package: 'tool@^1.2.0', names: ['postinstall'], pinnedBy: 'sha256', digest: DIGEST },
    ]);
  });

  test('of git dependencies are allowed by commit', () => {
    const commit = 'c'.repeat(40);
    const source = { type: 'git', repository: 'https://x.test/a.git', commit, path: undefined } as const;
    assert.deepEqual(learned([{ entry: { ...tool(), source } }]).scripts, [
      { package: 'tool', names: ['prepare'], pinnedBy: 'commit', digest: commit },
    ]);
  });

  const nothing: readonly (readonly [why: string, given: Given])[] = [
    [
      'of a package that has none',
      { entry: tool(), evidence: { installScripts: { proof: 'registry', names: [], sha256: undefined } } },
    ],
    ['that nobody knows', { entry: { ...tool(), hasInstallScript: true } }],
    ['of no known version', { entry: locked('tool', undefined), evidence: runs() }],
    [
      'of a git dependency that is not pinned',
      {
        entry: {
          ...tool(),
          source: { type: 'git', repository: 'https://x.test/a', commit: undefined, path: undefined },
        },
      },
    ],
  ];
  for (const [why, given] of nothing)
    test(`${why} are not allowed`, () => assert.deepEqual(learned([given]).scripts, []));

  test('that stand in several entries are listed once, by package', () => {
    const { scripts } = learned([
      { entry: tool('1.0.0', 'z'), evidence: runs() },
      { entry: tool(), evidence: runs() },
      { entry: tool(), evidence: runs() },
      { entry: tool(), evidence: runs('cd'.repeat(32)) },
    ]);
    assert.deepEqual(
      scripts.map(({ package: name, digest }) => `${name} ${digest.slice(0, 2)}`),
      ['tool@^1.2.0 ab', 'tool@^1.2.0 cd', 'z@^1.0.0 ab'],
    );
  });
});

describe('identities', () => {
  const pins: readonly (readonly [why: string, given: readonly Given[], packages: readonly string[]])[] = [
    ['a package that is proven, by its name', [{ entry: tool(), evidence: built() }], ['tool']],
    [
      'all versions of it proven by one repository',
      [
        { entry: tool('1.0.0'), evidence: built() },
        { entry: tool('2.0.0'), evidence: built() },
      ],
      ['tool'],
    ],
    [
      'of two versions the proven one',
      [{ entry: tool('1.0.0') }, { entry: tool('2.0.0'), evidence: built() }],
      ['tool@^2.0.0'],
    ],
    [
      'none where the caret takes in one without provenance',
      [{ entry: tool('2.1.0') }, { entry: tool('2.0.0'), evidence: built() }],
      [],
    ],
    [
      'none where two repositories build it',
      [
        { entry: tool('1.0.0'), evidence: built() },
        { entry: tool('2.0.0'), evidence: built({ repository: 'https://github.com/other/tool' }) },
      ],
      [],
    ],
    ['none without a repository', [{ entry: tool(), evidence: built({ repository: undefined }) }], []],
    ['none without provenance', [{ entry: tool() }], []],
    ['none of what no registry serves', [{ entry: tool(), evidence: { ...built(), class: 'git' } }], []],
  ];
  for (const [why, given, packages] of pins) {
    test(why, () =>
      assert.deepEqual(
        learned(given).identities.map(({ package: name }) => name),
        packages,
      ),
    );
  }
});

describe('waivers', () => {
  const finding = (rule: string, changes: Partial<Finding> = {}): Partial<Finding> => {
    return { level: 'error', rule, subject: 'tool@1.2.0', entry: '0', ...changes };
  };

  test('are for what age and change object to, and end after thirty days', () => {
    const rules = ['release-age', 'young-new-dependency', 'identity-drift', 'provenance-downgrade'];
    const { waivers, open } = learned(
      [{ entry: tool() }],
      rules.map((rule) => finding(rule)),
    );
    const reason = 'locked before this policy was made';
    assert.deepEqual(
      waivers,
      rules.map((rule) => ({ package: 'tool@1.2.0', rule, reason, expires: '2026-12-22' })),
    );
    assert.equal(open, 0);
  });

  test('are not for evidence against a package, nor for the lockfile as a whole: these stay open', () => {
    const { waivers, open } = learned(
      [{ entry: tool() }],
      [finding('integrity'), finding('release-age', { entry: undefined }), finding('source')],
    );
    assert.deepEqual([waivers, open], [[], 3]);
  });

  test('are not for warnings, nor for scripts, which are allowed', () => {
    const { waivers, open } = learned(
      [{ entry: tool() }],
      [finding('release-age', { level: 'warn' }), finding('install-scripts')],
    );
    assert.deepEqual([waivers, open], [[], 0]);
  });

  test('are written once for several entries of one version', () => {
    const { waivers, open } = learned(
      [{ entry: tool() }],
      [finding('release-age'), finding('release-age', { entry: '1' })],
    );
    assert.deepEqual([waivers.length, open], [1, 0]);
  });
});
