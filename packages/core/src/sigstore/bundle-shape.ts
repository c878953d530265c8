import { assertBundleLatest, assertBundleV01, assertBundleV02, ValidationError, type Bundle } from '@sigstore/bundle';
import { HashAlgorithm, type Bundle as BundleMessage } from '@sigstore/protobuf-specs';
import { JsonNode, ShapeError } from '../json-node.ts';

/**
 * The media types of bundles, exactly as published: one that merely looks alike is of a format unknown here. What a
 * version requires is the library's to say.
 */
const VERSIONS: ReadonlyMap<string, (bundle: BundleMessage) => void> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', assertBundleV01],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', assertBundleV02],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', assertBundleLatest],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', assertBundleLatest],
]);
const KEY_MATERIAL = ['x509CertificateChain', 'certificate', 'publicKey'] as const;
const DIGEST_ALGORITHMS: ReadonlyMap<string, HashAlgorithm> = new Map([
  ['SHA2_256', HashAlgorithm.SHA2_256],
  ['SHA2_384', HashAlgorithm.SHA2_384],
  ['SHA2_512', HashAlgorithm.SHA2_512],
]);
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

type Material = NonNullable<BundleMessage['verificationMaterial']>;
type Content = NonNullable<BundleMessage['content']>;
type LogEntry = Material['tlogEntries'][number];

/**
 * Reads a bundle from the outside in, each member once and before it is used: bounds, known members only, canonical
 * base64, whole numbers. What is returned is the very message that the library's own decoder makes of it.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 * @throws ShapeError naming the member at fault
 */
export function parseBundle(json: unknown): Bundle {
  const bundle = new JsonNode(json, '').only('mediaType', 'verificationMaterial', 'dsseEnvelope', 'messageSignature');
  const mediaType = bundle.member('mediaType').text(MAX_TEXT);
  const requireVersion = VERSIONS.get(mediaType);
  if (requireVersion === undefined) throw new ShapeError('mediaType', `is unknown: ${JSON.stringify(mediaType)}`);
  const verificationMaterial = readVerificationMaterial(bundle.member('verificationMaterial'));
  const message = { mediaType, verificationMaterial, content: readContent(bundle) };
  try {
    requireVersion(message);
  } catch (thrown) {
    if (thrown instanceof ValidationError)
      throw new ShapeError(thrown.fields.join(', '), `is wrong: ${thrown.message}`);
    throw thrown;
  }
  return message as Bundle;
}

function readContent(bundle: JsonNode): Content {
  switch (requireOneOf(bundle, ['dsseEnvelope', 'messageSignature'])) {
    case 'dsseEnvelope':
      return { $case: 'dsseEnvelope', dsseEnvelope: readEnvelope(bundle.member('dsseEnvelope')) };
    case 'messageSignature':
      return { $case: 'messageSignature', messageSignature: readMessageSignature(bundle.member('messageSignature')) };
  }
}

function requireOneOf<Name extends string>(node: JsonNode, names: readonly Name[]): Name {
  const [name, ...more] = names.filter((candidate) => node.optional(candidate) !== undefined);
  if (name === undefined || more.length > 0) throw new ShapeError(node.path, `must have one of ${names.join(', ')}`);
  return name;
}

function readVerificationMaterial(material: JsonNode): Material {
  material.only(...KEY_MATERIAL, 'tlogEntries', 'timestampVerificationData');
  const content = readKeyMaterial(material);
  const tlogEntries = material.optional('tlogEntries')?.list(MAX_LOG_ENTRIES).map(readLogEntry) ?? [];
  const timestamps = material.optional('timestampVerificationData')?.only('rfc3161Timestamps');
  const timestampVerificationData = timestamps && {
    rfc3161Timestamps: (timestamps.optional('rfc3161Timestamps')?.list(MAX_TIMESTAMPS) ?? []).map((timestamp) => ({
      signedTimestamp: timestamp.only('signedTimestamp').member('signedTimestamp').bytes(MAX_DER),
    })),
  };
  return { content, tlogEntries, timestampVerificationData };
}

function readKeyMaterial(material: JsonNode): Material['content'] {
  switch (requireOneOf(material, KEY_MATERIAL)) {
    case 'x509CertificateChain': {
      const certificates = readChain(
        material.member('x509CertificateChain').only('certificates').member('certificates'),
      );
      return { $case: 'x509CertificateChain', x509CertificateChain: { certificates } };
    }
    case 'certificate':
      return { $case: 'certificate', certificate: readCertificate(material.member('certificate')) };
    case 'publicKey': {
      const hint = material.member('publicKey').only('hint').optional('hint')?.text(MAX_TEXT) ?? '';
      return { $case: 'publicKey', publicKey: { hint } };
    }
  }
}

function readChain(certificates: JsonNode): { rawBytes: Buffer }[] {
  const chain = certificates.list(MAX_CERTIFICATES);
  if (chain.length === 0) throw new ShapeError(certificates.path, 'is empty');
  return chain.map(readCertificate);
}

function readCertificate(certificate: JsonNode): { rawBytes: Buffer } {
  return { rawBytes: certificate.only('rawBytes').member('rawBytes').bytes(MAX_DER) };
}

function readLogEntry(entry: JsonNode): LogEntry {
  entry.only(
    'logIndex',
    'logId',
    'kindVersion',
    'integratedTime',
    'inclusionPromise',
    'inclusionProof',
    'canonicalizedBody',
  );
  const kind = entry.member('kindVersion').only('kind', 'version');
  const promise = entry.optional('inclusionPromise')?.only('signedEntryTimestamp');
  const proof = entry.optional('inclusionProof');
  return {
    logIndex: readCount(entry.optional('logIndex')),
    logId: { keyId: entry.member('logId').only('keyId').member('keyId').bytes(64) },
    kindVersion: { kind: kind.member('kind').text(MAX_TEXT), version: kind.member('version').text(MAX_TEXT) },
    integratedTime: readCount(entry.optional('integratedTime')),
    inclusionPromise: promise && { signedEntryTimestamp: promise.member('signedEntryTimestamp').bytes(MAX_DER) },
    inclusionProof: proof && readInclusionProof(proof),
    canonicalizedBody: entry.member('canonicalizedBody').bytes(MAX_BODY),
  };
}

/** Decimal, as Protocol Buffers hold what may be larger than a number. */
function readCount(node: JsonNode | undefined): string {
  return node === undefined ? '0' : String(node.count());
}

function readInclusionProof(proof: JsonNode): NonNullable<LogEntry['inclusionProof']> {
  proof.only('logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint');
  return {
    logIndex: readCount(proof.optional('logIndex')),
    rootHash: readHash(proof.member('rootHash')),
    treeSize: readCount(proof.member('treeSize')),
    hashes: (proof.optional('hashes')?.list(MAX_PROOF_HASHES) ?? []).map(readHash),
    checkpoint: { envelope: proof.member('checkpoint').only('envelope').member('envelope').text(MAX_CHECKPOINT) },
  };
}

function readHash(hash: JsonNode): Buffer {
  const bytes = hash.bytes(HASH_BYTES);
  if (bytes.length !== HASH_BYTES) throw new ShapeError(hash.path, 'is not a sha256');
  return bytes;
}

function readEnvelope(envelope: JsonNode): Extract<Content, { $case: 'dsseEnvelope' }>['dsseEnvelope'] {
  envelope.only('payload', 'payloadType', 'signatures');
  const payload = envelope.member('payload').bytes(MAX_PAYLOAD);
  const payloadType = envelope.member('payloadType').text(MAX_TEXT);
  const signatures = envelope.member('signatures');
  const [signature, ...more] = signatures.list(MAX_LOG_ENTRIES);
  // Which of several signatures a log entry or a certificate speaks of would be anybody's guess.
  if (signature === undefined || more.length > 0)
    throw new ShapeError(signatures.path, 'must hold exactly one signature');
  const sig = signature.only('sig', 'keyid').member('sig').bytes(MAX_DER);
  return { payload, payloadType, signatures: [{ sig, keyid: signature.optional('keyid')?.text(MAX_TEXT) ?? '' }] };
}

function readMessageSignature(message: JsonNode): Extract<Content, { $case: 'messageSignature' }>['messageSignature'] {
  const node = message.only('messageDigest', 'signature').member('messageDigest').only('algorithm', 'digest');
  const name = node.member('algorithm').text(MAX_TEXT);
  const algorithm = DIGEST_ALGORITHMS.get(name);
  if (algorithm === undefined) throw new ShapeError(node.path, `is of algorithm ${JSON.stringify(name)}`);
  const digest = node.member('digest').bytes(64);
  return { messageDigest: { algorithm, digest }, signature: message.member('signature').bytes(MAX_DER) };
}
