import fs from 'node:fs';
import path from 'node:path';
import { createPublicKey } from 'node:crypto';
import { attestationKeys, type BundleKey } from '@lockseal/core';
import { createSigstore } from '@lockseal/testkit';
import { readKeysTarget, rootBytes } from './bundles.ts';
import { createJudges, type Case, type Judges } from './differential.ts';

/** Bundles that a Sigstore in a box has signed, one of each shape. */
export async function mintedCases(): Promise<Case[]> {
  const box = await createSigstore();
  const registryKey = box.addRegistryKey();
  const judges = createJudges(rootBytes(box), attestationKeys(readKeysTarget(box.keysTarget())));
  const artifact = { name: '@acme/widgets', version: '1.2.3', sha512: 'ab'.repeat(64) };
  const bundles = {
    'minted provenance': box.provenance(artifact),
    'minted provenance, v0.1': box.provenance({ ...artifact, bundleVersion: '0.1', log: 'rekor-v1-intoto' }),
    'minted provenance, Rekor v2': box.provenance({ ...artifact, log: 'rekor-v2' }),
    'minted publish attestation': box.publishAttestation({ ...artifact, registryKey }),
  };
  return Object.entries(bundles).map(([name, bundle]) => ({ name, bundle, judges, artifact: undefined }));
}

/** Every bundle of the corpus and of the conformance suite, with the trust that it is to be judged by. */
export function sharedCases(shared: string): Case[] {
  const corpus = path.join(shared, 'corpus');
  const root = fs.readFileSync(path.join(corpus, 'trust/trusted_root.json'));
  const target: unknown = readJson(path.join(corpus, 'trust/npm-registry-keys.tuf.json'));
  const judges = createJudges(root, attestationKeys(readKeysTarget(target)));
  return [...corpusCases(path.join(corpus, 'attestations'), judges), ...conformanceCases(shared, root, judges)];
}

function corpusCases(folder: string, judges: Judges): Case[] {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return files
    .filter((file) => /\.jsonl?$/.test(file))
    .flatMap((file) =>
      readDocuments(path.join(folder, file))
        .flatMap(bundlesIn)
        .map((bundle, index) => ({ name: `${file}#${index}`, bundle, judges, artifact: undefined })),
    );
}

function conformanceCases(shared: string, publicRoot: Buffer, publicJudges: Judges): Case[] {
  const suite = path.join(shared, 'conformance/bundle-verify');
  const folders = fs.readdirSync(suite, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }): Case[] => {
    const read = (file: string): Buffer | undefined => {
      const full = path.join(suite, name, file);
      return fs.existsSync(full) ? fs.readFileSync(full) : undefined;
    };
    const [bundle] = readDocuments(path.join(suite, name, 'bundle.sigstore.json')).flatMap(bundlesIn);
    // Not JSON at all, or a trusted root that is refused before any bundle is looked at.
    if (bundle === undefined || name === 'trust-root-tlog-missing-validity-start_fail') return [];
    const root = read('trusted_root.json');
    const key = read('key.pub');
    const keys = key === undefined ? [] : [namedBy(bundle, key)];
    const judges = root === undefined && key === undefined ? publicJudges : createJudges(root ?? publicRoot, keys);
    const artifact = read('artifact') ?? fs.readFileSync(path.join(suite, 'a.txt'));
    return [{ name, bundle, judges, artifact: 'messageSignature' in bundle ? artifact : undefined }];
  });
}

/** The suite names no hint: the key is meant for whatever the bundle names. */
function namedBy(bundle: object, pem: Buffer): BundleKey {
  const { verificationMaterial } = bundle as { verificationMaterial: { publicKey?: { hint?: string } } };
  const spki = createPublicKey(pem).export({ format: 'der', type: 'spki' }).toString('base64');
  return { hint: verificationMaterial.publicKey?.hint ?? '', spki, validFrom: undefined, validUntil: undefined };
}

/** The JSON documents of a file, one a line in JSON lines; what is not JSON is left out. */
function readDocuments(file: string): unknown[] {
  const text = fs.readFileSync(file, 'utf8');
  return (file.endsWith('.jsonl') ? text.trim().split('\n') : [text]).flatMap((document): unknown[] => {
    try {
      return [JSON.parse(document)];
    } catch {
      return [];
    }
  });
}

function readJson(file: string): unknown {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** A bundle, or all that are somewhere inside. */
function bundlesIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return 'verificationMaterial' in value ? [value] : Object.values(value).flatMap(bundlesIn);
}
