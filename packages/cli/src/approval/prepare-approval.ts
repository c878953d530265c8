import { LocksealError, packageSet, packageSetFacts, parseDuration, type Json, type PackageSet } from '@lockseal/core';
import type { Report } from '@lockseal/report';
import {
  approvedPackages,
  buildApprovalStatement,
  evidenceDigest,
  readApprovedPackages,
  succeed,
  trustChanges,
  type ApprovalHistory,
  type ApprovalStatement,
  type Coverage,
  type PastApproval,
  type SourceBinding,
  type TrustChange,
} from '@lockseal/signer';
import type { VerifiedFile } from '../verify-file.ts';
import { digestOfKeys } from './find-coverage.ts';
import type { LoadedPolicy } from './load-policy.ts';
import type { Place } from './place.ts';

/** What an approver says beyond what was verified. */
export interface Intent {
  readonly role: string;
  readonly comment: string;
  /** ISO 8601 duration. */
  readonly expiresIn: string;
}

export interface PreparedApproval {
  readonly statement: ApprovalStatement;
  readonly changes: readonly TrustChange[];
  /** The approval that the changes are against. */
  readonly since: PastApproval | undefined;
  /** Why nothing could be carried forward, where that was asked. */
  readonly unasked: string | undefined;
}

export interface Circumstances {
  readonly verified: VerifiedFile;
  readonly report: Report;
  readonly place: Place;
  readonly policy: LoadedPolicy;
  readonly history: ApprovalHistory;
  readonly source: SourceBinding;
  readonly lockseal: string;
  readonly now: Date;
  /** What the policy demands of packages, for a later approval to compare with. */
  readonly demands: Json;
  readonly coverage: Coverage | undefined;
}

/** Builds the statement to sign, and finds out what it changes. @throws LocksealError ERR_USAGE */
export function prepareApproval(intent: Intent, circumstances: Circumstances): PreparedApproval {
  const { verified, report, place, policy, history, source, lockseal, now, demands, coverage } = circumstances;
  const { verification } = verified;
  const set = verifiedSet(verified);
  const since = history.approvals.at(-1);
  const state = {
    sha512: place.lockfile.sha512,
    policy: policy.sha256,
    evidence: evidenceDigest(verification.evidence),
  };
  const statement = buildApprovalStatement({
    verification,
    packageSet: set,
    path: place.lockfile.path,
    policy: { name: policy.name, sha256: policy.sha256, demands },
    registryKeys: digestOfKeys(verified.trust.keys),
    carriedFrom: coverage?.status === 'covers' ? coverage.from : undefined,
    waivers: (report.waived ?? []).map(({ finding: { code, subject }, reason, expires }) => {
      return { code, subject, reason, expires };
    }),
    findings: report.findings.map(({ code, subject, level }) => ({ code, subject, level })),
    evidencePack: verified.evidencePack?.sha256,
    lockseal,
    approvedAt: now,
    expiresAt: new Date(now.getTime() + secondsOf(intent.expiresIn) * 1000),
    ...succeed(history, state),
    source,
    role: intent.role,
    comment: intent.comment,
  });
  const before = since === undefined ? [] : readApprovedPackages(since.stored.payload);
  const changes = trustChanges(before, approvedPackages(set, verification.evidence));
  const unasked = coverage?.status === 'none' ? coverage.reason : undefined;
  return { statement, since, changes, unasked };
}

/** The set that verification has computed; it hands out only the digest, which is compared when the statement is built. */
function verifiedSet({ lockfile, project, registries, verification }: VerifiedFile): PackageSet {
  const sha512 = new Map(verification.evidence.map((each) => [each.entry, each.sha512]));
  return packageSet(lockfile, ({ id }) => sha512.get(id), packageSetFacts(registries, project));
}

function secondsOf(duration: string): number {
  const seconds = parseDuration(duration);
  if (seconds !== undefined) return seconds;
  throw new LocksealError('ERR_USAGE', `--expires-in does not take "${duration}".`, {
    expected: 'an ISO 8601 duration such as P30D',
    found: duration,
  });
}
