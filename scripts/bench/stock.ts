// What a tool does that calls @sigstore/verify in a loop, as npm and pnpm do: every bundle of a world and every
// registry signature, from a local file; no lockfile, no subject, no predicate, no graph.
//
//   node stock.ts <folder of a world>
import { createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { bundleFromJSON } from '@sigstore/bundle';
import { PublicKey, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { readAnswers } from './world.ts';

interface KeysTarget {
  readonly keys: readonly {
    readonly keyId: string;
    readonly keyUsage: string;
    readonly publicKey: { rawBytes: string };
  }[];
}
interface Document {
  readonly attestations?: readonly { readonly bundle: unknown }[];
  readonly name: string;
  readonly version: string;
  readonly dist?: { readonly integrity: string; readonly signatures: readonly { keyid: string; sig: string }[] };
}

const [directory = ''] = process.argv.slice(2);
const readJson = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(path.join(directory, name), 'utf8')) as unknown;

const { keys } = (await readJson('keys.json')) as KeysTarget;
const attesting = keys.filter(({ keyUsage }) => keyUsage === 'npm:attestations');
const known = Object.fromEntries(attesting.map(({ keyId, publicKey }) => [keyId, PublicKey.fromJSON(publicKey)]));
const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(await readJson('trusted_root.json')), known));

function verifySignatures({ name, version, dist }: Document): number {
  for (const { keyid, sig } of dist?.signatures ?? []) {
    const spki = keys.find(({ keyId }) => keyId === keyid)?.publicKey.rawBytes ?? '';
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    const signed = Buffer.from(`${name}@${version}:${dist?.integrity}`);
    if (!verify('sha256', signed, key, Buffer.from(sig, 'base64'))) throw new Error(`${name}: signature`);
  }
  return dist?.signatures.length ?? 0;
}

let verified = 0;
for await (const { body } of readAnswers(directory)) {
  const document = JSON.parse(body) as Document;
  for (const { bundle } of document.attestations ?? []) {
    verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
    verified += 1;
  }
  verified += verifySignatures(document);
}
process.stdout.write(`${verified} verified\n`);
