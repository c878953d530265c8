import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial, type TrustMaterial } from '@sigstore/verify';
import { LocksealError } from '../errors.ts';
import { JsonNode, ShapeError } from '../json-node.ts';
import { parseStrictJson } from '../strict-json.ts';
import { Certificate } from './certificate.ts';

type CertAuthority = TrustMaterial['certificateAuthorities'][number];

const MEDIA_TYPES: readonly string[] = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
];
const MAX_BYTES = 1024 * 1024;
const MAX_AUTHORITIES = 64;
const MAX_CHAIN = 10;
const MAX_DER = 16 * 1024;
const MAX_TEXT = 4096;

/** Whom to believe: certificate authorities, logs and timestamp authorities, each with its validity. Built once a run. */
export interface TrustedRootMaterial {
  /** Lower-case hex sha256 of the bytes. */
  readonly sha256: string;
  /** As @sigstore/verify takes it; the keys of signers come from elsewhere. */
  readonly authorities: Omit<TrustMaterial, 'publicKey'>;
}

/**
 * Reads a Sigstore trusted root and checks what its own parser lets pass: known media type, no empty list, a start of
 * validity everywhere (the parser takes a missing one for 1970), keys that decode and belong to their log id, chains
 * that parse. Members that it does not know are ignored: the file is authenticated, and the format grows.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
 * @throws LocksealError ERR_TRUSTED_ROOT naming the member
 */
export function parseTrustedRoot(bytes: Uint8Array): TrustedRootMaterial {
  try {
    if (bytes.length > MAX_BYTES) throw new ShapeError('', `is larger than ${MAX_BYTES} bytes`);
    const json = parseStrictJson(bytes);
    requireUsable(new JsonNode(json, ''));
    const { tlogs, ctlogs, certificateAuthorities, timestampAuthorities } = toTrustMaterial(TrustedRoot.fromJSON(json));
    const authorities = {
      tlogs,
      ctlogs,
      certificateAuthorities: certificateAuthorities.map(remembering),
      timestampAuthorities: timestampAuthorities.map(remembering),
    };
    return { sha256: createHash('sha256').update(bytes).digest('hex'), authorities };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new LocksealError('ERR_TRUSTED_ROOT', `the trusted root cannot be used: ${problem}`, { cause });
  }
}

/** The same authority, of certificates that do nothing twice. */
function remembering({ certChain, validFor }: CertAuthority): CertAuthority {
  return { certChain: certChain.map((certificate) => Certificate.fromDer(certificate.root.toDER())), validFor };
}

function requireUsable(root: JsonNode): void {
  const mediaType = root.member('mediaType').text(MAX_TEXT);
  if (!MEDIA_TYPES.includes(mediaType)) throw new ShapeError('mediaType', `is unknown: ${JSON.stringify(mediaType)}`);
  someOf(root, 'tlogs').forEach(requireLog);
  someOf(root, 'ctlogs').forEach(requireLog);
  someOf(root, 'certificateAuthorities').forEach(requireAuthority);
  // Needed only where no log vouches for the time, so a root may have none.
  root.optional('timestampAuthorities')?.list(MAX_AUTHORITIES).forEach(requireAuthority);
}

function someOf(root: JsonNode, name: string): JsonNode[] {
  const list = root.member(name).list(MAX_AUTHORITIES);
  if (list.length === 0) throw new ShapeError(name, 'is empty');
  return list;
}

function requireLog(log: JsonNode): void {
  const publicKey = log.member('publicKey');
  requireValidity(publicKey.member('validFor'));
  const key = requireKey(publicKey);
  const ids = logIds(key, log.member('baseUrl').text(MAX_TEXT));
  const logId = log.member('logId').member('keyId');
  if (!ids.some((id) => id.equals(logId.bytes(64)))) throw new ShapeError(logId.path, 'is not the id of its key');
  const checkpointId = log.optional('checkpointKeyId')?.member('keyId');
  if (checkpointId === undefined) return;
  const bytes = checkpointId.bytes(64);
  if (bytes.length < 4 || !ids.some((id) => id.subarray(0, bytes.length).equals(bytes))) {
    throw new ShapeError(checkpointId.path, 'is not the id of its key');
  }
}

function requireKey(publicKey: JsonNode): KeyObject {
  const details = publicKey.member('keyDetails').text(MAX_TEXT);
  const raw = publicKey.member('rawBytes');
  const type = details.startsWith('PKCS1_') || details === 'PKIX_RSA_PKCS1V5' ? 'pkcs1' : 'spki';
  try {
    return createPublicKey({ key: raw.bytes(MAX_DER), format: 'der', type });
  } catch (thrown) {
    if (thrown instanceof ShapeError) throw thrown;
    throw new ShapeError(raw.path, `is not a public key of kind ${details}`);
  }
}

/**
 * The ids by which a log of this key goes: sha256 of the SPKI (RFC 6962, Rekor v1) and, for Ed25519, the key id of its
 * signed notes, over name and key (https://github.com/C2SP/C2SP/blob/main/signed-note.md; Rekor v2).
 */
function logIds(key: KeyObject, baseUrl: string): Buffer[] {
  const spki = key.export({ format: 'der', type: 'spki' });
  const ids = [createHash('sha256').update(spki).digest()];
  if (key.asymmetricKeyType === 'ed25519' && URL.canParse(baseUrl)) {
    const { host, pathname } = new URL(baseUrl);
    const name = `${host}${pathname === '/' ? '' : pathname}`;
    ids.push(createHash('sha256').update(`${name}\n\u0001`).update(spki.subarray(-32)).digest());
  }
  return ids;
}

function requireAuthority(authority: JsonNode): void {
  requireValidity(authority.member('validFor'));
  const certificates = authority.member('certChain').member('certificates');
  const chain = certificates.list(MAX_CHAIN);
  if (chain.length === 0) throw new ShapeError(certificates.path, 'is empty');
  for (const certificate of chain) requireCertificate(certificate.member('rawBytes'));
}

function requireCertificate(raw: JsonNode): void {
  const der = raw.bytes(MAX_DER);
  try {
    new X509Certificate(der);
  } catch {
    throw new ShapeError(raw.path, 'is not an X.509 certificate');
  }
}

function requireValidity(validFor: JsonNode): void {
  const start = validFor.member('start').instant();
  const end = validFor.optional('end')?.instant();
  if (end !== undefined && end < start) throw new ShapeError(validFor.path, 'ends before it starts');
}
