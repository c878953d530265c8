import { attestationKeys } from '../attestations/publish.ts';
import { asLocksealError, type ErrorCode } from '../errors.ts';
import type { Fetched, RegistryKey } from '../ports.ts';
import type { TrustedRootMaterial } from './trusted-root.ts';
import { createBundleVerifier, type BundleVerifier } from './verify-bundle.ts';

/** Why the keys of a registry could not be had, or not be used. */
export interface KeyLack {
  readonly error: ErrorCode;
  readonly reason: string;
}

/** A verifier of the bundles of one registry. */
export interface AttestationVerifier extends BundleVerifier {
  /** It knows no key for this reason, so that an unknown key speaks against nobody; undefined: it knows all there are. */
  readonly lack?: KeyLack | undefined;
}

/** A verifier of bundles whose publish attestations are by one of these keys. */
export type VerifierFor = (keys: Fetched<readonly RegistryKey[]>) => AttestationVerifier;

/**
 * One verifier a set of keys: trust material is built once, not once a bundle. Keys that cannot be used (a registry may
 * serve anything) are as good as keys that cannot be had: what no key signed is verified all the same.
 */
export function createVerifiers(root: TrustedRootMaterial): VerifierFor {
  const verifiers = new Map<string, AttestationVerifier>();
  return (keys) => {
    const id = JSON.stringify(keys);
    const known = verifiers.get(id) ?? createVerifier(root, keys);
    verifiers.set(id, known);
    return known;
  };
}

function createVerifier(root: TrustedRootMaterial, keys: Fetched<readonly RegistryKey[]>): AttestationVerifier {
  if (keys.status === 'unavailable') return withoutKeys(root, keys);
  try {
    return createBundleVerifier(root, keys.status === 'ok' ? attestationKeys(keys.value) : []);
  } catch (thrown) {
    const { code, message } = asLocksealError(thrown);
    return withoutKeys(root, { error: code, reason: message });
  }
}

function withoutKeys(root: TrustedRootMaterial, { error, reason }: KeyLack): AttestationVerifier {
  return { ...createBundleVerifier(root, []), lack: { error, reason } };
}
