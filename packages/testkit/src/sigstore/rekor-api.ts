import { createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { dsse } from '@sigstore/core';
import { tlogEntryJson } from './bundle.ts';
import { sha256 } from './keys.ts';
import {
  dsseEntry,
  dsseEntryV2,
  hashedrekordEntry,
  hashedrekordEntryV2,
  intotoEntry,
  type EntryBody,
  type SignedContent,
  type Verifier,
} from './log-entries.ts';
import type { Services } from './signing.ts';
import type { LogEntry } from './transparency-log.ts';

interface EnvelopeJson {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid?: string; readonly publicKey?: string }[];
}

type ProposedEntry =
  | { readonly kind: 'intoto'; readonly spec: { readonly content: { readonly envelope: EnvelopeJson } } }
  | {
      readonly kind: 'dsse';
      readonly spec: { readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly string[] } };
    }
  | {
      readonly kind: 'hashedrekord';
      readonly spec: {
        readonly data: { readonly hash: { readonly value: string } };
        readonly signature: { readonly content: string; readonly publicKey: { readonly content: string } };
      };
    };

/** Rekor v1's `POST /api/v1/log/entries`. Envelopes are verified before they are logged, as Rekor does. */
export function createEntryV1(services: Services, body: string): unknown {
  const entry = services.rekorV1.append(proposedV1(JSON.parse(body) as ProposedEntry), services.clock());
  const proof = entry.inclusionProof;
  const uuid = sha256(Buffer.of(0), entry.canonicalizedBody).toString('hex');
  return {
    [uuid]: {
      body: entry.canonicalizedBody.toString('base64'),
      integratedTime: entry.integrated?.time,
      logID: entry.logId.toString('hex'),
      logIndex: entry.logIndex,
      verification: {
        signedEntryTimestamp: entry.integrated?.signedEntryTimestamp.toString('base64'),
        inclusionProof: { ...proofV1(proof) },
      },
    },
  };
}

function proofV1(proof: LogEntry['inclusionProof']): object {
  return {
    logIndex: proof.logIndex,
    rootHash: proof.rootHash.toString('hex'),
    treeSize: proof.treeSize,
    hashes: proof.hashes.map((hash) => hash.toString('hex')),
    checkpoint: proof.checkpoint,
  };
}

function proposedV1(proposed: ProposedEntry): EntryBody {
  switch (proposed.kind) {
    case 'intoto': {
      const { envelope } = proposed.spec.content;
      const [signature] = envelope.signatures;
      // Payload and signature of an intoto entry are base64 of base64.
      const payload = text(envelope.payload);
      const signatures = envelope.signatures.map(({ sig, keyid = '' }) => ({ sig: text(sig), keyid }));
      return intotoEntry(verified({ ...envelope, payload, signatures }, verifierOf(text(signature?.publicKey ?? ''))));
    }
    case 'dsse': {
      const { envelope, verifiers } = proposed.spec.proposedContent;
      return dsseEntry(verified(JSON.parse(envelope) as EnvelopeJson, verifierOf(text(verifiers[0] ?? ''))));
    }
    case 'hashedrekord': {
      const { data, signature } = proposed.spec;
      return hashedrekordEntry({
        signature: Buffer.from(signature.content, 'base64'),
        verifier: verifierOf(text(signature.publicKey.content)),
        content: { kind: 'message', digest: Buffer.from(data.hash.value, 'hex') },
      });
    }
  }
}

interface VerifierRequest {
  readonly keyDetails: string;
  readonly x509Certificate?: { readonly rawBytes: string };
  readonly publicKey?: { readonly rawBytes: string };
}

interface CreateEntryRequest {
  readonly dsseRequestV002?: { readonly envelope: EnvelopeJson; readonly verifiers: readonly VerifierRequest[] };
  readonly hashedRekordRequestV002?: {
    readonly digest: string;
    readonly signature: { readonly content: string; readonly verifier: VerifierRequest };
  };
}

/** Rekor v2's `POST /api/v2/log/entries`. A public key in the place of a certificate is refused. */
export function createEntryV2(services: Services, body: string): unknown {
  const request = JSON.parse(body) as CreateEntryRequest;
  return tlogEntryJson(services.rekorV2.append(proposedV2(request), services.clock()));
}

function proposedV2({ dsseRequestV002, hashedRekordRequestV002 }: CreateEntryRequest): EntryBody {
  if (dsseRequestV002 !== undefined) {
    const { envelope, verifiers } = dsseRequestV002;
    return dsseEntryV2(verified(envelope, verifierV2(verifiers[0])));
  }
  if (hashedRekordRequestV002 === undefined) throw new Error('neither a dsse nor a hashedrekord request');
  const { digest, signature } = hashedRekordRequestV002;
  return hashedrekordEntryV2({
    signature: Buffer.from(signature.content, 'base64'),
    verifier: verifierV2(signature.verifier),
    content: { kind: 'message', digest: Buffer.from(digest, 'base64') },
  });
}

function verifierV2(asked: VerifierRequest | undefined): Verifier {
  if (asked?.x509Certificate !== undefined) {
    const der = Buffer.from(asked.x509Certificate.rawBytes, 'base64');
    return { kind: 'certificate', der: new X509Certificate(der).raw };
  }
  const spki = Buffer.from(asked?.publicKey?.rawBytes ?? '', 'base64');
  return { kind: 'key', spki, details: asked?.keyDetails ?? '' };
}

function verifierOf(pemText: string): Verifier {
  if (pemText.includes('BEGIN CERTIFICATE')) return { kind: 'certificate', der: new X509Certificate(pemText).raw };
  return { kind: 'key', spki: createPublicKey(pemText).export({ type: 'spki', format: 'der' }), details: '' };
}

/** The envelope's content, after its one signature was verified. */
function verified(envelope: EnvelopeJson, verifier: Verifier): SignedContent {
  const payload = Buffer.from(envelope.payload, 'base64');
  const [first] = envelope.signatures;
  const signature = Buffer.from(first?.sig ?? '', 'base64');
  const key = keyOf(verifier);
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  if (!verify(digest, dsse.preAuthEncoding(envelope.payloadType, payload), key, signature)) {
    throw new Error('the envelope does not verify');
  }
  const content = { kind: 'dsse', payloadType: envelope.payloadType, payload, keyid: first?.keyid ?? '' } as const;
  return { signature, verifier, content };
}

function keyOf(verifier: Verifier): KeyObject {
  if (verifier.kind === 'certificate') return new X509Certificate(verifier.der).publicKey;
  return createPublicKey({ key: verifier.spki, type: 'spki', format: 'der' });
}

function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
