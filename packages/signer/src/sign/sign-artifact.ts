import { requireReadable, withSigners, type BundleJson, type SigningMethod } from './sign-statements.ts';

/**
 * Signs bytes as they are, in a Sigstore bundle with a message signature.
 * @throws LocksealError ERR_SIGNING where a service refuses, ERR_SIGNING_KEY, ERR_IDENTITY
 */
export async function signArtifact(
  artifact: Uint8Array,
  method: Extract<SigningMethod, { readonly kind: 'keyless' }>,
): Promise<BundleJson> {
  const [{ MessageSignatureBundleBuilder }, { bundleToJSON }] = await Promise.all([
    import('@sigstore/sign'),
    import('@sigstore/bundle'),
  ]);
  return withSigners(method, async (signers) => {
    const bundle = await new MessageSignatureBundleBuilder(signers).create({ data: Buffer.from(artifact) });
    return requireReadable(bundleToJSON(bundle));
  });
}
