import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EvidenceSource, Fetched, HistoryVersion, PackageHistory, PublishedEntry } from '@lockseal/core';
import { checkHistory, type HistoryContext } from '../../src/history/check-history.ts';
import { entry } from '../edges/support/make.ts';

const tool = entry('tool@1.3.0') as PublishedEntry;
const nobody = async (): Promise<never> => assert.fail('not to be asked for');

function version(text: string, month: number, publisher: string | undefined = 'alice'): HistoryVersion {
  const publishedAt = `2026-${String(month).padStart(2, '0')}-01T00:00:00.000Z`;
  return { version: text, publishedAt, publisher, announcesProvenance: false, integrity: undefined };
}

const VERSIONS = [
  version('1.0.0', 1),
  version('1.1.0', 2, 'bob'),
  version('1.2.0', 7),
  version('1.3.0', 8, 'eve'),
  version('1.4.0', 9),
];

function contextOf(
  versions: readonly HistoryVersion[] | Fetched<PackageHistory>,
  changes: Partial<HistoryContext> = {},
): HistoryContext {
  const fetched: Fetched<PackageHistory> = 'status' in versions ? versions : { status: 'ok', value: { versions } };
  const source: EvidenceSource = {
    versionDocument: async () => ({ status: 'absent', reason: 'none' }),
    attestations: nobody,
    keys: nobody,
    tarball: nobody,
    cachedTarball: nobody,
    history: async () => fetched,
  };
  const invalid = { status: 'invalid', fault: 'signature', reason: 'none' } as const;
  const verifier = { verify: () => invalid, verifyConcurrently: async () => invalid };
  return {
    source,
    baseline: undefined,
    verifier,
    examines: true,
    readsTarballs: false,
    installScripts: undefined,
    ...changes,
  };
}

const locks = (...versions: string[]) => ({ origin: 'main', versions: new Map([['tool', versions]]) });

async function factsOf(context: HistoryContext, asked: PublishedEntry = tool) {
  const facts = await checkHistory(asked, context);
  return facts.status === 'verified' ? facts : assert.fail(facts.status);
}

describe('the history of a version', () => {
  test('tells when it and the first one were published, and who published before it', async () => {
    const facts = await factsOf(contextOf(VERSIONS));
    assert.equal(facts.publishedAt, '2026-08-01T00:00:00.000Z');
    assert.equal(facts.firstPublishedAt, '2026-01-01T00:00:00.000Z');
    assert.equal(facts.earlierVersions, 3);
    assert.deepEqual(facts.earlierPublishers, ['alice', 'bob']);
    assert.deepEqual([facts.previous?.version, facts.previous?.relation], ['1.2.0', 'line']);
  });

  test('is silent between the version before and this one', async () => {
    const { silence } = await factsOf(contextOf(VERSIONS));
    assert.deepEqual(silence, { from: '2026-07-01T00:00:00.000Z', to: '2026-08-01T00:00:00.000Z' });
  });

  test('with a baseline is silent at any time since then, and knows the accounts up to then', async () => {
    const facts = await factsOf(contextOf(VERSIONS, { baseline: locks('1.1.0') }));
    assert.deepEqual(facts.silence, { from: '2026-02-01T00:00:00.000Z', to: '2026-07-01T00:00:00.000Z' });
    assert.deepEqual(facts.earlierPublishers, ['alice', 'bob']);
    assert.deepEqual([facts.previous?.version, facts.previous?.relation], ['1.1.0', 'locked']);
    const sooner = await factsOf(contextOf(VERSIONS, { baseline: locks('1.0.0') }));
    assert.deepEqual(sooner.earlierPublishers, ['alice'], 'who came after the baseline is not known yet');
  });

  test('of a first version has nothing before it', async () => {
    const facts = await factsOf(contextOf([version('1.3.0', 8)]));
    assert.deepEqual(
      [facts.earlierVersions, facts.earlierPublishers, facts.silence, facts.previous],
      [0, [], undefined, undefined],
    );
  });

  test('passes over times and accounts that are not known', async () => {
    const unknown = { ...version('1.2.0', 7), publishedAt: undefined, publisher: undefined };
    const facts = await factsOf(contextOf([version('1.1.0', 2), unknown, version('1.3.0', 8)]));
    assert.equal(facts.silence, undefined);
    assert.deepEqual(facts.earlierPublishers, ['alice']);
    assert.equal(facts.earlierVersions, 2);
  });

  test('of a version that the registry does not list tells no time of it', async () => {
    const facts = await factsOf(contextOf(VERSIONS), entry('tool@9.0.0') as PublishedEntry);
    assert.deepEqual([facts.publishedAt, facts.earlierVersions], [undefined, 5]);
  });

  test('names at most a hundred accounts, the latest', async () => {
    const many = Array.from({ length: 150 }, (_, index) => version(`1.0.${index}`, 1, `account-${1000 + index}`));
    const { earlierPublishers } = await factsOf(contextOf([...many, version('1.3.0', 8)]));
    assert.equal(earlierPublishers.length, 100);
    assert.deepEqual([earlierPublishers[0], earlierPublishers.at(-1)], ['account-1050', 'account-1149']);
  });

  test('compares nothing with what the baseline has in the same version', async () => {
    assert.equal((await factsOf(contextOf(VERSIONS, { examines: false }))).previous, undefined);
  });

  for (const [why, fetched, status] of [
    ['cannot be had', { status: 'unavailable', error: 'ERR_NETWORK', reason: 'reset' }, 'unavailable'],
    ['is not there', { status: 'absent', reason: 'no such package' }, 'absent'],
  ] as const) {
    test(`that ${why} is told as such`, async () => {
      assert.equal((await checkHistory(tool, contextOf(fetched))).status, status);
    });
  }

  test('of a source that has none could not be looked at', async () => {
    const { source, ...context } = contextOf(VERSIONS);
    const without = Object.fromEntries(Object.entries(source).filter(([name]) => name !== 'history'));
    const facts = await checkHistory(tool, { ...context, source: without as unknown as EvidenceSource });
    assert.deepEqual(facts, { status: 'unavailable', error: 'ERR_CONFIG', reason: 'this source has no history' });
  });
});

describe('the version before', () => {
  const announcing = VERSIONS.map((each) => ({ ...each, announcesProvenance: true }));

  test('has no provenance by being announced: without a sha512 nothing binds it', async () => {
    const { previous } = await factsOf(contextOf(announcing));
    assert.equal(previous?.provenance.status, 'not-applicable');
  });

  test('has no provenance where it cannot be verified', async () => {
    const integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;
    const context = contextOf(announcing.map((each) => ({ ...each, integrity })));
    const raw = { predicateType: 'https://slsa.dev/provenance/v1', bundle: {}, digest: '' };
    const attestations = async () => ({ status: 'ok', value: [raw] }) as const;
    const { previous } = await factsOf({ ...context, source: { ...context.source, attestations } });
    assert.deepEqual(previous?.provenance, { status: 'invalid', code: 'provenance-invalid', reason: 'none' });
  });

  test('has the tarball that the registry vouches for, or none', async () => {
    const context = contextOf(VERSIONS, { baseline: locks('1.2.0'), readsTarballs: true });
    const integrity = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
    const history = async (): Promise<Fetched<PackageHistory>> => ({
      status: 'ok',
      value: { versions: VERSIONS.map((each) => ({ ...each, integrity })) },
    });
    const { previous } = await factsOf({
      ...context,
      source: {
        ...context.source,
        history,
        tarball: async ({ entry: asked }) => {
          assert.equal(asked.version, '1.2.0');
          return { status: 'absent', reason: 'gone' };
        },
      },
    });
    assert.equal(previous?.contents, undefined);
  });
});
