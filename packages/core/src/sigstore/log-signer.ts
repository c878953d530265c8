import { JsonNode, ShapeError } from '../json-node.ts';

const MAX_TEXT = 1024 * 1024;
/** RFC 7468 */
const PEM = /^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/;

/** Who a log entry says has signed: DER of a certificate, or of a public key (SPKI). */
export interface LoggedSigner {
  readonly kind: 'certificate' | 'key';
  readonly der: Buffer;
}

/**
 * The signer that the body of a log entry names. The bodies of Rekor v1 hold PEM in base64, those of v2 hold DER.
 * @param body parsed JSON of the canonicalized body, of a kind and version that the verifier has accepted
 * @throws ShapeError where it names none
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
      throw new ShapeError(root.path, `is of an unknown kind: ${kind}`);
  }
}

function only(list: JsonNode): JsonNode {
  return list.list(1)[0] ?? new JsonNode(undefined, `${list.path}[0]`);
}

/** Not decoded further: what counts is whether these bytes are those of the signer. */
function fromPem(content: JsonNode): LoggedSigner {
  const [, label, base64 = ''] = PEM.exec(content.bytes(MAX_TEXT).toString('latin1')) ?? [];
  if (label === undefined) throw new ShapeError(content.path, 'is not a certificate or public key in PEM');
  return { kind: label === 'CERTIFICATE' ? 'certificate' : 'key', der: Buffer.from(base64, 'base64') };
}

function fromVerifier(verifier: JsonNode): LoggedSigner {
  const certificate = verifier.optional('x509Certificate');
  if (certificate !== undefined) return { kind: 'certificate', der: certificate.member('rawBytes').bytes(MAX_TEXT) };
  return { kind: 'key', der: verifier.member('publicKey').member('rawBytes').bytes(MAX_TEXT) };
}
