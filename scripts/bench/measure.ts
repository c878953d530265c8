import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** What one process has cost. */
export interface Sample {
  readonly wallMs: number;
  /** User and system time of all its threads; where it is not node, also of the processes that it waited for. */
  readonly cpuMs: number;
  readonly peakMiB: number;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Something to measure, always in a process of its own. */
export interface Contender {
  readonly name: string;
  /** Another program than node; its memory is looked at every few milliseconds, so that a short peak may be missed. */
  readonly program?: string;
  /** Arguments of the program. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Done before each run, and not measured. */
  readonly prepare?: () => Promise<void>;
}

const PROBE = pathToFileURL(path.join(import.meta.dirname, 'probe.mjs')).href;
/** Bash tells the time of another program, of all its threads and children: `%U` user, `%S` system, in seconds. */
const TIMED = 'TIMEFORMAT="%U %S"; { time "$@" 2>&4; } 4>&2 2>&3';

/** Runs one process to its end. @throws Error where it fails: a benchmark of failures would flatter */
export async function measure(contender: Contender): Promise<Sample> {
  await contender.prepare?.();
  const { program, args, cwd } = contender;
  const started = performance.now();
  const command = program === undefined ? process.execPath : 'bash';
  const prefix = program === undefined ? ['--import', PROBE] : ['-c', TIMED, 'bash', program];
  const child = spawn(command, [...prefix, ...args], {
    cwd,
    env: { ...process.env, ...contender.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr, probe] = child.stdio as unknown as [null, Readable, Readable, Readable];
  const output = Promise.all([text(stdout), text(stderr), text(probe)]);
  const ended = new Promise<number | null>((resolve) => void child.on('exit', resolve));
  const peak = program === undefined ? undefined : peakOfChildren(child.pid ?? 0, ended);
  const exitCode = await ended;
  const wallMs = performance.now() - started;
  const [out, errors, used] = await output;
  if (exitCode !== 0) throw new Error(`${contender.name} ended with ${exitCode}:\n${out}\n${errors}`);
  if (peak === undefined) return { wallMs, ...(JSON.parse(used) as Omit<Sample, 'wallMs'>) };
  const cpuMs =
    1000 *
    used
      .trim()
      .split(' ')
      .reduce((sum, seconds) => sum + Number(seconds), 0);
  return { wallMs, cpuMs, peakMiB: await peak };
}

/** The highest memory of a child of a process, as Linux keeps it; NaN on other systems. */
async function peakOfChildren(pid: number, ended: Promise<unknown>): Promise<number> {
  let peak = Number.NaN;
  let running = true;
  void ended.then(() => (running = false));
  while (running) {
    for (const kib of await memoryBelow(pid)) if (!(kib / 1024 <= peak)) peak = kib / 1024;
    await setTimeout(5);
  }
  return peak;
}

async function memoryBelow(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const ids = children.split(' ').filter((id) => id !== '');
  const all = await Promise.all(
    ids.map(async (id) => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
      const own = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
      return [...(own === undefined ? [] : [Number(own)]), ...(await memoryBelow(Number(id)))];
    }),
  );
  return all.flat();
}

/** All contenders in turn, `rounds` times, after one uncounted turn: what slows the machine down slows down all. */
export async function measureInTurn(
  contenders: readonly Contender[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const sample = await measure(contender);
      const { wallMs, cpuMs } = sample;
      const turn = round === 0 ? 'warm-up' : `round ${round}`;
      process.stderr.write(`  ${turn}  ${contender.name}: ${wallMs.toFixed(0)} ms, CPU ${cpuMs.toFixed(0)} ms\n`);
      if (round > 0) samples.get(contender.name)?.push(sample);
    }
  }
  return samples;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { min: at(0), median, max: at(sorted.length - 1) };
}
