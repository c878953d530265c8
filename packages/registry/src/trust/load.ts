import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LocksealError, type ErrorCode, type KeyOrigin, type RegistryKey } from '@lockseal/core';
import { embeddedTrust, type TrustSnapshot } from './embedded.ts';
import { KeyFormatError, parseRegistryKeys } from './keys.ts';
import { recallTrust, refreshTrust, rememberTrust, type TufMirror } from './tuf.ts';

export interface TrustOptions {
  readonly offline: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Replaces the Sigstore trusted root. */
  readonly trustedRootFile?: string | undefined;
  /** Adds registry keys, in a registry's format or the TUF target's; stronger than those of TUF for the same key id. */
  readonly registryKeysFile?: string | undefined;
  /** Where refreshed material is kept, out of everybody else's reach; without one nothing is refreshed. */
  readonly stateDirectory?: string | undefined;
  readonly tufMirror?: TufMirror | undefined;
  /** How old a refreshed snapshot may be before TUF is asked again, in milliseconds; a day. */
  readonly refreshAfterMs?: number | undefined;
}

/** Where trust starts: raw material with its origin, not yet judged (core's `parseTrustedRoot` does that). */
export interface TrustMaterial {
  readonly trustedRoot: {
    /** JSON of a Sigstore TrustedRoot. */
    readonly bytes: Uint8Array;
    readonly origin: 'embedded' | 'tuf' | 'file';
    /** Lower-case hex. */
    readonly sha256: string;
    /** ISO 8601: when it was refreshed or, embedded, published; undefined for a file. */
    readonly asOf: string | undefined;
  };
  /** npm's keys from TUF (or embedded), and those of the file; a key id of the file hides TUF's. */
  readonly registryKeys: { readonly file: readonly RegistryKey[]; readonly npm: readonly RegistryKey[] };
  /** What the user must be told: a refresh that failed, and what is used instead. */
  readonly warnings: readonly string[];
}

const DAY = 24 * 60 * 60 * 1000;
const MAX_FILE = 16 * 1024 * 1024;

/**
 * The trusted root and the registry keys: from TUF where it can be asked, else the newest that is known (an earlier
 * refresh, or what is embedded), and a warning says so. Files replace or add to both.
 * @throws LocksealError ERR_TRUSTED_ROOT, ERR_KEYS for files that cannot be used
 */
export async function loadTrust(options: TrustOptions): Promise<TrustMaterial> {
  const warnings: string[] = [];
  const { origin, snapshot } = await newestSnapshot(options, warnings);
  const rootFile = options.trustedRootFile;
  const root =
    rootFile === undefined
      ? { bytes: snapshot.trustedRoot, origin, asOf: snapshot.asOf }
      : { bytes: await readTrustFile(rootFile, 'ERR_TRUSTED_ROOT'), origin: 'file' as const, asOf: undefined };
  const keysFile = options.registryKeysFile;
  return {
    trustedRoot: { ...root, sha256: createHash('sha256').update(root.bytes).digest('hex') },
    registryKeys: {
      file: keysFile === undefined ? [] : readKeys(await readTrustFile(keysFile, 'ERR_KEYS'), 'file', keysFile),
      npm: readNpmKeys(snapshot, origin),
    },
    warnings,
  };
}

interface Known {
  readonly origin: 'embedded' | 'tuf';
  readonly snapshot: TrustSnapshot;
}

async function newestSnapshot(options: TrustOptions, warnings: string[]): Promise<Known> {
  const { stateDirectory, tufMirror: mirror, now } = options;
  if (stateDirectory === undefined) return newestOf(undefined, mirror, warnings);
  const recalled = await recallTrust(stateDirectory, mirror);
  const age = recalled?.asOf === undefined ? Infinity : now - Date.parse(recalled.asOf);
  // A time in the future says nothing about age.
  const isFresh = age >= 0 && age < (options.refreshAfterMs ?? DAY);
  if (options.offline || isFresh) return newestOf(recalled, mirror, warnings);
  try {
    const snapshot = await refreshTrust(stateDirectory, mirror, now);
    await rememberTrust(stateDirectory, mirror, snapshot);
    return { origin: 'tuf', snapshot };
  } catch (error) {
    const known = newestOf(recalled, mirror, warnings);
    const reason = reasonOf(error);
    const what = `the ${known.origin} one of ${known.snapshot.asOf ?? 'unknown age'} is used`;
    warnings.push(`ERR_TUF: the trusted root could not be refreshed (${reason}); ${what}.`);
    return known;
  }
}

/** The messages down the chain of causes: the last one tells what really failed. */
function reasonOf(error: unknown): string {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error && messages.length < 5; cause = cause.cause) {
    if (cause.message !== '' && cause.message !== messages.at(-1)) messages.push(cause.message);
  }
  return messages.length === 0 ? String(error) : messages.join(': ');
}

/** The embedded material belongs to the public-good instance; with another mirror it is a last resort, and said so. */
function newestOf(recalled: TrustSnapshot | undefined, mirror: TufMirror | undefined, warnings: string[]): Known {
  const embedded = embeddedTrust();
  const isNewer = recalled !== undefined && (recalled.asOf ?? '') >= (embedded.asOf ?? '');
  if (recalled !== undefined && (isNewer || mirror !== undefined)) return { origin: 'tuf', snapshot: recalled };
  if (mirror !== undefined) warnings.push(`ERR_TUF: nothing is known of ${mirror.url}; the public-good root is used.`);
  return { origin: 'embedded', snapshot: embedded };
}

async function readTrustFile(file: string, code: ErrorCode): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= MAX_FILE) return bytes;
  } catch (cause) {
    throw new LocksealError(code, `${file} cannot be read`, { file, cause });
  }
  throw new LocksealError(code, `${file} is larger than ${MAX_FILE} bytes`, { file });
}

function readNpmKeys({ npmKeys }: TrustSnapshot, origin: KeyOrigin): readonly RegistryKey[] {
  if (npmKeys !== undefined) return readKeys(npmKeys, origin, "the keys of npm's registry");
  return readKeys(embeddedTrust().npmKeys, 'embedded', "the embedded keys of npm's registry");
}

function readKeys(bytes: Uint8Array, origin: KeyOrigin, file: string): readonly RegistryKey[] {
  try {
    const keys = parseRegistryKeys(JSON.parse(new TextDecoder().decode(bytes)), origin);
    if (keys.length > 0) return keys;
  } catch (cause) {
    if (!(cause instanceof KeyFormatError) && !(cause instanceof SyntaxError)) throw cause;
    throw new LocksealError('ERR_KEYS', `${file} holds no registry keys: ${cause.message}`, { file, cause });
  }
  throw new LocksealError('ERR_KEYS', `${file} holds no key that can be used`, { file });
}
