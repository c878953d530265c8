import { createPublicKey } from 'node:crypto';
import { JsonNode } from '../json-node.ts';

const MAX_TEXT = 1024 * 1024;

/** Who a log entry says has signed: DER of a certificate, or of a public key (SPKI). */
export interface LoggedSigner {
  readonly kind: 'certificate' | 'key';
  readonly der: Buffer;
}

/**
 * The signer that the body of a log entry names. The bodies of Rekor v1 hold PEM in base64, those of v2 hold DER.
 * @param body parsed JSON of the canonicalized body, of a kind and version that the verifier has accepted
 * @throws ShapeError, or an Error of node:crypto, where it names none
 */
export function readLoggedSigner(body: unknown): LoggedSigner {
  const root = new JsonNode(body, 'canonicalizedBody');
  const spec = root.member('spec');
  const kind = `${root.member('kind').text(MAX_TEXT)}/${root.member('apiVersion').text(MAX_TEXT)}`;
  switch (kind) {
    case 'hashedrekord/0.0.1':
      return fromPem(spec.member('signature').member('publicKey').member('content'));
    case 'hashedrekord/0.0.2':
      return fromVerifier(spec.member('hashedRekordV002').member('signature').member('verifier'));
    case 'dsse/0.0.1':
      return fromPem(only(spec.member('signatures')).member('verifier'));
    case 'dsse/0.0.2':
      return fromVerifier(only(spec.member('dsseV002').member('signatures')).member('verifier'));
    case 'intoto/0.0.2':
      return fromPem(only(spec.member('content').member('envelope').member('signatures')).member('publicKey'));
    default:
      throw new TypeError(`a log entry of kind ${kind} is unknown`);
  }
}

function only(list: JsonNode): JsonNode {
  return list.list(1)[0] ?? new JsonNode(undefined, `${list.path}[0]`);
}

function fromPem(content: JsonNode): LoggedSigner {
  const pem = content.bytes(MAX_TEXT).toString('latin1');
  const certificate = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(pem)?.[1];
  if (certificate !== undefined) return { kind: 'certificate', der: Buffer.from(certificate, 'base64') };
  return { kind: 'key', der: createPublicKey({ key: pem, format: 'pem' }).export({ format: 'der', type: 'spki' }) };
}

function fromVerifier(verifier: JsonNode): LoggedSigner {
  const certificate = verifier.optional('x509Certificate');
  if (certificate !== undefined) return { kind: 'certificate', der: certificate.member('rawBytes').bytes(MAX_TEXT) };
  return { kind: 'key', der: verifier.member('publicKey').member('rawBytes').bytes(MAX_TEXT) };
}
