import { attestationKeys } from '../attestations/publish.ts';
import { asLocksealError } from '../errors.ts';
import type { Fetched, RegistryKey } from '../ports.ts';
import type { TrustedRootMaterial } from './trusted-root.ts';
import { createBundleVerifier, type BundleVerifier } from './verify-bundle.ts';

/** A verifier of bundles whose publish attestations are by one of these keys. */
export type VerifierFor = (keys: readonly RegistryKey[]) => Fetched<BundleVerifier>;

/**
 * One verifier a set of keys: trust material is built once, not once a bundle. Keys that cannot be used (a registry may
 * serve anything) make the attestations of that registry unavailable, not the run.
 */
export function createVerifiers(root: TrustedRootMaterial): VerifierFor {
  const verifiers = new Map<string, Fetched<BundleVerifier>>();
  return (keys) => {
    const id = JSON.stringify(keys);
    const known = verifiers.get(id) ?? createVerifier(root, keys);
    verifiers.set(id, known);
    return known;
  };
}

function createVerifier(root: TrustedRootMaterial, keys: readonly RegistryKey[]): Fetched<BundleVerifier> {
  try {
    return { status: 'ok', value: createBundleVerifier(root, attestationKeys(keys)) };
  } catch (thrown) {
    const { code, message } = asLocksealError(thrown);
    return { status: 'unavailable', error: code, reason: message };
  }
}
