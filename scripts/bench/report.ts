import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import process from 'node:process';
import { spreadOf, type Sample, type Spread } from './measure.ts';
import { BARE, EMPTY } from './names.ts';

/** Wall and CPU time as multiples: medians over the rounds, each round compared with itself. */
interface Ratio {
  readonly wall: number;
  readonly cpu: number;
}

export interface Row {
  readonly name: string;
  readonly wallMs: Spread;
  readonly cpuMs: Spread;
  readonly peakMiB: Spread;
  /** Of the bare signatures; NaN, which JSON writes as null, where they were not measured. */
  readonly toBare: Ratio;
  /** Of an empty node. */
  readonly toEmpty: Ratio;
}

export interface SizeResult {
  readonly packages: number;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

export function rowsOf(samples: ReadonlyMap<string, readonly Sample[]>): Row[] {
  const bare = samples.get(BARE);
  const empty = samples.get(EMPTY);
  return [...samples].map(([name, list]) => ({
    name,
    wallMs: spreadOf(list.map(({ wallMs }) => wallMs)),
    cpuMs: spreadOf(list.map(({ cpuMs }) => cpuMs)),
    peakMiB: spreadOf(list.map(({ peakMiB }) => peakMiB)),
    toBare: ratioOf(list, bare),
    toEmpty: ratioOf(list, empty),
  }));
}

function ratioOf(list: readonly Sample[], unit: readonly Sample[] = []): Ratio {
  const of = (part: 'wallMs' | 'cpuMs'): number =>
    spreadOf(list.map((sample, round) => sample[part] / (unit[round]?.[part] ?? Number.NaN))).median;
  return { wall: of('wallMs'), cpu: of('cpuMs') };
}

/** Growth of a contender from one size to the next: 1 is linear. */
export interface Growth {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** x in time ~ packages ^ x, by CPU time. */
  readonly time: number;
  readonly memory: number;
}

/** Steps from each size to the next; the first ones flatter, because start-up is a part of them. */
export function growthOf(results: readonly SizeResult[], names: readonly string[]): Growth[] {
  return names.flatMap((name) =>
    results.flatMap((result, index) => {
      const before = results[index - 1];
      const [first, last] = [before, result].map((each) => each?.rows.find((row) => row.name === name));
      if (before === undefined || first === undefined || last === undefined) return [];
      const exponent = (part: 'cpuMs' | 'peakMiB'): number =>
        Math.log(last[part].median / first[part].median) / Math.log(result.packages / before.packages);
      return [
        { name, from: before.packages, to: result.packages, time: exponent('cpuMs'), memory: exponent('peakMiB') },
      ];
    }),
  );
}

/** The machine, as far as it explains figures. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 1024 ** 3);
  const system = `${platform()} ${release().split('-')[0]} ${arch()}`;
  return `${availableParallelism()} cores (${model}), ${memory} GiB, ${system}, Node ${process.version}`;
}

/** Nothing where what it is compared with was not measured. */
function multiple(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '';
  return value < 0.095 ? value.toFixed(3) : value.toPrecision(value < 100 ? 2 : 3);
}

const HEADER = [
  '',
  'wall s',
  'min – max',
  'CPU s',
  'peak MiB',
  'wall × bare',
  'CPU × bare',
  'wall × empty',
  'CPU × empty',
];

/** A Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  const cells = rows.map(({ name, wallMs, cpuMs, peakMiB, toBare, toEmpty }) => [
    name,
    seconds(wallMs.median),
    `${seconds(wallMs.min)} – ${seconds(wallMs.max)}`,
    seconds(cpuMs.median),
    peakMiB.max.toFixed(0),
    ...[toBare.wall, toBare.cpu, toEmpty.wall, toEmpty.cpu].map(multiple),
  ]);
  return markdown(HEADER, cells);
}

export function growthTable(growth: readonly Growth[]): string {
  const cells = growth.map(({ name, from, to, time, memory }) => [
    name,
    `${from} – ${to}`,
    time.toFixed(2),
    memory.toFixed(2),
  ]);
  return markdown(['', 'packages', 'CPU time ~ n ^', 'peak memory ~ n ^'], cells);
}

export function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, index) => (index === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
