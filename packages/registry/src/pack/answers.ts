import { createHash } from 'node:crypto';
import {
  canonicalize,
  ERROR_CODES,
  ShapeError,
  type ErrorCode,
  type Fetched,
  type Json,
  type JsonNode,
  type KeyOrigin,
  type PackageHistory,
  type RawAttestation,
  type RegistryKey,
} from '@lockseal/core';
import { parseHistory } from '../sources/history.ts';
import { rewrap, unwrap } from './unwrap.ts';

/** Longest text that is not inside a bundle. */
const MAX_TEXT = 64 * 1024;
const MAX_KEYS = 3000;
const MAX_ATTESTATIONS = 100;

/** What a source answered: `{value}`, `{absent: reason}` or `{unavailable: {error, reason, digests?}}`. */
export function encodeAnswer<T>(fetched: Fetched<T>, encode: (value: T) => Json): Json {
  switch (fetched.status) {
    case 'ok':
      return { value: encode(fetched.value) };
    case 'absent':
      return { absent: fetched.reason };
    case 'unavailable': {
      const { error, reason, digests } = fetched;
      return { unavailable: { error, reason, ...(digests && { digests: { ...digests } }) } };
    }
  }
}

/** @throws ShapeError, or what `decode` throws */
export function decodeAnswer<T>(answer: JsonNode, decode: (value: JsonNode) => T): Fetched<T> {
  answer.only('value', 'absent', 'unavailable');
  if (answer.keys().length !== 1) throw new ShapeError(answer.path, 'must be of one kind');
  const absent = answer.optional('absent');
  if (absent !== undefined) return { status: 'absent', reason: absent.text(MAX_TEXT) };
  const unavailable = answer.optional('unavailable');
  if (unavailable === undefined) return { status: 'ok', value: decode(answer.member('value')) };
  const digests = unavailable.only('error', 'reason', 'digests').optional('digests')?.only('sha512', 'sha1');
  return {
    status: 'unavailable',
    error: errorCodeIn(unavailable.member('error')),
    reason: unavailable.member('reason').text(MAX_TEXT),
    digests: digests && { sha512: digests.member('sha512').text(128), sha1: digests.member('sha1').text(40) },
  };
}

function errorCodeIn(node: JsonNode): ErrorCode {
  const text = node.text(MAX_TEXT);
  const code = (Object.keys(ERROR_CODES) as ErrorCode[]).find((each) => each === text);
  if (code === undefined) throw new ShapeError(node.path, 'is no error code');
  return code;
}

export function encodeAttestations(attestations: readonly RawAttestation[]): Json {
  return attestations.map(({ predicateType, bundle }) => {
    const plain = bundle as Json;
    const unwrapped = unwrap(plain);
    return { predicateType, ...(unwrapped === undefined ? { plain } : { bundle: unwrapped }) };
  });
}

export function decodeAttestations(value: JsonNode): readonly RawAttestation[] {
  return value.list(MAX_ATTESTATIONS).map((attestation) => {
    const bundle = bundleIn(attestation.only('predicateType', 'bundle', 'plain'));
    const digest = createHash('sha256').update(canonicalize(bundle)).digest('hex');
    return { predicateType: attestation.member('predicateType').text(MAX_TEXT), bundle, digest };
  });
}

function bundleIn(attestation: JsonNode): Json {
  const plain = attestation.optional('plain');
  if (plain !== undefined) return plain.value as Json;
  const unwrapped = attestation.member('bundle');
  try {
    return rewrap(unwrapped.value as Json);
  } catch (error) {
    if (error instanceof RangeError) throw new ShapeError(unwrapped.path, `cannot be restored: ${error.message}`);
    throw error;
  }
}

const USAGES = ['npm:signatures', 'npm:attestations'] as const;
/** Where keys and roots come from, weakest first. */
export const ORIGINS: readonly KeyOrigin[] = ['registry', 'embedded', 'tuf', 'file'];

/** Strongest origin first, as sources give them; then by id and usage. */
export function encodeKeys(keys: readonly RegistryKey[]): Json {
  const rank = ({ origin }: RegistryKey): number => -ORIGINS.indexOf(origin);
  const name = ({ keyid, usages }: RegistryKey): string => JSON.stringify([keyid, usages]);
  const sorted = keys.toSorted((a, b) => rank(a) - rank(b) || (name(a) < name(b) ? -1 : 1));
  return sorted.map(({ keyid, usages, spki, validFrom, validUntil, origin }) => ({
    keyid,
    usages,
    spki,
    ...(validFrom !== undefined && { validFrom }),
    ...(validUntil !== undefined && { validUntil }),
    origin,
  }));
}

export function decodeKeys(value: JsonNode): readonly RegistryKey[] {
  return value.list(MAX_KEYS).map((key) => {
    key.only('keyid', 'usages', 'spki', 'validFrom', 'validUntil', 'origin');
    return {
      keyid: key.member('keyid').text(MAX_TEXT),
      usages: key
        .member('usages')
        .list(USAGES.length)
        .map((usage) => oneOf(usage, USAGES)),
      spki: key.member('spki').bytes(MAX_TEXT).toString('base64'),
      validFrom: key.optional('validFrom')?.text(64),
      validUntil: key.optional('validUntil')?.text(64),
      origin: oneOf(key.member('origin'), ORIGINS),
    };
  });
}

function oneOf<const Choice extends string>(node: JsonNode, choices: readonly Choice[]): Choice {
  const text = node.text(MAX_TEXT);
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new ShapeError(node.path, `is none of ${choices.join(', ')}`);
  return choice;
}

/** Rows as `parseHistory` reads them: `[version, publishedAt, publisher, announcesProvenance, integrity]`. */
export function encodeHistory({ versions }: PackageHistory): Json {
  return versions.map(({ version, publishedAt, publisher, announcesProvenance, integrity }) => [
    version,
    publishedAt ?? null,
    publisher ?? null,
    announcesProvenance,
    integrity ?? null,
  ]);
}

/** @throws LocksealError ERR_RESPONSE_INVALID, as for the registry's own answer */
export function decodeHistory(value: JsonNode): PackageHistory {
  return parseHistory(Buffer.from(JSON.stringify(value.value)));
}
