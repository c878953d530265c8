import { canonicalize, LocksealError, type Json, type TrustedRootMaterial } from '@lockseal/core';
import { approvalHistory, parseApprovals, type BundleJson } from '@lockseal/signer';
import type { LoadedPolicy } from './load-policy.ts';
import type { Place } from './place.ts';

/**
 * What was signed counts under the policy: the signer is listed, and the bundle verifies. Found out before it is kept,
 * by the very code that enforces it.
 * @throws LocksealError ERR_SIGNING
 */
export function requireCounted(
  bundles: readonly BundleJson[],
  context: {
    readonly policy: LoadedPolicy;
    readonly place: Place;
    readonly role: string;
    readonly trustedRoot: () => TrustedRootMaterial;
  },
): void {
  const { policy, place, role, trustedRoot } = context;
  const lines = Buffer.from(bundles.map((bundle) => `${canonicalize(bundle as Json)}\n`).join(''));
  const stored = parseApprovals(lines, 'what was signed');
  const { approvals } = approvalHistory(stored, place.lockfile.path, policy.approvals, trustedRoot);
  if (approvals.length > 0) return;
  const approvers = policy.approvals.roles.get(role)?.approvers.map(({ name }) => name) ?? [];
  throw new LocksealError('ERR_SIGNING', `Nothing was stored: what was signed would not count for the role ${role}.`, {
    expected: `a signature by ${approvers.join(', ')} that verifies against the trusted root`,
    hint: 'Sign with a key or identity that the policy lists; for another Sigstore instance give --trusted-root.',
  });
}
