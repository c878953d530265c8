import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { evaluate, type Judgement } from '@lockseal/policy';
import type { Evidence, HistoryFacts, LockedPackage, PreviousVersion, Verification } from '@lockseal/core';
import { evidenceOf, locked, provenance, signedChecks, verificationOf } from '../../../../test/support/verification.ts';
import { NOW, policyOf } from './load.ts';

const DAY = 86_400_000;

/** ISO 8601, so many days before these tests take place. */
export function daysAgo(days: number): string {
  return new Date(NOW - days * DAY).toISOString();
}

export interface Case {
  readonly why: string;
  /** The `rules` of the policy, or with a first line `version: 1` the whole of it. */
  readonly policy: string;
  readonly entry?: Partial<LockedPackage>;
  readonly evidence?: Partial<Evidence>;
  readonly checks?: Partial<Evidence['checks']>;
  readonly verification?: Partial<Verification>;
  /** `error release-too-young`, each; 'undecided' for an entry that cannot be judged. */
  readonly says: readonly string[];
  /** Words of the first finding: expected, found, detail and fix, a line each. */
  readonly words?: RegExp;
}

/** `tool@1.2.0`, signed and otherwise unremarkable, with these changes. */
export async function judge(given: Case): Promise<Judgement> {
  const entry: LockedPackage = { ...locked('tool', '1.2.0', 12), ...given.entry };
  const evidence = evidenceOf(entry, { checks: signedChecks(given.checks), ...given.evidence });
  const text = given.policy.startsWith('version:') ? given.policy : `version: 1\nrules: ${given.policy}\n`;
  const verification = { baseline: { origin: 'main' }, ...given.verification };
  return evaluate(verificationOf([evidence], verification), await policyOf(text), {
    describe: () => entry,
    pathTo: () => ['.', 'tool@1.2.0'],
  });
}

export function spoken({ findings, undecided }: Judgement): string[] {
  return [...findings.map(({ level, code }) => `${level} ${code}`), ...undecided.map(() => 'undecided')];
}

/** One test a case. */
export function hold(rule: string, cases: readonly Case[]): void {
  describe(rule, () => {
    for (const given of cases) {
      test(`${given.says.length === 0 ? 'silent' : given.says.join(', ')}: ${given.why}`, async () => {
        const judgement = await judge(given);
        assert.deepEqual(spoken(judgement), given.says);
        const [first] = judgement.findings;
        if (given.words === undefined) return;
        assert.match([first?.expected, first?.found, first?.detail, first?.fix].join('\n'), given.words);
        assert.ok(first?.rule !== undefined, 'the rule is named');
      });
    }
  });
}

/** The history of a package of long standing, whose last version but one is 40 days older than this one. */
export function history(changes: Partial<HistoryFacts> = {}): NonNullable<Evidence['history']> {
  return {
    status: 'verified',
    publishedAt: daysAgo(60),
    firstPublishedAt: daysAgo(1000),
    silence: { from: daysAgo(100), to: daysAgo(60) },
    earlierVersions: 20,
    earlierPublishers: ['alice', 'bob'],
    previous: undefined,
    ...changes,
  };
}

export function previous(changes: Partial<PreviousVersion> = {}): PreviousVersion {
  return {
    version: '1.1.0',
    relation: 'locked',
    publishedAt: daysAgo(100),
    publisher: 'alice',
    provenance: { status: 'absent', reason: 'none' },
    installScripts: undefined,
    contents: undefined,
    ...changes,
  };
}

export const NO_HISTORY = { status: 'unavailable', error: 'ERR_NETWORK', reason: 'connection reset' } as const;
export const PROVEN: Evidence['checks']['provenance'] = { status: 'verified', ...provenance };
export const UNAVAILABLE = { status: 'unavailable', error: 'ERR_NETWORK', reason: 'connection reset' } as const;

/** Published by this account, `days` ago, as the registry says. */
export function published(
  changes: Partial<NonNullable<Evidence['published']>> = {},
): NonNullable<Evidence['published']> {
  return { publishedAt: undefined, publisher: 'alice', deprecated: undefined, license: 'MIT', ...changes };
}

/** A publish attestation that was logged so many days ago. */
export function loggedAt(days: number | undefined): Evidence['checks']['publishAttestation'] {
  const time = days === undefined ? undefined : daysAgo(days);
  return { status: 'verified', keyid: 'SHA256:example', loggedAt: time, digest: 'ab'.repeat(32) };
}

/** Provenance as PROVEN, by another identity or at another time. */
export function builtBy(changes: Partial<typeof provenance.identity>, signedAt = provenance.signedAt): typeof PROVEN {
  return { status: 'verified', ...provenance, signedAt, identity: { ...provenance.identity, ...changes } };
}
