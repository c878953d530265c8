import { createPublicKey, type KeyObject } from 'node:crypto';
import { VerificationError, type KeyFinderFunc } from '@sigstore/verify';
import { LocksealError } from '../errors.ts';

/** A key that bundles name by hint. Deliberately not a RegistryKey: those are fit for bundles by their usage only. */
export interface BundleKey {
  readonly hint: string;
  /** Base64 SPKI DER. */
  readonly spki: string;
  /** ISO 8601, inclusive; undefined: unbounded. */
  readonly validFrom: string | undefined;
  readonly validUntil: string | undefined;
}

interface TimedKey {
  readonly spki: string;
  readonly publicKey: KeyObject;
  readonly windows: { readonly from: number; readonly until: number }[];
}

/**
 * Finds the key that a bundle names. A key listed with several validities is good in each of them.
 * @throws LocksealError ERR_KEYS where a key cannot be decoded, or two different ones go by one hint
 */
export function createKeyFinder(keys: readonly BundleKey[]): KeyFinderFunc {
  const byHint = new Map<string, TimedKey>();
  for (const key of keys) {
    const known = byHint.get(key.hint) ?? { spki: key.spki, publicKey: decodeKey(key), windows: [] };
    if (known.spki !== key.spki) throw new LocksealError('ERR_KEYS', `two different keys go by ${key.hint}`);
    known.windows.push({ from: toTime(key, key.validFrom, -Infinity), until: toTime(key, key.validUntil, Infinity) });
    byHint.set(key.hint, known);
  }
  return (hint) => {
    const key = byHint.get(hint);
    if (key === undefined) throw new VerificationError({ code: 'PUBLIC_KEY_ERROR', message: `${hint} is not known` });
    const validFor = (date: Date): boolean =>
      key.windows.some(({ from, until }) => from <= date.getTime() && date.getTime() <= until);
    return { publicKey: key.publicKey, validFor };
  };
}

function decodeKey({ hint, spki }: BundleKey): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new LocksealError('ERR_KEYS', `the key ${hint} is not a public key in SPKI form`, { cause });
  }
}

function toTime({ hint }: BundleKey, text: string | undefined, unbounded: number): number {
  if (text === undefined) return unbounded;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new LocksealError('ERR_KEYS', `the key ${hint} has a validity that is no time: ${text}`);
  return time;
}
