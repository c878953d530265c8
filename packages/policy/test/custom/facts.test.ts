// What expressions see: of a package of which all is known, and of one of which nothing is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Evidence, LockedPackage } from '@lockseal/core';
import { defaultPolicy } from '@lockseal/policy';
import { celFacts, FACT_TYPES, type CelFacts } from '../../src/custom/facts.ts';
import { indexPatterns } from '../../src/pattern-index.ts';
import { evidenceOf, locked, provenance, signedChecks, verificationOf } from '../../../../test/support/verification.ts';
import { builtBy, daysAgo, history, loggedAt, NO_HISTORY, previous, PROVEN, published } from '../support/judge.ts';
import { NOW } from '../support/load.ts';

function factsOf(
  entry: LockedPackage,
  changes: Partial<Evidence> = {},
  path: readonly string[] | undefined = ['.', 'tool@1.2.0'],
): CelFacts {
  return celFacts({
    entry,
    evidence: evidenceOf(entry, changes),
    facts: {
      verification: verificationOf([]),
      now: NOW,
      registries: undefined,
      pinsOf: indexPatterns([], () => []),
      trust: defaultPolicy.trust,
      describe: () => entry,
      pathTo: () => path,
    },
  });
}

const tool = locked('tool', '1.2.0');
const NOT_READ = { status: 'not-applicable', reason: 'x' } as const;

test('of a package of which all is known', () => {
  const { identity } = provenance;
  const found = factsOf(
    { ...locked('@acme/tool', '1.2.0'), source: { type: 'registry', url: 'https://r.test/t.tgz', namedRegistry: 'r' } },
    {
      grade: 'proven',
      checks: signedChecks({ provenance: PROVEN, publishAttestation: loggedAt(4.5) }),
      published: published({ deprecated: 'x', publisher: 'ana' }),
      reach: { direct: true, kind: 'dev' },
      installScripts: { proof: 'tarball', names: ['install'], sha256: 'a' },
      observations: [{ code: 'git-source' }],
      change: 'changed',
      history: history({ previous: previous({ provenance: PROVEN }) }),
    },
  );
  assert.deepEqual(found, {
    pkg: {
      name: '@acme/tool',
      scope: '@acme',
      version: '1.2.0',
      class: 'registry',
      registry: 'https://r.test/t.tgz',
      direct: true,
      kind: 'dev',
      license: 'MIT',
      deprecated: true,
      publisher: 'ana',
      scripts: ['install'],
    },
    evidence: {
      grade: 'proven',
      signature: true,
      publishAttestation: true,
      provenance: true,
      ageDays: 4n,
      trustedTime: true,
      observations: ['git-source'],
    },
    identity: {
      issuer: identity.issuer,
      san: identity.san,
      repository: identity.repository,
      repositoryId: '1001',
      ownerId: '2002',
      workflow: identity.workflow,
      ref: identity.ref,
      commit: identity.commit,
      trigger: 'push',
      runnerEnvironment: 'github-hosted',
    },
    change: {
      kind: 'changed',
      previousVersion: '1.1.0',
      previousProvenance: true,
      earlierVersions: 20n,
      earlierPublishers: ['alice', 'bob'],
      packageAgeDays: 1000n,
    },
    path: ['.', 'tool@1.2.0'],
  });
});

test('of a package of which nothing is known: empty texts and lists, -1, and nothing that is true', () => {
  const entry: LockedPackage = { ...locked('tool', undefined), source: { type: 'unknown', reason: 'x' } };
  const checks = Object.fromEntries(Object.keys(signedChecks()).map((name) => [name, NOT_READ]));
  const { pkg, evidence, identity, change, path } = celFacts({
    entry,
    evidence: evidenceOf(entry, { class: 'unknown', grade: 'unprovable', checks: checks as Evidence['checks'] }),
    facts: {
      verification: verificationOf([]),
      now: NOW,
      registries: undefined,
      pinsOf: indexPatterns([], () => []),
      trust: defaultPolicy.trust,
      describe: () => entry,
      pathTo: () => undefined,
    },
  });
  assert.deepEqual(pkg, {
    name: 'tool',
    scope: '',
    version: '',
    class: 'unknown',
    registry: '',
    direct: false,
    kind: 'none',
    license: '',
    deprecated: false,
    publisher: '',
    scripts: [],
  });
  assert.deepEqual(evidence, {
    grade: 'unprovable',
    signature: false,
    publishAttestation: false,
    provenance: false,
    ageDays: -1n,
    trustedTime: false,
    observations: [],
  });
  assert.deepEqual(identity, Object.fromEntries(Object.keys(FACT_TYPES['identity'] ?? {}).map((name) => [name, ''])));
  assert.deepEqual(change, {
    kind: 'unknown',
    previousVersion: '',
    previousProvenance: false,
    earlierVersions: -1n,
    earlierPublishers: [],
    packageAgeDays: -1n,
  });
  assert.deepEqual(path, []);
});

describe('a fact', () => {
  const cases: readonly (readonly [why: string, fact: string, value: unknown, found: CelFacts])[] = [
    ['the registry as it told', 'pkg.registry', 'https://registry.npmjs.org/', factsOf(tool)],
    [
      'no registry of what is from elsewhere',
      'pkg.registry',
      '',
      factsOf(
        { ...tool, source: { type: 'tarball', url: 'https://x.test/' } },
        { checks: signedChecks({ registry: NOT_READ }) },
      ),
    ],
    [
      'no registry that an answer told which does not agree',
      'pkg.registry',
      '',
      factsOf(tool, {
        checks: signedChecks({
          registry: { status: 'invalid', code: 'url-mismatch', reason: 'x', url: 'https://x.test/' } as never,
        }),
      }),
    ],
    ['deprecated, by the lockfile', 'pkg.deprecated', true, factsOf({ ...tool, deprecated: 'x' })],
    ['not deprecated, by an empty text', 'pkg.deprecated', false, factsOf({ ...tool, deprecated: '' })],
    [
      "the registry's word before the lockfile's",
      'pkg.deprecated',
      false,
      factsOf({ ...tool, deprecated: 'x' }, { published: published({ deprecated: '' }) }),
    ],
    [
      'no identity of provenance that does not verify',
      'identity.issuer',
      '',
      factsOf(tool, {
        checks: signedChecks({
          provenance: { ...PROVEN, status: 'invalid', code: 'provenance-invalid', reason: 'x' } as never,
        }),
      }),
    ],
    ['a history that could not be had', 'change.earlierVersions', -1n, factsOf(tool, { history: NO_HISTORY })],
    [
      'an age in the future is none',
      'evidence.ageDays',
      0n,
      factsOf(tool, { history: history({ publishedAt: daysAgo(-3) }) }),
    ],
    [
      'whole days',
      'evidence.ageDays',
      4n,
      factsOf(tool, { checks: signedChecks({ provenance: builtBy({}, daysAgo(4.9)) }) }),
    ],
    ["the registry's word is not trusted", 'evidence.trustedTime', false, factsOf(tool, { history: history() })],
    [
      'a version before without provenance',
      'change.previousProvenance',
      false,
      factsOf(tool, { history: history({ previous: previous() }) }),
    ],
  ];
  for (const [why, fact, value, found] of cases) {
    test(`${fact}: ${why}`, () => {
      const [variable = '', member = ''] = fact.split('.');
      assert.equal((found[variable] as Readonly<Record<string, unknown>>)[member], value);
    });
  }

  test('that is a list has at most a hundred elements, for loops walk over it', () => {
    const many = Array.from({ length: 101 }, (_, at) => `n${at}`);
    const found = factsOf(
      tool,
      { observations: many.map(() => ({ code: 'git-source' })), history: history({ earlierPublishers: many }) },
      many,
    );
    const lists = [
      found['path'],
      ...(['evidence.observations', 'change.earlierPublishers'] as const).map((fact) => {
        const [variable = '', member = ''] = fact.split('.');
        return (found[variable] as Readonly<Record<string, unknown>>)[member];
      }),
    ];
    assert.deepEqual(
      lists.map((list) => (list as readonly unknown[]).length),
      [100, 100, 100],
    );
  });
});
