import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Limits } from './limits.ts';
import { measure } from '../own-files.ts';

const PERIOD = 200;
/** What is on disk is looked at less often: it takes a walk. */
const DISK_PERIODS = 5;

export interface Watched {
  readonly pid: number;
  readonly limits: Limits;
  /** Folders whose growth counts, and what was in them before it was started. */
  readonly writable: readonly string[];
  readonly before: Measured;
  /** Called once, with the reason. */
  readonly stop: (reason: string) => void;
}

export interface Watch {
  /** What cannot be watched here, in words. */
  readonly unset: readonly string[];
  end(): void;
}

/**
 * Ends a script that uses more than its share: of the clock, and, all its processes together, of memory, of processes and
 * of disk, which no limit of a single process bounds. A process that is orphaned stays below the sandbox's first one.
 */
export async function watchProcess(watched: Watched): Promise<Watch> {
  const { pid, limits, writable, before, stop } = watched;
  const canCount = (await childrenOf(pid)) !== undefined;
  let rounds = 0;
  let isBusy = false;
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
    clearTimeout(clock);
    clearInterval(timer);
  };
  const stopFor = (reason: string | undefined): void => {
    if (reason === undefined || hasEnded) return;
    end();
    stop(reason);
  };
  const look = async (): Promise<void> => {
    rounds += 1;
    if (canCount) stopFor(excessOf(await usageOf(pid, limits.processes), limits));
    if (rounds % DISK_PERIODS === 0 && !hasEnded)
      stopFor(growthOf(before, await measure(writable, limits.files), limits));
  };
  const clock = setTimeout(() => stopFor(`it ran longer than ${limits.timeout} s`), limits.timeout * 1000);
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    void look().finally(() => (isBusy = false));
  }, PERIOD);
  return { unset: canCount ? [] : ['memory and processes of all its processes together'], end };
}

interface Usage {
  readonly processes: number;
  /** Bytes. */
  readonly memory: number;
}

function excessOf({ processes, memory }: Usage, limits: Limits): string | undefined {
  if (processes > limits.processes) return `it had more than ${limits.processes} processes`;
  return memory > limits.memory ? `it used more than ${limits.memory} bytes of memory` : undefined;
}

function growthOf(before: Measured, now: Measured, limits: Limits): string | undefined {
  if (now.files > limits.files) return `it wrote more than ${limits.files} files`;
  return now.bytes - before.bytes > limits.disk ? `it wrote more than ${limits.disk} bytes` : undefined;
}

type Measured = Awaited<ReturnType<typeof measure>>;

/** Of a process and all below it; counts no further than one more than there may be. */
async function usageOf(pid: number, most: number): Promise<Usage> {
  const waiting = [pid];
  let processes = 0;
  let memory = 0;
  for (let next = waiting.pop(); next !== undefined && processes <= most; next = waiting.pop()) {
    processes += 1;
    memory += await memoryOf(next);
    waiting.push(...((await childrenOf(next)) ?? []));
  }
  return { processes, memory };
}

async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** undefined: this system does not tell. */
async function childrenOf(pid: number): Promise<readonly number[] | undefined> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) =>
      readFile(path.join(`/proc/${pid}/task`, thread, 'children'), 'utf8').catch(() => undefined),
    ),
  );
  const known = lists.filter((list) => list !== undefined);
  return known.length === 0 ? undefined : known.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}
