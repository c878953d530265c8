// The floor: `crypto.verify` as often, and on the curves, as N packages with all evidence need it, on all cores and
// with nothing around it. Public-good Sigstore and npm use these very curves.
//
//   node bare.ts <packages>
import { generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import process from 'node:process';
import { availableParallelism } from 'node:os';

/** One provenance bundle: leaf (P-384), SCT, log promise, checkpoint, envelope. One publish attestation: log promise,
 * checkpoint, envelope. One registry signature. */
const P384_PER_PACKAGE = 1;
const P256_PER_PACKAGE = 8;

interface Signed {
  readonly algorithm: string;
  readonly key: KeyObject;
  readonly data: Buffer;
  readonly signature: Buffer;
}

function signWith(namedCurve: string, algorithm: string): Signed {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  const data = Buffer.alloc(1024, namedCurve);
  return { algorithm, key: publicKey, data, signature: sign(algorithm, data, privateKey) };
}

function check({ algorithm, key, data, signature }: Signed): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  verify(algorithm, data, key, signature, (error, verified) =>
    verified ? resolve() : reject(error ?? new Error('a good signature does not verify')),
  );
  return promise;
}

const packages = Number(process.argv[2]);
const p384 = signWith('P-384', 'sha384');
const p256 = signWith('P-256', 'sha256');
const pending = [
  ...Array.from({ length: packages * P384_PER_PACKAGE }, () => p384),
  ...Array.from({ length: packages * P256_PER_PACKAGE }, () => p256),
].values();
const lane = async (): Promise<void> => {
  for (const signed of pending) await check(signed);
};
// A few more than there are threads, so that no thread waits for this one.
await Promise.all(Array.from({ length: availableParallelism() * 8 }, lane));
