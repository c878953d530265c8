import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { LocksealError } from '@lockseal/core';
import { digestFor, type Signer } from '../sign/signer.ts';

const PEM_LABEL = /^-----BEGIN ([A-Z0-9 ]+)-----/m;
const CURVES: readonly (string | undefined)[] = ['prime256v1', 'secp384r1'];
const MAX_PEM = 16 * 1024;

/**
 * A signer over a private key in PKCS#8 PEM: ECDSA P-256 or P-384, or Ed25519, encrypted or not.
 * @param where the file or environment variable, for messages
 * @throws LocksealError ERR_SIGNING_KEY
 */
export function loadPrivateKey(pem: string, where: string, passphrase?: string): Signer {
  const privateKey = decode(pem, where, passphrase);
  requireSupported(privateKey, where);
  return {
    publicKey: createPublicKey(privateKey),
    sign: async (data) => sign(digestFor(privateKey), data, privateKey),
  };
}

function decode(pem: string, where: string, passphrase: string | undefined): KeyObject {
  const label = pem.length > MAX_PEM ? undefined : PEM_LABEL.exec(pem)?.[1];
  if (label !== 'PRIVATE KEY' && label !== 'ENCRYPTED PRIVATE KEY') {
    throw unusable(
      where,
      'It is no private key in PKCS#8 PEM.',
      label,
      'Convert it: `openssl pkcs8 -topk8 -in key.pem`.',
    );
  }
  if (label === 'ENCRYPTED PRIVATE KEY' && passphrase === undefined) {
    throw unusable(where, 'It is encrypted, and there is no passphrase.', label, 'Set LOCKSEAL_KEY_PASSPHRASE.');
  }
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // The library's message may hold parts of the key.
    const problem =
      label === 'PRIVATE KEY' ? 'It cannot be decoded.' : 'It cannot be decrypted with the passphrase given.';
    throw unusable(where, problem, label, 'Check the key and LOCKSEAL_KEY_PASSPHRASE.');
  }
}

/** @throws LocksealError ERR_SIGNING_KEY */
function requireSupported(key: KeyObject, where: string): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return;
  if (type === 'ec' && CURVES.includes(details?.namedCurve)) return;
  const found = [type, details?.namedCurve].filter((part) => part !== undefined).join(' ');
  throw unusable(where, 'It is of a kind that is not supported.', found, 'Use ECDSA P-256 or P-384, or Ed25519.');
}

function unusable(where: string, problem: string, found: string | undefined, hint: string): LocksealError {
  return new LocksealError('ERR_SIGNING_KEY', `The key in ${where} cannot be used. ${problem}`, {
    file: where,
    expected: 'PKCS#8 PEM of ECDSA P-256 or P-384, or Ed25519',
    found,
    hint,
  });
}
