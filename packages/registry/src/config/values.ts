import { readFile } from 'node:fs/promises';
import { LocksealError, type Position } from '@lockseal/core';
import { basic, credentialKey } from './credentials.ts';
import { addCredentials, type LayerDraft } from './layer.ts';

/** Largest configuration file that is read, in bytes. */
const MAX_FILE = 4 * 1024 * 1024;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a value stands; the position is that of its key where it is known. */
export interface Place {
  readonly file: string;
  readonly key: string;
  readonly position?: Position | undefined;
}

/** An ERR_CONFIG at a place. The message must not hold the value: it may be a secret. */
export function configError(place: Place, problem: string, expected?: string): LocksealError {
  return new LocksealError('ERR_CONFIG', `${place.key} in ${place.file} ${problem}`, {
    file: place.file,
    position: place.position,
    expected,
  });
}

/** Text of a configuration file; undefined where there is none. @throws LocksealError ERR_CONFIG */
export async function readConfigFile(file: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LocksealError('ERR_CONFIG', `${file} cannot be read (${String(code)})`, { file, cause });
  }
  if (bytes.length > MAX_FILE)
    throw new LocksealError('ERR_CONFIG', `${file} is larger than ${MAX_FILE} bytes`, { file });
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below, together with NUL bytes.
  }
  throw new LocksealError('ERR_CONFIG', `${file} is not UTF-8 text`, { file });
}

/**
 * A registry's base URL with one trailing slash. A user and password inside the URL become credentials of the layer.
 * @throws LocksealError ERR_CONFIG
 */
export function registryUrl(text: string, place: Place, draft: LayerDraft): string {
  const unset = unsetVariable(text);
  if (unset !== undefined) throw configError(place, `names ${unset}, which the environment does not set`);
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.host === '') {
    throw configError(place, 'is not the URL of a registry', 'https://host/path/');
  }
  if (url.search !== '' || url.hash !== '') throw configError(place, 'has a query or fragment, which no registry has');
  if (url.username !== '') {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    addCredentials(draft, credentialKey(text), { authorization: basic(user) });
  }
  return `${url.origin}${url.pathname.replace(/\/*$/, '/')}`;
}

/** The first `${NAME}` that was left in place because the environment does not set it. */
export function unsetVariable(text: string): string | undefined {
  return /\$\{\w+\}/.exec(text)?.[0];
}

/** A proxy's URL. @throws LocksealError ERR_CONFIG */
export function proxyUrl(text: string, place: Place): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  throw configError(place, 'is not the URL of an HTTP proxy', 'http://host:port');
}

export function booleanValue(text: string, place: Place): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw configError(place, 'is neither true nor false', 'true or false');
}

/** A whole number from 0. */
export function countValue(text: string, place: Place): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw configError(place, 'is not a whole number', 'a whole number');
}

export function listValue(text: string): readonly string[] {
  return text.split(',').flatMap((part) => part.trim() || []);
}
