import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { LocksealError } from '@lockseal/core';
import { endAfter } from '@lockseal/gate';

/** A repository, and the only environment that git gets in it. */
export interface Git {
  /** Absolute. */
  readonly program: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const TIME = 5 * 60 * 1000;
const MAX_OUTPUT = 1024 * 1024;
const MAX_SAID = 500;
/** Whatever the repository that is fetched from says: nothing runs, and what is fetched is looked at as a whole. */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'credential.helper=',
  'protocol.version=2',
  'fetch.fsckObjects=true',
  'fetch.recurseSubmodules=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'http.lowSpeedLimit=100',
  'http.lowSpeedTime=60',
];
const OPTIONS = SETTINGS.flatMap((setting) => ['-c', setting]);

/**
 * Runs git to its end.
 * @returns its standard output
 * @throws LocksealError ERR_INSTALLED with what it said, where it fails or says more than `most` bytes
 */
export async function runGit(git: Git, args: readonly string[], most: number = MAX_OUTPUT): Promise<Buffer> {
  const { child, ended } = start(git, args);
  child.stdin.end();
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else child.kill('SIGKILL');
  });
  await ended;
  return Buffer.concat(chunks);
}

/**
 * Reads objects one after the other, whole, and keeps of each what `digest` makes of it, who is told which one it is.
 * Format: git-cat-file(1), "BATCH OUTPUT".
 * @throws LocksealError ERR_INSTALLED
 */
export async function readBatch<T>(
  git: Git,
  objects: readonly string[],
  digest: (bytes: Uint8Array, at: number) => T,
): Promise<readonly { readonly size: number; readonly value: T }[]> {
  const { child, ended } = start(git, ['cat-file', '--batch']);
  child.stdin.on('error', () => undefined);
  child.stdin.end(objects.map((object) => `${object}\n`).join(''));
  const read: { size: number; value: T }[] = [];
  const reader = new BatchReader();
  ended.catch(() => undefined);
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (const bytes of reader.add(chunk)) read.push({ size: bytes.length, value: digest(bytes, read.length) });
  }
  await ended;
  if (read.length !== objects.length) throw failure('it did not read all objects');
  return read;
}

class BatchReader {
  #waiting: Buffer[] = [];
  #length = 0;
  /** Bytes that the next thing needs: a header's end is looked for in what is there. */
  #needed = 0;

  *add(chunk: Buffer): Generator<Uint8Array> {
    this.#waiting.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      const all = this.#waiting.length === 1 ? (this.#waiting[0] ?? chunk) : Buffer.concat(this.#waiting);
      const end = all.indexOf(0x0a);
      const size = end < 0 ? undefined : sizeIn(all.subarray(0, end).toString('latin1'));
      const next = size === undefined ? 0 : end + 1 + size + 1;
      if (size === undefined || all.length < next) {
        this.#keep(all, size === undefined ? all.length + 1 : next);
        return;
      }
      yield all.subarray(end + 1, end + 1 + size);
      this.#keep(all.subarray(next), 1);
    }
  }

  #keep(rest: Buffer, needed: number): void {
    this.#waiting = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = needed;
  }
}

function sizeIn(header: string): number {
  const [, size] = /^[0-9a-f]+ blob (\d{1,12})$/.exec(header) ?? [];
  if (size === undefined) throw failure('it has not all objects of the commit');
  return Number(size);
}

function start(git: Git, args: readonly string[]) {
  const { program, directory, env, signal } = git;
  const child = spawn(program, [...OPTIONS, ...args], {
    cwd: directory,
    env,
    signal,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  endAfter(child, TIME, 'SIGKILL');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(0, MAX_SAID);
  });
  return { child, ended: endOf(child, () => said.trim().replaceAll(/\s+/g, ' ')) };
}

async function endOf(child: ReturnType<typeof spawn>, said: () => string): Promise<void> {
  const [code, signal] = (await once(child, 'close').catch((cause: Error) => {
    throw failure(`it could not be run: ${cause.message}`, cause);
  })) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw failure(said() || `it ended with ${signal ?? `exit code ${String(code)}`}`);
}

function failure(reason: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_INSTALLED', `git cannot fetch its commit: ${reason}`, { cause });
}
