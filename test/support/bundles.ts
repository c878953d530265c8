import { bundleFromJSON } from '@sigstore/bundle';
import { PublicKey, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { BundleKey, RegistryKey } from '@lockseal/core';
import type { SigstoreBox } from '@lockseal/testkit';

/** Why @sigstore/verify alone refuses a bundle, or undefined where it accepts it. */
export function stockRefusal(
  bundle: unknown,
  trustedRoot: unknown,
  keys: readonly BundleKey[] = [],
  artifact?: Uint8Array,
): string | undefined {
  try {
    const known = Object.fromEntries(keys.map((key) => [key.hint, toPublicKey(key)]));
    const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(trustedRoot), known));
    verifier.verify(toSignedEntity(bundleFromJSON(bundle), artifact === undefined ? undefined : Buffer.from(artifact)));
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  }
}

export function toPublicKey({ spki, validFrom, validUntil }: BundleKey): PublicKey {
  const validFor = {
    ...(validFrom === undefined ? {} : { start: validFrom }),
    ...(validUntil === undefined ? {} : { end: validUntil }),
  };
  return PublicKey.fromJSON({ rawBytes: spki, keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor });
}

/** The keys of npm's TUF target (`registry.npmjs.org/keys.json`): one entry a key and usage. */
export function readKeysTarget(target: unknown): RegistryKey[] {
  const { keys } = target as { keys: readonly TargetKey[] };
  return keys.map(({ keyId, keyUsage, publicKey }) => ({
    keyid: keyId,
    usages: [keyUsage],
    spki: publicKey.rawBytes,
    validFrom: publicKey.validFor?.start,
    validUntil: publicKey.validFor?.end,
    origin: 'tuf',
  }));
}

interface TargetKey {
  readonly keyId: string;
  readonly keyUsage: RegistryKey['usages'][number];
  readonly publicKey: {
    readonly rawBytes: string;
    readonly validFor?: { readonly start?: string; readonly end?: string };
  };
}

/** The trusted root of a Sigstore in a box, as a file holds it. */
export function rootBytes(box: SigstoreBox): Uint8Array {
  return Buffer.from(JSON.stringify(box.trustedRoot));
}
