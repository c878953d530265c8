import type { BundleJson } from './bundle.ts';

/** Ways to damage a genuine bundle. Stock `@sigstore/verify` rejects all of them. */
export const TAMPERS = {
  payload: 'one character of the signed payload is another',
  'payload-type': 'the envelope claims another payload type',
  signature: 'one bit of the signature is another',
  'signature-removed': 'the envelope has no signature',
  certificate: 'a genuine certificate of another key stands in place of the right one',
  'certificate-bytes': 'one bit of the certificate is another',
  'key-hint': 'the bundle names a key that nobody has',
  set: "one bit of the log's promise is another",
  'integrated-time': 'the log is said to have taken the entry in an hour later',
  'log-index': 'the entry claims another index',
  'log-id': 'the entry claims to be of an unknown log',
  'inclusion-proof': 'one hash of the audit path is another',
  checkpoint: "one bit of the checkpoint's signature is another",
  'checkpoint-root': "the checkpoint's root hash is another",
  'log-body': 'the logged body is changed',
  'swap-tlog-entry': 'a genuine log entry of another bundle stands in place of the right one',
  'no-tlog-entry': 'no log entry is shown',
  timestamp: "one bit of the timestamp authority's answer is another",
  'swap-timestamp': 'a genuine timestamp of another signature stands in place of the right one',
} as const;

export type Tamper = keyof typeof TAMPERS;

/** A copy whose members may be written. */
type Draft<T> = { -readonly [K in keyof T]: Draft<T[K]> };
type DraftBundle = Draft<BundleJson>;
type DraftEntry = DraftBundle['verificationMaterial']['tlogEntries'][number];

/**
 * A damaged copy of a bundle.
 * @param donor another genuine bundle, needed by `certificate`, `swap-tlog-entry` and `swap-timestamp`
 * @throws RangeError when the bundle lacks the part that is to be damaged, or a donor is needed and missing
 */
export function tamperBundle(bundle: BundleJson, tamper: Tamper, donor?: BundleJson): BundleJson {
  const draft = toDraft(bundle);
  apply(draft, tamper, donor);
  return draft;
}

function apply(draft: DraftBundle, tamper: Tamper, donor: BundleJson | undefined): void {
  switch (tamper) {
    case 'payload':
    case 'payload-type':
    case 'signature':
    case 'signature-removed':
      return damageContent(draft, tamper);
    case 'certificate':
    case 'certificate-bytes':
    case 'key-hint':
      return damageSigner(draft, tamper, donor);
    case 'timestamp':
    case 'swap-timestamp':
      return damageTimestamp(draft, tamper, donor);
    case 'swap-tlog-entry':
      draft.verificationMaterial.tlogEntries = toDraft(present(donor, 'donor')).verificationMaterial.tlogEntries;
      return;
    case 'no-tlog-entry':
      firstEntry(draft);
      draft.verificationMaterial.tlogEntries = [];
      return;
    case 'set':
    case 'integrated-time':
    case 'log-index':
    case 'log-id':
    case 'inclusion-proof':
    case 'checkpoint':
    case 'checkpoint-root':
    case 'log-body':
      return damageEntry(firstEntry(draft), tamper);
  }
}

function damageContent(
  draft: DraftBundle,
  tamper: 'payload' | 'payload-type' | 'signature' | 'signature-removed',
): void {
  const envelope = present(draft.dsseEnvelope, 'DSSE envelope');
  const signature = present(envelope.signatures[0], 'signature');
  switch (tamper) {
    case 'payload':
      envelope.payload = Buffer.from(`${Buffer.from(envelope.payload, 'base64').toString()} `).toString('base64');
      return;
    case 'payload-type':
      envelope.payloadType = 'application/json';
      return;
    case 'signature':
      signature.sig = flipLastBit(signature.sig);
      return;
    case 'signature-removed':
      envelope.signatures = [];
      return;
  }
}

function damageSigner(
  draft: DraftBundle,
  tamper: 'certificate' | 'certificate-bytes' | 'key-hint',
  donor: BundleJson | undefined,
): void {
  const material = draft.verificationMaterial;
  if (tamper === 'key-hint') {
    present(material.publicKey, 'public key').hint = `SHA256:${'A'.repeat(43)}`;
    return;
  }
  const certificate = certificateOf(draft);
  certificate.rawBytes =
    tamper === 'certificate'
      ? certificateOf(toDraft(present(donor, 'donor'))).rawBytes
      : flipLastBit(certificate.rawBytes);
}

function certificateOf(draft: DraftBundle): { rawBytes: string } {
  const { certificate, x509CertificateChain } = draft.verificationMaterial;
  return present(certificate ?? x509CertificateChain?.certificates[0], 'certificate');
}

function damageTimestamp(draft: DraftBundle, tamper: 'timestamp' | 'swap-timestamp', donor?: BundleJson): void {
  const timestamp = present(timestampOf(draft), 'timestamp');
  timestamp.signedTimestamp =
    tamper === 'timestamp'
      ? flipLastBit(timestamp.signedTimestamp)
      : present(timestampOf(toDraft(present(donor, 'donor'))), "donor's timestamp").signedTimestamp;
}

function timestampOf(draft: DraftBundle): { signedTimestamp: string } | undefined {
  return draft.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0];
}

type EntryTamper =
  | 'set'
  | 'integrated-time'
  | 'log-index'
  | 'log-id'
  | 'inclusion-proof'
  | 'checkpoint'
  | 'checkpoint-root'
  | 'log-body';

function damageEntry(entry: DraftEntry, tamper: EntryTamper): void {
  switch (tamper) {
    case 'set': {
      const promise = present(entry.inclusionPromise, 'inclusion promise');
      promise.signedEntryTimestamp = flipLastBit(promise.signedEntryTimestamp);
      return;
    }
    case 'integrated-time':
      present(entry.inclusionPromise, 'inclusion promise');
      entry.integratedTime = String(Number(entry.integratedTime) + 3600);
      return;
    case 'log-index':
      entry.logIndex = String(Number(entry.logIndex) + 1);
      if (entry.inclusionProof) entry.inclusionProof.logIndex = String(Number(entry.inclusionProof.logIndex) + 1);
      return;
    case 'log-id':
      entry.logId.keyId = flipLastBit(entry.logId.keyId);
      return;
    case 'log-body':
      entry.canonicalizedBody = Buffer.from(`${Buffer.from(entry.canonicalizedBody, 'base64').toString()} `).toString(
        'base64',
      );
      return;
    case 'inclusion-proof':
    case 'checkpoint':
    case 'checkpoint-root':
      return damageProof(present(entry.inclusionProof, 'inclusion proof'), tamper);
  }
}

function damageProof(
  proof: NonNullable<DraftEntry['inclusionProof']>,
  tamper: 'inclusion-proof' | 'checkpoint' | 'checkpoint-root',
): void {
  switch (tamper) {
    case 'inclusion-proof':
      // The first entry of an empty log has an empty path; a superfluous hash is as wrong as a false one.
      proof.hashes = proof.hashes.length === 0 ? [proof.rootHash] : proof.hashes.map(flipLastBit);
      return;
    case 'checkpoint':
      proof.checkpoint.envelope = proof.checkpoint.envelope.replace(
        /(\S+)\n$/,
        (_, last: string) => `${flipLastBit(last)}\n`,
      );
      return;
    case 'checkpoint-root':
      proof.checkpoint.envelope = proof.checkpoint.envelope.replace(proof.rootHash, flipLastBit(proof.rootHash));
      return;
  }
}

function toDraft(bundle: BundleJson): DraftBundle {
  return structuredClone(bundle) as DraftBundle;
}

function firstEntry(draft: DraftBundle): DraftEntry {
  return present(draft.verificationMaterial.tlogEntries[0], 'log entry');
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RangeError(`there is no ${what} to tamper with`);
  return value;
}

/** Base64 of the same bytes with the lowest bit of the last one flipped. */
function flipLastBit(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return bytes.toString('base64');
}
