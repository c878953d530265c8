import { createHash, randomBytes } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import process from 'node:process';

const TEMPORARY = /^\.tmp-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{16}$/;
/** What a process of another machine, or of another container, has left behind is known by its age alone. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** A name that tells which process writes there. */
export function temporaryName(): string {
  return `.tmp-${machine()}-${process.pid}-${randomBytes(8).toString('hex')}`;
}

/** Removes what processes that are no more have left behind. @param now milliseconds since 1970 */
export async function sweepTemporaries(directory: string, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, host, pid] = TEMPORARY.exec(name) ?? [];
    if (pid === undefined) continue;
    const file = path.join(directory, name);
    const isLeft = host === machine() ? !isAlive(Number(pid)) : await isOld(file, now);
    if (isLeft) await rm(file, { force: true });
  }
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** Whether there is such a process on this machine, as far as this container can see. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is one, of somebody else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function isOld(file: string, now: number): Promise<boolean> {
  try {
    return now - (await lstat(file)).mtimeMs > MAX_AGE_MS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
