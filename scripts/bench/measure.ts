import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

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
  /** So slow that this many rounds have to do, without one that is not counted. */
  readonly rounds?: number;
  /** What it took when it was tried: not run again. */
  readonly tried?: Sample;
}

/** What `measure-one.ts` is asked. */
export type Command = Pick<Contender, 'program' | 'args' | 'cwd' | 'env'>;

/** What it answers. */
export interface Run extends Sample {
  readonly exitCode: number | null;
  readonly output: string;
}

const MAX_OUTPUT = 256 * 1024 * 1024;

/**
 * Runs one process to its end, from another that is small: a process begins as a copy of the one that starts it, and
 * what this one has grown to would be measured with it.
 * @throws Error where it fails: a benchmark of failures would flatter
 */
export async function measure(contender: Contender): Promise<Sample> {
  await contender.prepare?.();
  const { name, program, args, cwd, env = {} } = contender;
  const command: Command = { args, cwd, env, ...(program === undefined ? {} : { program }) };
  const helper = [path.join(import.meta.dirname, 'measure-one.ts'), JSON.stringify(command)];
  const { stdout } = await run(process.execPath, helper, { maxBuffer: MAX_OUTPUT });
  const { exitCode, output, ...sample } = JSON.parse(stdout) as Run;
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}:\n${output}`);
  return sample;
}

/**
 * All contenders in turn, `rounds` times: what slows the machine down slows down all.
 * @param warmUp whether there is one turn before that is not counted
 */
export async function measureInTurn(
  contenders: readonly Contender[],
  rounds: number,
  warmUp = true,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name, tried }) => [name, tried ? [tried] : []]));
  for (let round = warmUp ? 0 : 1; round <= rounds; round += 1) {
    for (const contender of contenders) {
      if (contender.tried !== undefined) continue;
      if (contender.rounds !== undefined && (round === 0 || round > contender.rounds)) continue;
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
