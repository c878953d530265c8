import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import process from 'node:process';
import { BARE, EMPTY } from './contenders.ts';
import { spreadOf, type Sample, type Spread } from './measure.ts';

export interface Row {
  readonly name: string;
  readonly wallMs: Spread;
  readonly cpuMs: Spread;
  readonly peakMiB: Spread;
  /** Median wall time as a multiple of the bare signatures' and of an empty node's. */
  readonly toBare: number;
  readonly toEmpty: number;
  /** Median CPU time as a multiple of the bare signatures'. */
  readonly cpuToBare: number;
}

export interface SizeResult {
  readonly packages: number;
  readonly rows: readonly Row[];
}

export function rowsOf(samples: ReadonlyMap<string, readonly Sample[]>): Row[] {
  const spreads = [...samples].map(([name, list]) => ({
    name,
    wallMs: spreadOf(list.map(({ wallMs }) => wallMs)),
    cpuMs: spreadOf(list.map(({ cpuMs }) => cpuMs)),
    peakMiB: spreadOf(list.map(({ peakMiB }) => peakMiB)),
  }));
  const bare = spreads.find(({ name }) => name === BARE);
  const empty = spreads.find(({ name }) => name === EMPTY);
  return spreads.map((row) => ({
    ...row,
    toBare: row.wallMs.median / (bare?.wallMs.median ?? Number.NaN),
    toEmpty: row.wallMs.median / (empty?.wallMs.median ?? Number.NaN),
    cpuToBare: row.cpuMs.median / (bare?.cpuMs.median ?? Number.NaN),
  }));
}

/** Exponent of the curve through the smallest and the largest size: 1 is linear. */
export function exponentOf(results: readonly SizeResult[], name: string): number {
  const points = results.map(({ packages, rows }) => ({
    packages,
    ms: rows.find((row) => row.name === name)?.cpuMs.median ?? Number.NaN,
  }));
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return Number.NaN;
  return Math.log(last.ms / first.ms) / Math.log(last.packages / first.packages);
}

/** The machine, as far as it explains figures. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${availableParallelism()} cores (${model}), ${memory} GiB, ${platform()} ${release()} ${arch()}, Node ${process.version}`;
}

/** Nothing where what it is compared with was not measured. */
function ratio(value: number, digits: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(digits);
}

const HEADER = ['', 'wall s', 'min – max', 'CPU s', 'peak MiB', '× bare', 'CPU × bare', '× empty'];

/** A Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  const cells = rows.map(({ name, wallMs, cpuMs, peakMiB, toBare, cpuToBare, toEmpty }) => [
    name,
    seconds(wallMs.median),
    `${seconds(wallMs.min)} – ${seconds(wallMs.max)}`,
    seconds(cpuMs.median),
    peakMiB.max.toFixed(0),
    ratio(toBare, 2),
    ratio(cpuToBare, 2),
    ratio(toEmpty, 1),
  ]);
  const rule = HEADER.map((_, index) => (index === 0 ? '---' : '---:'));
  return [HEADER, rule, ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
