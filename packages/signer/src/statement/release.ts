import { toSeconds } from './approval.ts';
import {
  RELEASE_PREDICATE,
  STATEMENT_TYPE,
  type InTotoStatement,
  type LockfileDigests,
  type SourceBinding,
  type StatementSubject,
} from './types.ts';

/** Says of artifacts from which approved lockfile they were built. */
export interface ReleasePredicate {
  readonly lockfile: { readonly path: string; readonly digest: { readonly sha256: string; readonly sha512: string } };
  readonly packageSet: { readonly digest: { readonly sha256: string } };
  /** The approval, by the sha256 of its payload. */
  readonly approval: { readonly sha256: string; readonly sequence: number };
  /** SBOM of the package set, where one was made. */
  readonly sbom: { readonly mediaType: string; readonly digest: { readonly sha256: string } } | null;
  readonly releasedAt: string;
  readonly source: SourceBinding;
  readonly approver: { readonly role: string };
}

export interface ReleaseInput {
  readonly artifacts: readonly LockfileDigests[];
  readonly lockfile: LockfileDigests;
  readonly packageSet: string;
  readonly approval: { readonly sha256: string; readonly sequence: number };
  readonly sbom: ReleasePredicate['sbom'];
  readonly releasedAt: Date;
  readonly source: SourceBinding;
  readonly role: string;
}

/** @throws RangeError without an artifact */
export function buildRelease(input: ReleaseInput): InTotoStatement<ReleasePredicate> {
  if (input.artifacts.length === 0) throw new RangeError('a release has at least one artifact');
  const { path, sha256, sha512 } = input.lockfile;
  return {
    _type: STATEMENT_TYPE,
    subject: input.artifacts.map(toSubject),
    predicateType: RELEASE_PREDICATE,
    predicate: {
      lockfile: { path, digest: { sha256, sha512 } },
      packageSet: { digest: { sha256: input.packageSet } },
      approval: input.approval,
      sbom: input.sbom,
      releasedAt: toSeconds(input.releasedAt),
      source: input.source,
      approver: { role: input.role },
    },
  };
}

function toSubject({ path, sha256, sha512 }: LockfileDigests): StatementSubject {
  return { name: path, digest: { sha256, sha512 } };
}
