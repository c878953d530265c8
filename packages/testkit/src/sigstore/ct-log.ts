import { extension, encodeTbs, type TbsCertificate } from './x509.ts';
import { octets } from './der.ts';
import { generateSigningKey, sha256, signWith, type SigningKey } from './keys.ts';

/** A certificate-transparency log as far as certificates show it: it promises (RFC 6962 3.2), and keeps no tree. */
export interface CtLog {
  readonly key: SigningKey;
  /** SHA-256 of the log's public key. */
  readonly logId: Buffer;
  /** The certificate extension that holds one signed certificate timestamp for this precertificate. */
  sctExtension(tbs: TbsCertificate, issuerSpki: Uint8Array, at: Date): Buffer;
}

const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';

export function createCtLog(): CtLog {
  const key = generateSigningKey('P-256');
  const logId = sha256(key.spki);
  return {
    key,
    logId,
    sctExtension(tbs, issuerSpki, at) {
      const timestamp = uint(at.getTime(), 8);
      const signature = signWith(key, signedStruct(encodeTbs(tbs), issuerSpki, timestamp));
      const sct = Buffer.concat([
        Buffer.of(0),
        logId,
        timestamp,
        uint(0, 2),
        Buffer.of(4, 3), // SHA-256, ECDSA
        uint(signature.length, 2),
        signature,
      ]);
      const list = Buffer.concat([uint(sct.length, 2), sct]);
      return extension(SCT_LIST, octets(Buffer.concat([uint(list.length, 2), list])));
    },
  };
}

/** RFC 6962 3.2: version, signature type, timestamp, entry type "precertificate", issuer key hash, TBS, no extensions. */
function signedStruct(tbs: Buffer, issuerSpki: Uint8Array, timestamp: Buffer): Buffer {
  return Buffer.concat([
    Buffer.of(0, 0),
    timestamp,
    uint(1, 2),
    sha256(issuerSpki),
    uint(tbs.length, 3),
    tbs,
    uint(0, 2),
  ]);
}

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}
