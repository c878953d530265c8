import {
  createApprovalBundleVerifier,
  matchesIdentity,
  type ApprovalBundleVerifier,
  type ApprovalPolicy,
  type Approver,
  type BundleSigner,
  type TrustedRootMaterial,
} from '@lockseal/core/approval';
import { hintOfSpki } from '../sign/signer.ts';

/** Whom a policy lists, ready to be asked who has signed a bundle. */
export interface Approvers {
  readonly verifier: ApprovalBundleVerifier;
  /** The approver's name if the signer has this role; `other-role` if it only has others. */
  find(signer: BundleSigner, role: string): { readonly status: 'found'; readonly name: string } | ApproverFault;
}

interface ApproverFault {
  readonly status: 'unknown' | 'other-role';
}

/** @throws LocksealError ERR_KEYS for a key that cannot be decoded */
export function createApprovers(policy: ApprovalPolicy, trustedRoot: () => TrustedRootMaterial): Approvers {
  const listed = [...policy.roles].flatMap(([role, { approvers }]) =>
    approvers.map((approver) => ({ role, approver })),
  );
  const keys = new Map(
    listed.flatMap(({ approver }) => approver.keys.map((spki) => [hintOfSpki(spki), spki] as const)),
  );
  const bundleKeys = [...keys].map(([hint, spki]) => ({ hint, spki, validFrom: undefined, validUntil: undefined }));
  return {
    verifier: createApprovalBundleVerifier(trustedRoot, bundleKeys),
    find(signer, role) {
      const mine = listed.filter(({ approver }) => isSigner(approver, signer, keys));
      const found = mine.find((candidate) => candidate.role === role);
      if (found !== undefined) return { status: 'found', name: found.approver.name };
      return { status: mine.length === 0 ? 'unknown' : 'other-role' };
    },
  };
}

function isSigner(approver: Approver, signer: BundleSigner, keys: ReadonlyMap<string, string>): boolean {
  switch (signer.kind) {
    case 'key': {
      const spki = keys.get(signer.keyid);
      return spki !== undefined && approver.keys.includes(spki);
    }
    case 'certificate':
      return approver.identities.some((expected) => matchesIdentity(signer.identity, expected));
  }
}
