import { spawn } from 'node:child_process';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

/** What one process has cost. */
export interface Sample {
  readonly wallMs: number;
  /** User and system time of all its threads. */
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
  /** Arguments of node. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Done before each run, and not measured. */
  readonly prepare?: () => Promise<void>;
}

const PROBE = pathToFileURL(path.join(import.meta.dirname, 'probe.mjs')).href;

/** Runs one process to its end. @throws Error where it fails: a benchmark of failures would flatter */
export async function measure(contender: Contender): Promise<Sample> {
  await contender.prepare?.();
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', PROBE, ...contender.args], {
    cwd: contender.cwd,
    env: { ...process.env, ...contender.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr, probe] = child.stdio as unknown as [null, Readable, Readable, Readable];
  const output = Promise.all([text(stdout), text(stderr), text(probe)]);
  const exitCode = await new Promise<number | null>((resolve) => void child.on('exit', resolve));
  const wallMs = performance.now() - started;
  const [out, errors, used] = await output;
  if (exitCode !== 0) throw new Error(`${contender.name} ended with ${exitCode}:\n${out}\n${errors}`);
  return { wallMs, ...(JSON.parse(used) as Omit<Sample, 'wallMs'>) };
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
      process.stderr.write(`  ${round === 0 ? 'warm-up' : `round ${round}`}  ${contender.name}\n`);
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
