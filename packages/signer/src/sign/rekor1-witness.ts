import { JsonNode } from '@lockseal/core';
import { envelopeToJSON, type TransparencyLogEntry as LoggedEntry } from '@sigstore/bundle';
import { TransparencyLogEntry } from '@sigstore/protobuf-specs';
import type { Witness } from '@sigstore/sign';
import { refused, type ServiceClient, type ServiceRequest } from './service-client.ts';
import type { SignedContent } from './signed-content.ts';

const MAX_TEXT = 1024 * 1024;
const MAX_HASHES = 64;

/**
 * Logs an envelope (as `dsse`) or a signed file (as `hashedrekord`) in a Rekor 1.
 * https://github.com/sigstore/rekor/blob/main/openapi.yaml (createLogEntry)
 */
export function rekor1Witness(baseUrl: string, client: ServiceClient): Witness {
  const entries = `${baseUrl}/api/v1/log/entries`;
  return {
    async testify(content, pem) {
      const request: ServiceRequest = {
        service: 'transparency log',
        url: entries,
        body: propose(content, Buffer.from(pem).toString('base64')),
        accept: 409,
      };
      const { answer, json } = await client.askJson(request);
      if (answer.status !== 409) return { tlogEntries: [readEntry(request, json)] };
      const known: ServiceRequest = { service: request.service, url: `${entries}/${uuidOf(request, answer.location)}` };
      const found = await client.askJson(known);
      return { tlogEntries: [readEntry(known, found.json)] };
    },
  };
}

/** An entry that exists already is the answer to a request that was sent twice. Its name alone is taken from the answer. */
function uuidOf(request: ServiceRequest, location: string | undefined): string {
  const uuid = /(?:^|\/)([0-9a-f]{64,80})$/.exec(location ?? '')?.[1];
  if (uuid === undefined) throw refused(request, 'status 409: it has the entry already, and does not say where');
  return uuid;
}

function propose(content: SignedContent, verifier: string): object {
  const apiVersion = '0.0.1';
  if (content.$case === 'dsseEnvelope') {
    const envelope = JSON.stringify(envelopeToJSON(content.dsseEnvelope));
    return { apiVersion, kind: 'dsse', spec: { proposedContent: { envelope, verifiers: [verifier] } } };
  }
  const { messageDigest, signature } = content.messageSignature;
  const hash = { algorithm: 'sha256', value: messageDigest.digest.toString('hex') };
  const signed = { content: signature.toString('base64'), publicKey: { content: verifier } };
  return { apiVersion, kind: 'hashedrekord', spec: { data: { hash }, signature: signed } };
}

function readEntry(request: ServiceRequest, json: unknown): LoggedEntry {
  try {
    const answer = new JsonNode(json, '');
    const [uuid, ...more] = answer.keys();
    if (uuid === undefined || more.length > 0) throw new RangeError('it does not hold one entry');
    return TransparencyLogEntry.fromJSON(entryJson(answer.member(uuid))) as LoggedEntry;
  } catch (cause) {
    throw refused(request, `an answer without an entry: ${cause instanceof Error ? cause.message : ''}`, cause);
  }
}

/** In the JSON form of sigstore_rekor.proto. */
function entryJson(entry: JsonNode): object {
  const canonicalizedBody = entry.member('body').bytes(MAX_TEXT);
  const body = new JsonNode(JSON.parse(canonicalizedBody.toString('utf8')), 'body');
  const verification = entry.optional('verification');
  const signedEntryTimestamp = verification?.optional('signedEntryTimestamp')?.text(MAX_TEXT);
  const proof = verification?.optional('inclusionProof');
  return {
    logIndex: String(entry.member('logIndex').count()),
    logId: { keyId: base64OfHex(entry.member('logID')) },
    kindVersion: { kind: body.member('kind').text(64), version: body.member('apiVersion').text(64) },
    integratedTime: String(entry.member('integratedTime').count()),
    ...(signedEntryTimestamp !== undefined && { inclusionPromise: { signedEntryTimestamp } }),
    ...(proof !== undefined && { inclusionProof: proofJson(proof) }),
    canonicalizedBody: canonicalizedBody.toString('base64'),
  };
}

function proofJson(proof: JsonNode): object {
  return {
    logIndex: String(proof.member('logIndex').count()),
    rootHash: base64OfHex(proof.member('rootHash')),
    treeSize: String(proof.member('treeSize').count()),
    hashes: proof.member('hashes').list(MAX_HASHES).map(base64OfHex),
    checkpoint: { envelope: proof.member('checkpoint').text(MAX_TEXT) },
  };
}

function base64OfHex(node: JsonNode): string {
  return Buffer.from(node.text(128), 'hex').toString('base64');
}
