import type { Transform } from 'node:stream';
import ssri from 'ssri';
import type { FindingCode } from './finding-codes.ts';
import type { CheckResult } from './model/evidence.ts';
import type { LockfileFormat, Pin } from './model/lockfile.ts';

/** Subresource-integrity algorithms, strongest first, with the length of their digests in bytes. */
const DIGEST_BYTES = { sha512: 64, sha384: 48, sha256: 32, sha1: 20, md5: 16 } as const;
/** Longest text looked at: room for every algorithm twice. */
const MAX_TEXT = 1024;
const HASH = /^([a-zA-Z0-9]+)-([A-Za-z0-9+/]+={0,2})$/;

export type HashAlgorithm = keyof typeof DIGEST_BYTES;
type StrongAlgorithm = 'sha512' | 'sha384' | 'sha256';
type WeakAlgorithm = 'sha1' | 'md5';

/** What an integrity text says; only `ok` pins bytes. `hex` is lower case. */
export type ParsedIntegrity =
  | { readonly kind: 'ok'; readonly algorithm: StrongAlgorithm; readonly hex: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Broken algorithms only; `hex` still tells whether bytes are the ones meant. */
  | { readonly kind: 'weak'; readonly algorithm: WeakAlgorithm; readonly hex: string }
  /** Several hashes of the strongest algorithm: package managers accept bytes that match any one of them. */
  | { readonly kind: 'ambiguous'; readonly algorithm: HashAlgorithm }
  | { readonly kind: 'unknown-algorithm'; readonly algorithm: string };

interface Hash {
  readonly algorithm: HashAlgorithm;
  readonly hex: string;
}

/**
 * Reads subresource-integrity text (`sha512-… sha1-…`) more strictly than package managers do: they skip what they do
 * not understand, so an unknown algorithm, a digest of the wrong length or one in non-canonical base64 anywhere in the
 * text is refused. Of several algorithms the strongest counts, as everywhere.
 * https://www.w3.org/TR/sri-2/#the-integrity-attribute
 */
export function parseIntegrity(text: string | undefined): ParsedIntegrity {
  if (text === undefined || text.trim() === '') return { kind: 'missing' };
  if (text.length > MAX_TEXT) return { kind: 'malformed', reason: `longer than ${MAX_TEXT} characters` };
  const hashes: Hash[] = [];
  for (const token of text.trim().split(/\s+/)) {
    const hash = parseHash(token);
    if ('kind' in hash) return hash;
    hashes.push(hash);
  }
  return pickStrongest(hashes);
}

function parseHash(token: string): Hash | Extract<ParsedIntegrity, { kind: 'malformed' | 'unknown-algorithm' }> {
  const [, algorithm, base64] = HASH.exec(token) ?? [];
  if (algorithm === undefined || base64 === undefined)
    return { kind: 'malformed', reason: 'not of the form algorithm-base64' };
  if (!isHashAlgorithm(algorithm)) return { kind: 'unknown-algorithm', algorithm };
  const digest = Buffer.from(base64, 'base64');
  if (digest.toString('base64') !== base64) return { kind: 'malformed', reason: 'not canonical base64' };
  if (digest.length !== DIGEST_BYTES[algorithm]) {
    return { kind: 'malformed', reason: `${digest.length} bytes where ${algorithm} has ${DIGEST_BYTES[algorithm]}` };
  }
  return { algorithm, hex: digest.toString('hex') };
}

function pickStrongest(hashes: readonly Hash[]): ParsedIntegrity {
  const strength = Object.keys(DIGEST_BYTES);
  const sorted = hashes.toSorted((a, b) => strength.indexOf(a.algorithm) - strength.indexOf(b.algorithm));
  const [first, second] = sorted;
  if (first === undefined) return { kind: 'missing' };
  if (first.algorithm === second?.algorithm) return { kind: 'ambiguous', algorithm: first.algorithm };
  const { algorithm, hex } = first;
  return algorithm === 'sha1' || algorithm === 'md5'
    ? { kind: 'weak', algorithm, hex }
    : { kind: 'ok', algorithm, hex };
}

function isHashAlgorithm(text: string): text is HashAlgorithm {
  return Object.hasOwn(DIGEST_BYTES, text);
}

/** Lower-case hex sha512 that the text pins, or undefined where it pins anything else or nothing. */
export function sha512FromIntegrity(text: string | undefined): string | undefined {
  const parsed = parseIntegrity(text);
  return parsed.kind === 'ok' && parsed.algorithm === 'sha512' ? parsed.hex : undefined;
}

/** The outcome of looking at a pin: `codes` are the observations to make, `found` is what was found, for messages. */
export interface PinCheck {
  readonly result: CheckResult<{ readonly algorithm: string }>;
  readonly codes: readonly FindingCode[];
  readonly found: string | undefined;
}

/**
 * Whether a pin is there, well-formed, strong and unambiguous.
 * @param format tells a missing Yarn Berry checksum (mended otherwise) from a missing integrity hash
 */
export function checkPin(pin: Pin, format?: LockfileFormat): PinCheck {
  switch (pin.kind) {
    case 'none':
      return format === 'yarn-berry'
        ? absent('checksum-missing', 'checksum')
        : absent('integrity-missing', 'integrity hash');
    case 'integrity':
      return checkIntegrity(pin.text);
    case 'yarn-checksum':
      return checkYarnChecksum(pin);
    case 'sha256':
      return isHex(pin.hex, 32) ? verified('sha256') : invalid('integrity-malformed', 'not a sha256 in hex', pin.hex);
  }
}

function checkIntegrity(text: string): PinCheck {
  const parsed = parseIntegrity(text);
  switch (parsed.kind) {
    case 'ok':
      return verified(parsed.algorithm);
    case 'missing':
      return absent('integrity-missing', 'integrity hash');
    case 'malformed':
      return invalid('integrity-malformed', parsed.reason, text);
    case 'weak':
      return invalid('integrity-weak', `${parsed.algorithm} is broken`, text);
    case 'ambiguous':
      return invalid('integrity-ambiguous', `several ${parsed.algorithm} hashes, each of which would pass`, text);
    case 'unknown-algorithm':
      return invalid('integrity-unknown-algorithm', `the algorithm ${parsed.algorithm} is unknown`, text);
  }
}

/** A bare checksum (Yarn 2 and 3) is of the lockfile's own cache key; Yarn skips the comparison when the keys differ. */
function checkYarnChecksum(pin: Extract<Pin, { kind: 'yarn-checksum' }>): PinCheck {
  if (!isHex(pin.sha512, 64)) return invalid('integrity-malformed', 'the checksum is not a sha512 in hex', pin.sha512);
  if (pin.cacheKey !== undefined && pin.cacheKey !== pin.lockfileCacheKey) {
    const reason = `its cache key is ${pin.cacheKey}, the lockfile's is ${pin.lockfileCacheKey ?? 'not given'}`;
    return invalid('checksum-unverifiable', reason, `${pin.cacheKey}/${pin.sha512}`);
  }
  return verified('sha512');
}

function isHex(text: string, bytes: number): boolean {
  return text.length === bytes * 2 && /^[0-9a-f]+$/.test(text);
}

function verified(algorithm: string): PinCheck {
  return { result: { status: 'verified', algorithm }, codes: [], found: undefined };
}

function absent(code: FindingCode, what: string): PinCheck {
  return { result: { status: 'absent', reason: `the entry has no ${what}` }, codes: [code], found: undefined };
}

function invalid(code: FindingCode, reason: string, found: string): PinCheck {
  return { result: { status: 'invalid', code, reason }, codes: [code], found };
}

/** Hashes bytes as they come, with several algorithms at once. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  /** Lower-case hex digests; to be called once. */
  digest(): ReadonlyMap<HashAlgorithm, string>;
}

export function createHasher(algorithms: readonly HashAlgorithm[]): Hasher {
  const hash = ssri.create({ algorithms }) as unknown as {
    update(chunk: Uint8Array): unknown;
    digest(): ssri.IntegrityMap;
  };
  return {
    update: (chunk) => void hash.update(chunk),
    digest: () => toHexDigests(hash.digest()),
  };
}

/** A stream that passes bytes on unchanged and hashes them; `digests` is undefined until it has ended. */
export interface IntegrityStream {
  readonly stream: Transform;
  readonly digests: () => ReadonlyMap<HashAlgorithm, string> | undefined;
}

export function createIntegrityStream(algorithms: readonly HashAlgorithm[]): IntegrityStream {
  const stream = ssri.integrityStream({ algorithms });
  let digests: ReadonlyMap<HashAlgorithm, string> | undefined;
  stream.on('integrity', (integrity: ssri.IntegrityMap) => {
    digests = toHexDigests(integrity);
  });
  return { stream, digests: () => digests };
}

function toHexDigests(integrity: ssri.IntegrityMap): ReadonlyMap<HashAlgorithm, string> {
  const digests = new Map<HashAlgorithm, string>();
  for (const [algorithm, hashes] of Object.entries(integrity)) {
    const hash: unknown = Array.isArray(hashes) ? hashes[0] : undefined;
    if (isHashAlgorithm(algorithm) && isHashLike(hash)) {
      digests.set(algorithm, Buffer.from(hash.digest, 'base64').toString('hex'));
    }
  }
  return digests;
}

function isHashLike(value: unknown): value is ssri.HashLike {
  return typeof value === 'object' && value !== null && 'digest' in value && typeof value.digest === 'string';
}
