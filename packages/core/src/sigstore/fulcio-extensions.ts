import type { X509Certificate } from '@sigstore/core';
import { BundleRefusal } from './refusal.ts';

const ARC = '1.3.6.1.4.1.57264.1.';

/** Last number of the object identifier -> what Fulcio says there. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const EXTENSIONS = {
  issuerV1: 1,
  triggerV1: 2,
  commitV1: 3,
  workflowNameV1: 4,
  repositoryV1: 5,
  refV1: 6,
  issuer: 8,
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  repositoryUri: 12,
  commit: 13,
  ref: 14,
  repositoryId: 15,
  ownerUri: 16,
  ownerId: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  trigger: 20,
  runUri: 21,
  visibility: 22,
} as const;

/** Extensions up to .6 hold bare text, those from .8 on a DER UTF8String; .7 is no extension but a kind of SAN. */
const LAST_BARE = 6;
const FIRST_DER = 8;

export type FulcioExtension = keyof typeof EXTENSIONS;

/**
 * Decodes all extensions of Fulcio's arc, by object identifier.
 * @throws BundleRefusal where one occurs twice or is not well-formed
 */
export function decodeFulcioExtensions(certificate: X509Certificate): Map<string, string> {
  const extensions = new Map<string, string>();
  for (const { subs } of certificate.extensions) {
    const [oid, value] = [subs[0]?.toOID() ?? '', subs.at(-1)?.value];
    if (!oid.startsWith(ARC) || value === undefined) continue;
    if (extensions.has(oid)) throw new BundleRefusal('identity', `the extension ${oid} occurs twice`);
    const number = Number(oid.slice(ARC.length));
    if (number <= LAST_BARE) extensions.set(oid, decodeText(oid, value));
    if (number >= FIRST_DER) extensions.set(oid, decodeText(oid, decodeUtf8String(oid, value)));
  }
  return extensions;
}

/** What the certificate says under this name, if anything. */
export function getExtension(extensions: ReadonlyMap<string, string>, name: FulcioExtension): string | undefined {
  return extensions.get(`${ARC}${EXTENSIONS[name]}`);
}

/** The contents of a DER UTF8String that fills the value exactly, with the length in its one shortest form. */
function decodeUtf8String(oid: string, der: Uint8Array): Uint8Array {
  const [tag, first = 0] = der;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const header = 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : der.subarray(2, header).reduce((sum, byte) => sum * 256 + byte, 0);
  const shortest = lengthBytes === 0 || (lengthBytes === 1 && length >= 0x80) || (lengthBytes === 2 && length >= 0x100);
  if (tag !== 0x0c || !shortest || der.length !== header + length) {
    throw new BundleRefusal('identity', `the extension ${oid} is not a DER UTF8String`);
  }
  return der.subarray(header);
}

function decodeText(oid: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new BundleRefusal('identity', `the extension ${oid} is not valid UTF-8`, { cause });
  }
}
