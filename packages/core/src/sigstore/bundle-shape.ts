import { bundleFromJSON, ValidationError, type Bundle } from '@sigstore/bundle';
import { JsonNode, ShapeError } from '../json-node.ts';

/** The media types of bundles, exactly as published: one that merely looks alike is of a format unknown here. */
const MEDIA_TYPES: readonly string[] = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
];
const KEY_MATERIAL = ['x509CertificateChain', 'certificate', 'publicKey'] as const;
const DIGEST_ALGORITHMS: readonly string[] = ['SHA2_256', 'SHA2_384', 'SHA2_512'];
const HASH_BYTES = 32;

const MAX_CERTIFICATES = 10;
const MAX_LOG_ENTRIES = 8;
const MAX_TIMESTAMPS = 8;
const MAX_PROOF_HASHES = 64;
const MAX_PAYLOAD = 16 * 1024 * 1024;
const MAX_BODY = 16 * 1024 * 1024;
/** Certificates, signatures and timestamps. */
const MAX_DER = 64 * 1024;
const MAX_CHECKPOINT = 64 * 1024;
const MAX_TEXT = 4096;

/**
 * Checks the shape of a bundle from the outside in, before any of it is decoded: bounds, known members only, canonical
 * base64, whole numbers. What is returned is the library's own type.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 * @throws ShapeError naming the member at fault
 */
export function parseBundle(json: unknown): Bundle {
  const bundle = new JsonNode(json, '').only('mediaType', 'verificationMaterial', 'dsseEnvelope', 'messageSignature');
  const mediaType = bundle.member('mediaType').text(MAX_TEXT);
  if (!MEDIA_TYPES.includes(mediaType)) throw new ShapeError('mediaType', `is unknown: ${JSON.stringify(mediaType)}`);
  requireVerificationMaterial(bundle.member('verificationMaterial'));
  switch (requireOneOf(bundle, ['dsseEnvelope', 'messageSignature'])) {
    case 'dsseEnvelope':
      requireEnvelope(bundle.member('dsseEnvelope'));
      break;
    case 'messageSignature':
      requireMessageSignature(bundle.member('messageSignature'));
      break;
  }
  return decode(json);
}

function decode(json: unknown): Bundle {
  try {
    return bundleFromJSON(json);
  } catch (thrown) {
    if (thrown instanceof ValidationError)
      throw new ShapeError(thrown.fields.join(', '), `is wrong: ${thrown.message}`);
    throw thrown;
  }
}

function requireOneOf<Name extends string>(node: JsonNode, names: readonly Name[]): Name {
  const [name, ...more] = names.filter((candidate) => node.optional(candidate) !== undefined);
  if (name === undefined || more.length > 0) throw new ShapeError(node.path, `must have one of ${names.join(', ')}`);
  return name;
}

function requireVerificationMaterial(material: JsonNode): void {
  material.only(...KEY_MATERIAL, 'tlogEntries', 'timestampVerificationData');
  switch (requireOneOf(material, KEY_MATERIAL)) {
    case 'x509CertificateChain':
      requireChain(material.member('x509CertificateChain').only('certificates').member('certificates'));
      break;
    case 'certificate':
      requireCertificate(material.member('certificate'));
      break;
    case 'publicKey':
      material.member('publicKey').only('hint').optional('hint')?.text(MAX_TEXT);
      break;
  }
  material.optional('tlogEntries')?.list(MAX_LOG_ENTRIES).forEach(requireLogEntry);
  const timestamps = material.optional('timestampVerificationData')?.only('rfc3161Timestamps');
  for (const timestamp of timestamps?.optional('rfc3161Timestamps')?.list(MAX_TIMESTAMPS) ?? []) {
    timestamp.only('signedTimestamp').member('signedTimestamp').bytes(MAX_DER);
  }
}

function requireChain(certificates: JsonNode): void {
  const chain = certificates.list(MAX_CERTIFICATES);
  if (chain.length === 0) throw new ShapeError(certificates.path, 'is empty');
  chain.forEach(requireCertificate);
}

function requireCertificate(certificate: JsonNode): void {
  certificate.only('rawBytes').member('rawBytes').bytes(MAX_DER);
}

function requireLogEntry(entry: JsonNode): void {
  entry.only(
    'logIndex',
    'logId',
    'kindVersion',
    'integratedTime',
    'inclusionPromise',
    'inclusionProof',
    'canonicalizedBody',
  );
  entry.optional('logIndex')?.count();
  entry.optional('integratedTime')?.count();
  entry.member('logId').only('keyId').member('keyId').bytes(64);
  const kind = entry.member('kindVersion').only('kind', 'version');
  kind.member('kind').text(MAX_TEXT);
  kind.member('version').text(MAX_TEXT);
  entry.member('canonicalizedBody').bytes(MAX_BODY);
  entry.optional('inclusionPromise')?.only('signedEntryTimestamp').member('signedEntryTimestamp').bytes(MAX_DER);
  const proof = entry.optional('inclusionProof');
  if (proof !== undefined) requireInclusionProof(proof);
}

function requireInclusionProof(proof: JsonNode): void {
  proof.only('logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint');
  proof.optional('logIndex')?.count();
  proof.member('treeSize').count();
  const hashes = proof.optional('hashes')?.list(MAX_PROOF_HASHES) ?? [];
  for (const hash of [proof.member('rootHash'), ...hashes]) {
    if (hash.bytes(HASH_BYTES).length !== HASH_BYTES) throw new ShapeError(hash.path, 'is not a sha256');
  }
  proof.member('checkpoint').only('envelope').member('envelope').text(MAX_CHECKPOINT);
}

function requireEnvelope(envelope: JsonNode): void {
  envelope.only('payload', 'payloadType', 'signatures').member('payload').bytes(MAX_PAYLOAD);
  envelope.member('payloadType').text(MAX_TEXT);
  const signatures = envelope.member('signatures');
  const [signature, ...more] = signatures.list(MAX_LOG_ENTRIES);
  // Which of several signatures a log entry or a certificate speaks of would be anybody's guess.
  if (signature === undefined || more.length > 0)
    throw new ShapeError(signatures.path, 'must hold exactly one signature');
  signature.only('sig', 'keyid').member('sig').bytes(MAX_DER);
  signature.optional('keyid')?.text(MAX_TEXT);
}

function requireMessageSignature(message: JsonNode): void {
  const digest = message.only('messageDigest', 'signature').member('messageDigest').only('algorithm', 'digest');
  const algorithm = digest.member('algorithm').text(MAX_TEXT);
  if (!DIGEST_ALGORITHMS.includes(algorithm))
    throw new ShapeError(digest.path, `is of algorithm ${JSON.stringify(algorithm)}`);
  digest.member('digest').bytes(64);
  message.member('signature').bytes(MAX_DER);
}
