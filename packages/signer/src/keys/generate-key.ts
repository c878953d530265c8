import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { keyHint } from '../sign/signer.ts';

export type KeyAlgorithm = 'P-256' | 'P-384' | 'Ed25519';

export interface GeneratedKey {
  /** PKCS#8 PEM; encrypted (AES-256-CBC, PBKDF2) where a passphrase was given. */
  readonly privateKey: string;
  /** SPKI PEM, to be listed in the policy. */
  readonly publicKey: string;
  /** By which bundles name it. */
  readonly hint: string;
}

export function generateKey(algorithm: KeyAlgorithm, passphrase?: string): GeneratedKey {
  const { privateKey, publicKey } = generatePair(algorithm);
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    hint: keyHint(publicKey),
  };
}

function generatePair(algorithm: KeyAlgorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  return algorithm === 'Ed25519'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: algorithm });
}
