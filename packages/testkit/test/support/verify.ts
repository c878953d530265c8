import { bundleFromJSON } from '@sigstore/bundle';
import { PublicKey, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier, type Signer } from '@sigstore/verify';
import type { BundleJson, SigstoreBox } from '@lockseal/testkit';

/** Verifies with stock @sigstore/verify against the box's trusted root and listed keys, with its default thresholds. */
export function stockVerify(
  box: SigstoreBox,
  bundle: BundleJson,
  message?: Buffer,
  needs: { tlog?: number } = {},
): Signer {
  const root = TrustedRoot.fromJSON(box.trustedRoot);
  const { keys } = box.keysTarget() as { keys: { keyId: string; keyUsage: string; publicKey: unknown }[] };
  const attesting = keys.filter((key) => key.keyUsage === 'npm:attestations');
  const known = Object.fromEntries(attesting.map((key) => [key.keyId, PublicKey.fromJSON(key.publicKey)]));
  const verifier = new Verifier(toTrustMaterial(root, known), { tlogThreshold: needs.tlog ?? 1 });
  return verifier.verify(toSignedEntity(bundleFromJSON(bundle), message));
}
