import { LocksealError, STATEMENT_PAYLOAD_TYPE, unreadableReason } from '@lockseal/core';
import type { IdentityProvider, Signer as SigstoreSigner, Witness } from '@sigstore/sign';
import { encodeStatement } from '../statement/encode.ts';
import type { InTotoStatement } from '../statement/types.ts';
import type { SigningServices } from './services.ts';
import { keyHint, signChecked, type Signer } from './signer.ts';

const TIMEOUT_MS = 20_000;
const RETRY = { retries: 2 };

/** Who signs, and who bears witness. */
export type SigningMethod =
  | { readonly kind: 'key'; readonly signer: Signer; readonly services: Omit<SigningServices, 'fulcio'> }
  /** `identityToken` is asked once; the token serves all statements of one call. */
  | {
      readonly kind: 'keyless';
      readonly services: SigningServices & { readonly fulcio: string };
      readonly identityToken: () => Promise<string>;
    };

/** A Sigstore bundle, as JSON. */
export type BundleJson = object;

/**
 * Signs statements, each in a DSSE envelope in a Sigstore bundle of version 0.3. All or none.
 * @throws LocksealError ERR_SIGNING where a service refuses, ERR_SIGNING_KEY, ERR_IDENTITY
 */
export async function signStatements(
  statements: readonly InTotoStatement<object>[],
  method: SigningMethod,
): Promise<readonly BundleJson[]> {
  // Loaded here, because they cost 200 ms that only signing should pay.
  const [{ DSSEBundleBuilder }, { bundleToJSON }] = await Promise.all([
    import('@sigstore/sign'),
    import('@sigstore/bundle'),
  ]);
  const builder = new DSSEBundleBuilder(await prepare(method));
  const bundles: BundleJson[] = [];
  for (const statement of statements) {
    const data = Buffer.from(encodeStatement(statement));
    const bundle = await builder.create({ data, type: STATEMENT_PAYLOAD_TYPE }).catch(asSigningError);
    const { content } = bundle.verificationMaterial;
    if (content.$case === 'publicKey' && method.kind === 'key')
      content.publicKey.hint = keyHint(method.signer.publicKey);
    bundles.push(requireReadable(bundleToJSON(bundle)));
  }
  return bundles;
}

/**
 * Services may answer anything, and the library takes it for an entry or a timestamp: a bundle that nobody can read must
 * not become an approval.
 * @throws LocksealError ERR_SIGNING
 */
export function requireReadable(bundle: unknown): BundleJson {
  const reason = unreadableReason(bundle);
  if (reason === undefined) return bundle as BundleJson;
  throw new LocksealError('ERR_SIGNING', 'A signing service answered what makes no bundle.', {
    found: reason,
    hint: 'Check the URLs of the signing services; then approve again.',
  });
}

/** Who signs and who bears witness, as the library wants them. */
export async function prepare(method: SigningMethod): Promise<{ signer: SigstoreSigner; witnesses: Witness[] }> {
  switch (method.kind) {
    case 'key': {
      const { signer, services } = method;
      return { signer: toSigstoreSigner(signer), witnesses: await createWitnesses(services) };
    }
    case 'keyless': {
      const { FulcioSigner } = await import('@sigstore/sign');
      const token = await method.identityToken();
      const identityProvider: IdentityProvider = { getToken: async () => token };
      const options = { fulcioBaseURL: method.services.fulcio, identityProvider, timeout: TIMEOUT_MS, retry: RETRY };
      return { signer: new FulcioSigner(options), witnesses: await createWitnesses(method.services) };
    }
  }
}

function toSigstoreSigner(signer: Signer): SigstoreSigner {
  const publicKey = signer.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return {
    sign: async (data) => ({
      signature: Buffer.from(await signChecked(signer, data)),
      // Without a hint: it would also become the envelope's keyid, which cosign holds against a key id of its own kind.
      key: { $case: 'publicKey', publicKey },
    }),
  };
}

async function createWitnesses({ log, timestampAuthority }: Omit<SigningServices, 'fulcio'>): Promise<Witness[]> {
  const { RekorWitness, TSAWitness } = await import('@sigstore/sign');
  const fetching = { timeout: TIMEOUT_MS, retry: RETRY };
  const witnesses: Witness[] = [];
  if (log?.majorApiVersion === 2) {
    const { rekor2Witness } = await import('./rekor2-witness.ts');
    witnesses.push(rekor2Witness(log.url, TIMEOUT_MS));
  } else if (log !== undefined) {
    witnesses.push(new RekorWitness({ ...fetching, rekorBaseURL: log.url, majorApiVersion: 1, entryType: 'dsse' }));
  }
  if (timestampAuthority !== undefined) witnesses.push(new TSAWitness({ ...fetching, tsaBaseURL: timestampAuthority }));
  return witnesses;
}

export function asSigningError(cause: unknown): never {
  if (cause instanceof LocksealError) throw cause;
  throw new LocksealError('ERR_SIGNING', `Nothing could be signed: ${describe(cause)}.`, {
    hint: 'Check that the services can be reached and accept the identity; then approve again.',
    cause,
  });
}

/** What happened, with the innermost reason, which is where the services' own words are. */
function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? `${thrown.message}: ${describe(thrown.cause)}` : thrown.message;
}
