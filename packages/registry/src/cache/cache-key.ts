import { hash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const FILE = 'cache-key';
const BYTES = 32;
/** Follows no link, and waits for nobody at a pipe; what is opened must still be asked whether it is a file. */
export const OPEN_REGULAR: number =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK);
/** Permissions of group and others. */
const OTHERS = 0o077;

/** The secret that one user's cache is sealed with. */
export interface CacheKey {
  readonly secret: Buffer;
  /** Names the key without telling it. */
  readonly id: string;
}

/** The key cannot be had, or not be believed; the cache is done without. */
export class CacheKeyError extends Error {}

/**
 * The user's key, made on first use: 32 random bytes that nobody else may read, outside any cache, so that whoever
 * restores or poisons a cache cannot seal what they put there.
 * @throws CacheKeyError, or what the file system throws
 */
export function loadCacheKey(stateDirectory: string): CacheKey {
  const file = path.join(stateDirectory, FILE);
  const secret = readKey(file) ?? makeKey(stateDirectory, file);
  return { secret, id: hash('sha256', Buffer.concat([Buffer.from('lockseal cache\0'), secret])).slice(0, 16) };
}

function readKey(file: string): Buffer | undefined {
  const descriptor = openKey(file);
  if (descriptor === undefined) return undefined;
  try {
    const stat = fstatSync(descriptor);
    const isOwn = process.geteuid === undefined || stat.uid === process.geteuid();
    if (!stat.isFile() || !isOwn) throw new CacheKeyError(`${file} is not a file of this user`);
    if (process.platform !== 'win32' && (stat.mode & OTHERS) !== 0) {
      throw new CacheKeyError(`${file} can be read by others; remove it, and another key is made`);
    }
    const secret = Buffer.alloc(BYTES + 1);
    if (readSync(descriptor, secret, 0, BYTES + 1, 0) !== BYTES) throw new CacheKeyError(`${file} is not a key`);
    const key = secret.subarray(0, BYTES);
    // What a power failure can leave of a file; everybody knows it, so that anybody could seal with it.
    if (key.includes(Buffer.alloc(BYTES / 2))) throw new CacheKeyError(`${file} is not a key`);
    return key;
  } finally {
    closeSync(descriptor);
  }
}

function openKey(file: string): number | undefined {
  try {
    return openSync(file, OPEN_REGULAR);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written whole beside its place, then linked to it: of two processes at once, one wins and both use its key. */
function makeKey(stateDirectory: string, file: string): Buffer {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const temporary = path.join(stateDirectory, `.${FILE}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    // On the disk before it has its name: a key that a power failure took would be no key for ever.
    writeFileSync(temporary, randomBytes(BYTES), { flag: 'wx', mode: 0o600, flush: true });
    linkSync(temporary, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const secret = readKey(file);
  if (secret === undefined) throw new CacheKeyError(`${file} went away`);
  return secret;
}
