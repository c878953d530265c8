import { LocksealError, MAX_STATEMENT_BYTES, STATEMENT_PAYLOAD_TYPE, unreadableReason } from '@lockseal/core';
import type { Signer as SigstoreSigner, Witness } from '@sigstore/sign';
import { encodeStatement } from '../statement/encode.ts';
import type { InTotoStatement } from '../statement/types.ts';
import { fulcioSigner } from './fulcio-signer.ts';
import { ServiceClient, type SigningNetwork } from './service-client.ts';
import type { SigningServices } from './services.ts';
import { keyHint, signChecked, type Signer } from './signer.ts';
import { timestampWitness } from './timestamp-witness.ts';

/** Who signs, and who bears witness. */
export type SigningMethod = { readonly network?: SigningNetwork } & (
  | { readonly kind: 'key'; readonly signer: Signer; readonly services: Omit<SigningServices, 'fulcio'> }
  /** `identityToken` is asked once; the token serves all statements of one call. */
  | {
      readonly kind: 'keyless';
      readonly services: SigningServices & { readonly fulcio: string };
      readonly identityToken: () => Promise<string>;
    }
);

/** A Sigstore bundle, as JSON. */
export type BundleJson = object;

/**
 * Signs statements, each in a DSSE envelope in a Sigstore bundle of version 0.3. All or none.
 * @throws LocksealError ERR_STATEMENT where one is too long to be read again, ERR_SIGNING where a service refuses,
 *   ERR_SIGNING_KEY, ERR_IDENTITY, ERR_INTERRUPTED
 */
export async function signStatements(
  statements: readonly InTotoStatement<object>[],
  method: SigningMethod,
): Promise<readonly BundleJson[]> {
  const encoded = statements.map(encodeReadable);
  // Loaded here, because they cost 200 ms that only signing should pay.
  const [{ DSSEBundleBuilder }, { bundleToJSON }] = await Promise.all([
    import('@sigstore/sign'),
    import('@sigstore/bundle'),
  ]);
  return withSigners(method, async (signers) => {
    const builder = new DSSEBundleBuilder(signers);
    const bundles: BundleJson[] = [];
    for (const data of encoded) {
      const bundle = await builder.create({ data, type: STATEMENT_PAYLOAD_TYPE });
      const { content } = bundle.verificationMaterial;
      if (content.$case === 'publicKey' && method.kind === 'key')
        content.publicKey.hint = keyHint(method.signer.publicKey);
      bundles.push(requireReadable(bundleToJSON(bundle)));
    }
    return bundles;
  });
}

/** Told before anybody is asked to sign, because no verifier reads a longer one. @throws LocksealError ERR_STATEMENT */
function encodeReadable(statement: InTotoStatement<object>): Buffer {
  const data = Buffer.from(encodeStatement(statement));
  if (data.length <= MAX_STATEMENT_BYTES) return data;
  throw new LocksealError('ERR_STATEMENT', 'The statement is too long to be signed.', {
    expected: `at most ${MAX_STATEMENT_BYTES} bytes`,
    found: `${data.length} bytes`,
    hint: 'It names every locked package: lock workspaces of their own, and approve each.',
  });
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

/**
 * Builds bundles with who signs and who bears witness, as the library wants them. When it is over, nothing is under way
 * any more: where one service refuses, the others are not waited for.
 * @throws LocksealError ERR_SIGNING, ERR_SIGNING_KEY, ERR_IDENTITY, ERR_INTERRUPTED
 */
export async function withSigners<T>(
  method: SigningMethod,
  build: (signers: { readonly signer: SigstoreSigner; readonly witnesses: Witness[] }) => Promise<T>,
): Promise<T> {
  const client = new ServiceClient(method.network);
  try {
    const signer = await createSigner(method, client);
    return await build({ signer, witnesses: await createWitnesses(method.services, client) });
  } catch (cause) {
    if (cause instanceof LocksealError) throw cause;
    throw new LocksealError('ERR_SIGNING', `Nothing could be signed: ${describe(cause)}.`, {
      hint: 'Check the key and what holds it; then approve again.',
      cause,
    });
  } finally {
    client.close();
  }
}

async function createSigner(method: SigningMethod, client: ServiceClient): Promise<SigstoreSigner> {
  switch (method.kind) {
    case 'key':
      return toSigstoreSigner(method.signer);
    case 'keyless':
      return fulcioSigner(method.services.fulcio, await method.identityToken(), client);
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

async function createWitnesses(
  { log, timestampAuthority }: Omit<SigningServices, 'fulcio'>,
  client: ServiceClient,
): Promise<Witness[]> {
  const witnesses: Witness[] = [];
  if (log?.majorApiVersion === 2) {
    const { rekor2Witness } = await import('./rekor2-witness.ts');
    witnesses.push(rekor2Witness(log.url, client));
  } else if (log !== undefined) {
    const { rekor1Witness } = await import('./rekor1-witness.ts');
    witnesses.push(rekor1Witness(log.url, client));
  }
  if (timestampAuthority !== undefined) witnesses.push(timestampWitness(timestampAuthority, client));
  return witnesses;
}

/** What happened, with the innermost reason, which is where the services' own words are. */
function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? `${thrown.message}: ${describe(thrown.cause)}` : thrown.message;
}
