import { hash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TUF } from '@sigstore/tuf';
import { KEYS_TARGET, PUBLIC_GOOD_MIRROR, ROOT_TARGET, type TrustSnapshot } from './embedded.ts';

/** A TUF repository; without one, that of Sigstore's public-good instance. */
export interface TufMirror {
  readonly url: string;
  /** File with the repository's initial root.json. */
  readonly rootFile: string;
}

const TIMEOUT_MS = 5000;
/** More than a snapshot needs; a file that is larger is none. */
const MAX_SNAPSHOT = 16 * 1024 * 1024;

/**
 * Asks a TUF repository for the trusted root and npm's registry keys.
 * @param directory the state folder, where TUF keeps its metadata, by which it notices a repository that goes back in
 * time; it starts from the root that it finds there, so that nobody else may write to it
 * @throws whatever the TUF client throws
 */
export async function refreshTrust(
  directory: string,
  mirror: TufMirror | undefined,
  now: number,
): Promise<TrustSnapshot> {
  // Loaded late: with its HTTP client it costs several starts of node.
  const { initTUF } = await import('@sigstore/tuf');
  const cachePath = path.join(directory, 'tuf');
  await dropTornRoots(cachePath);
  const tuf = await initTUF({
    cachePath,
    mirrorURL: mirror?.url ?? PUBLIC_GOOD_MIRROR,
    ...(mirror !== undefined && { rootPath: mirror.rootFile }),
    // A refresh that fails costs a warning; tried again, it would cost every run behind a firewall as much once more.
    retry: { retries: 0 },
    timeout: TIMEOUT_MS,
  });
  const trustedRoot = Buffer.from(await tuf.getTarget(ROOT_TARGET));
  const npmKeys = await keysOf(tuf);
  return { trustedRoot, npmKeys, asOf: new Date(now).toISOString() };
}

/**
 * The library writes its metadata in place, and fails for ever on a root that a killed run has left half-written. Without
 * it, it begins at the first root again, and follows the chain; all else that is torn it asks for anew.
 */
async function dropTornRoots(cachePath: string): Promise<void> {
  for (const repository of await readdir(cachePath).catch(() => [])) {
    const file = path.join(cachePath, repository, 'root.json');
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined && !isJson(text)) await rm(file, { force: true });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function keysOf(tuf: TUF): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await tuf.getTarget(KEYS_TARGET));
  } catch (error) {
    // The repository's signed list of targets lacks it; everything else is a failed refresh.
    if (error instanceof Error && 'code' in error && error.code === 'TUF_FIND_TARGET_ERROR') return undefined;
    throw error;
  }
}

/** The newest snapshot that an earlier refresh from this mirror left in the state folder. */
export async function recallTrust(
  directory: string,
  mirror: TufMirror | undefined,
): Promise<TrustSnapshot | undefined> {
  try {
    const text = await readFile(snapshotFile(directory, mirror), 'utf8');
    const state: unknown = text.length > MAX_SNAPSHOT ? undefined : JSON.parse(text);
    if (typeof state !== 'object' || state === null) return undefined;
    const { trustedRoot, npmKeys, asOf } = { trustedRoot: undefined, npmKeys: undefined, asOf: undefined, ...state };
    if (typeof trustedRoot !== 'string' || typeof asOf !== 'string') return undefined;
    const keys = typeof npmKeys === 'string' ? Buffer.from(npmKeys, 'base64') : undefined;
    return { trustedRoot: Buffer.from(trustedRoot, 'base64'), npmKeys: keys, asOf };
  } catch {
    // Absent, or not what we write: replaced by the next refresh.
    return undefined;
  }
}

/** @throws what the file system throws */
export async function rememberTrust(
  directory: string,
  mirror: TufMirror | undefined,
  snapshot: TrustSnapshot,
): Promise<void> {
  const { trustedRoot, npmKeys, asOf } = snapshot;
  const state = { trustedRoot: trustedRoot.toString('base64'), npmKeys: npmKeys?.toString('base64'), asOf };
  const file = snapshotFile(directory, mirror);
  const temporary = `${file}.${randomUUID()}.tmp`;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(temporary, JSON.stringify(state), { flag: 'wx', mode: 0o600 });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

function snapshotFile(directory: string, mirror: TufMirror | undefined): string {
  return path.join(directory, 'trust', `${hash('sha256', mirror?.url ?? PUBLIC_GOOD_MIRROR)}.json`);
}
