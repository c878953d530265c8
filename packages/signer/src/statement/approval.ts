import { PACKAGE_SET_TYPE, type Json, type PackageSet, type Verification } from '@lockseal/core';
import { encodeRecords } from '../carry/records.ts';
import { approvedPackages, originsOf, packageRecords } from './approved-packages.ts';
import { evidenceDigest } from './evidence-digest.ts';
import {
  APPROVAL_PREDICATE,
  PACKAGE_SET_SUBJECT,
  STATEMENT_TYPE,
  type AcceptedFinding,
  type ApprovalStatement,
  type ApprovedIdentity,
  type ApprovedPackage,
  type CarriedForward,
  type PreviousApproval,
  type SourceBinding,
  type StatedPackage,
  type StatementSubject,
  type UsedWaiver,
} from './types.ts';

export const VERIFIER_ID = 'https://lockseal.dev/verifier';

/** Everything that an approval says. */
export interface ApprovalInput {
  readonly verification: Verification;
  /** The set whose digest the verification names. */
  readonly packageSet: PackageSet;
  /** Path of the lockfile relative to the repository's root, with forward slashes. */
  readonly path: string;
  readonly policy: { readonly name: string; readonly sha256: string; readonly demands?: Json };
  /** Lower-case hex sha256 of the registry keys in use; undefined: nothing can be carried from this approval. */
  readonly registryKeys?: string | undefined;
  readonly waivers: readonly UsedWaiver[];
  readonly findings: readonly AcceptedFinding[];
  /** Content address of the evidence pack that the verification was made with; left out: none was. */
  readonly evidencePack?: string | undefined;
  readonly lockseal: string;
  readonly approvedAt: Date;
  readonly expiresAt: Date;
  readonly sequence: number;
  readonly previous: PreviousApproval | null;
  /** The approval that evidence was carried from, where some was. */
  readonly carriedFrom?: PreviousApproval | undefined;
  readonly source: SourceBinding;
  readonly role: string;
  readonly comment: string;
}

/**
 * The statement that an approver signs.
 * @throws RangeError where the package set is not the one that was verified, or it would expire before it begins
 */
export function buildApprovalStatement(input: ApprovalInput): ApprovalStatement {
  const { verification, packageSet } = input;
  if (packageSet.sha256 !== verification.packageSet.sha256) throw new RangeError('the package set is another one');
  if (input.expiresAt <= input.approvedAt) throw new RangeError('the approval would expire before it begins');
  const { format, formatVersion } = verification.lockfile;
  const packages = approvedPackages(packageSet, verification.evidence);
  return {
    _type: STATEMENT_TYPE,
    subject: approvalSubjects(input),
    predicateType: APPROVAL_PREDICATE,
    predicate: {
      lockfile: { path: input.path, format, formatVersion },
      counts: { entries: verification.counts.entries, grades: verification.counts.grades },
      packageSet: { type: PACKAGE_SET_TYPE, ...stateIdentities(packages), ...recordsOf(input) },
      policy: policyOf(input.policy),
      waivers: input.waivers,
      findings: input.findings,
      verifier: { id: VERIFIER_ID, version: input.lockseal },
      trustedRoot: { digest: { sha256: verification.trust.root.sha256 } },
      ...(input.registryKeys === undefined ? {} : { registryKeys: { digest: { sha256: input.registryKeys } } }),
      evidence: {
        digest: { sha256: evidenceDigest(verification.evidence) },
        ...(input.evidencePack !== undefined && { pack: { digest: { sha256: input.evidencePack } } }),
      },
      approvedAt: toSeconds(input.approvedAt),
      expiresAt: toSeconds(input.expiresAt),
      sequence: input.sequence,
      previous: input.previous,
      carried: carriedForward(input, packages.filter(({ carried }) => carried !== undefined).length),
      ...countSigned(packages),
      source: input.source,
      approver: { role: input.role, comment: input.comment },
    },
  };
}

/** The packages with their identities told once each, in the order in which they first appear. */
function stateIdentities(
  packages: readonly ApprovedPackage[],
): Pick<ApprovalStatement['predicate']['packageSet'], 'packages' | 'identities'> {
  const known = new Map<string, { readonly index: number; readonly identity: ApprovedIdentity }>();
  const indexOf = (identity: ApprovedIdentity): number => {
    const key = JSON.stringify([identity.issuer, identity.repository, identity.workflow]);
    const found = known.get(key) ?? { index: known.size, identity };
    known.set(key, found);
    return found.index;
  };
  const stated = packages.map(({ identity, ...row }): StatedPackage => {
    return identity === undefined ? row : { ...row, identity: indexOf(identity) };
  });
  const identities = [...known.values()].map(({ identity }) => identity);
  return { packages: stated, ...(identities.length === 0 ? {} : { identities }) };
}

/** Left out where nothing could be carried from this approval. */
function recordsOf({ packageSet, verification, registryKeys }: ApprovalInput): { readonly records?: string } {
  if (registryKeys === undefined) return {};
  return { records: encodeRecords(packageRecords(packageSet, verification.evidence)) };
}

function policyOf({ name, sha256, demands }: ApprovalInput['policy']): ApprovalStatement['predicate']['policy'] {
  return { name, digest: { sha256 }, ...(demands === undefined ? {} : { demands }) };
}

/** @throws RangeError where evidence was carried, and nobody says from where */
function carriedForward({ verification, carriedFrom }: ApprovalInput, packages: number): CarriedForward | null {
  const origins = originsOf(verification.evidence);
  if (origins.length === 0) return null;
  if (carriedFrom === undefined) throw new RangeError('evidence was carried from an approval that is not named');
  return { from: carriedFrom, packages, origins };
}

function countSigned(packages: readonly ApprovedPackage[]): Pick<ApprovalStatement['predicate'], 'signedDigests'> {
  const { length } = packages.filter(({ signedDigest }) => signedDigest !== undefined);
  return length === 0 ? {} : { signedDigests: length };
}

/** subject[0]: the bytes; subject[1]: the package set. Packages are no subjects: any of them would vouch for the whole. */
function approvalSubjects({ verification, packageSet, path }: ApprovalInput): readonly StatementSubject[] {
  const { sha256, sha512 } = verification.lockfile;
  return [
    { name: path, digest: { sha256, sha512 } },
    { name: PACKAGE_SET_SUBJECT, digest: { sha256: packageSet.sha256 } },
  ];
}

/** RFC 3339 in UTC, whole seconds. */
export function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
