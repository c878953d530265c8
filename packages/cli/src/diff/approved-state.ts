import path from 'node:path';
import {
  bareFacts,
  FINDING_CODES,
  fromPurl,
  type LockedArtifact,
  type SideFacts,
  type TrustedRootMaterial,
} from '@lockseal/core';
import type { Policy } from '@lockseal/policy';
import { lastApproved, type ApprovedPackage, type ApprovedState, type StoredBundle } from '@lockseal/signer';
import type { OpenedState } from './opened-state.ts';

export interface FoundApproval {
  /** undefined: there is no approval that holds. */
  readonly opened: OpenedState | undefined;
  readonly warnings: readonly string[];
}

/**
 * The last state that the approvers of the policy approved, from a file of approvals.
 * @param lockfile path of the approved lockfile within the repository
 */
export function openApproved(
  approvals: readonly StoredBundle[],
  file: string,
  lockfile: string,
  context: {
    readonly policy: Policy;
    readonly trustedRoot: TrustedRootMaterial;
    readonly now: number;
  },
): FoundApproval {
  const name = path.basename(file);
  const { approvals: policy } = context.policy;
  if (approvals.length === 0) return { opened: undefined, warnings: [] };
  if (policy === undefined) {
    return { opened: undefined, warnings: [`${name} counts for nothing: the policy lists nobody who may approve.`] };
  }
  const { state, refused } = lastApproved({
    approvals,
    path: lockfile,
    policy,
    trustedRoot: () => context.trustedRoot,
    now: new Date(context.now),
  });
  const warnings = refused
    .slice(0, 1)
    .map(({ code }) => `${name} has an approval that does not hold (${code}): ${FINDING_CODES[code].title}`);
  return { opened: state && toOpened(state, lockfile), warnings };
}

function toOpened({ approvals, packages }: ApprovedState, lockfile: string): OpenedState {
  const [first] = approvals;
  const who = [...new Set(approvals.map(({ approver }) => approver))].join(', ');
  const when = (first?.trustedTime ?? first?.approvedAt ?? '').slice(0, 10);
  const facts = new Map(
    packages.map((each): [LockedArtifact, SideFacts] => {
      const artifact = toArtifact(each);
      return [artifact, toFacts(artifact, each)];
    }),
  );
  return {
    kind: 'approval',
    facts,
    state: {
      origin: `approval ${first?.sequence ?? ''} of ${lockfile}, by ${who}, ${when}`,
      format: undefined,
      formatVersion: undefined,
      artifacts: [...facts.keys()],
      importers: [],
      bundled: new Set(),
    },
  };
}

function toArtifact({ purl, digest, source, patch }: ApprovedPackage): LockedArtifact {
  const known = fromPurl(purl);
  const url = new URLSearchParams(purl.split('?')[1] ?? '').get('download_url') ?? undefined;
  const commit = digest !== null && 'gitCommit' in digest ? digest.gitCommit : undefined;
  return {
    name: known?.name ?? purl,
    version: known?.version,
    source,
    place: commit ?? url,
    pin: pinOf(digest),
    patch: patch && (patch.sha256 ?? 'a patch'),
    optional: false,
    entries: [],
    leadsTo: new Map(),
  };
}

function pinOf(digest: ApprovedPackage['digest']): LockedArtifact['pin'] {
  if (digest !== null && 'sha512' in digest) return { kind: 'sha512', value: digest.sha512 };
  if (digest !== null && 'sha256' in digest) return { kind: 'sha256', value: digest.sha256 };
  return { kind: 'none', value: '' };
}

/** An approval keeps identities in short, and of scripts the names. */
function toFacts(artifact: LockedArtifact, { grade, identity, scripts }: ApprovedPackage): SideFacts {
  return {
    ...bareFacts(artifact),
    grade,
    reason: 'as approved',
    builder: identity && {
      issuer: identity.issuer,
      repository: identity.repository ?? undefined,
      workflow: identity.workflow ?? undefined,
      repositoryId: undefined,
      ownerId: undefined,
      ref: undefined,
      trigger: undefined,
      runnerEnvironment: undefined,
    },
    installScripts: scripts && { proof: 'tarball', names: scripts, sha256: undefined },
  };
}
