import { GRADES } from '@lockseal/core';
import {
  VSA_PREDICATE,
  STATEMENT_TYPE,
  type ApprovalStatement,
  type InTotoStatement,
  type SourceBinding,
} from './types.ts';

/** What other tools ask for: `slsa-verifier verify-vsa --verified-level LOCKSEAL_APPROVED_LOCKFILE_V1`. */
export const APPROVED_LEVEL = 'LOCKSEAL_APPROVED_LOCKFILE_V1';

/** https://slsa.dev/spec/v1.1/verification_summary */
export interface VsaPredicate {
  readonly verifier: { readonly id: string; readonly version: Readonly<Record<string, string>> };
  readonly timeVerified: string;
  readonly resourceUri: string;
  readonly policy: { readonly uri: string; readonly digest: { readonly sha256: string } };
  readonly verificationResult: 'PASSED';
  readonly verifiedLevels: readonly string[];
  /** Packages by grade. Levels of our own: what a grade proves is not what a SLSA level demands. */
  readonly dependencyLevels: Readonly<Record<string, number>>;
  readonly slsaVersion: '1.1';
}

/** The verdict of an approval in SLSA's words, over the same subjects, for tools that know no lockseal. */
export function buildVsa(approval: ApprovalStatement): InTotoStatement<VsaPredicate> {
  const { verifier, approvedAt, source, lockfile, policy, counts } = approval.predicate;
  const dependencyLevels = Object.fromEntries(
    GRADES.filter((grade) => counts.grades[grade] > 0).map((grade) => [
      `LOCKSEAL_${grade.toUpperCase()}`,
      counts.grades[grade],
    ]),
  );
  return {
    _type: STATEMENT_TYPE,
    subject: approval.subject,
    predicateType: VSA_PREDICATE,
    predicate: {
      verifier: { id: verifier.id, version: { lockseal: verifier.version } },
      timeVerified: approvedAt,
      resourceUri: resourceUri(source, lockfile.path),
      policy: { uri: `urn:lockseal:policy:${encodeURIComponent(policy.name)}`, digest: policy.digest },
      verificationResult: 'PASSED',
      verifiedLevels: [APPROVED_LEVEL],
      dependencyLevels,
      slsaVersion: '1.1',
    },
  };
}

/** `git+https://host/owner/repo@<commit>#path`, or a name that claims no place where none is known. */
export function resourceUri({ repository, commit }: SourceBinding, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  if (repository === null) return `urn:lockseal:lockfile:${encoded}`;
  return `git+${repository}${commit === null ? '' : `@${commit}`}#${encoded}`;
}
