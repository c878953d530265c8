// The targets that lockseal has set itself, and whether one run of the benchmark meets them.
import { KNOWN, NEW, type HashingResult, type Rate } from './hashing.ts';
import * as names from './names.ts';
import { growthOf, markdown, type Row, type SizeResult } from './report.ts';
import type { TarballKind } from './world.ts';

export interface Measured {
  readonly sizes: readonly SizeResult[];
  readonly hashing?: HashingResult | undefined;
}

interface Target {
  readonly what: string;
  /** What was measured; undefined where it was not. */
  readonly value: (measured: Measured) => number | undefined;
  /** The same by CPU time of all threads, which other work on the machine leaves nearly alone. */
  readonly byCpu?: (measured: Measured) => number | undefined;
  readonly bound: { readonly most: number } | { readonly least: number };
  readonly unit: string;
}

const MIDDLE = 2000;
const LARGE = 10_000;
/** Sizes below it measure how a program starts. */
const LEAST_FOR_GROWTH = 1000;
const MB_PER_MIB = 1024 ** 2 / 1e6;

const TARGETS: readonly Target[] = [
  {
    what: `${names.COLD}: ≤ 1.5 × bare signatures on all cores`,
    value: at(MIDDLE, names.COLD, ({ toBare }) => toBare.wall),
    byCpu: at(MIDDLE, names.COLD, ({ toBare }) => toBare.cpu),
    bound: { most: 1.5 },
    unit: '×',
  },
  {
    what: 'the same: ≥ 8 × faster than @sigstore/verify in a loop',
    value: quotient(MIDDLE, names.STOCK, names.COLD, ({ wallMs }) => wallMs.median),
    byCpu: quotient(MIDDLE, names.STOCK, names.COLD, ({ cpuMs }) => cpuMs.median),
    bound: { least: 8 },
    unit: '×',
  },
  {
    what: `${names.WARM}: ≤ 10 × an empty node`,
    value: at(MIDDLE, names.WARM, ({ toEmpty }) => toEmpty.wall),
    byCpu: at(MIDDLE, names.WARM, ({ toEmpty }) => toEmpty.cpu),
    bound: { most: 10 },
    unit: '×',
  },
  {
    what: `${names.ENFORCE}: ≤ 4 × an empty node`,
    value: at(MIDDLE, names.ENFORCE, ({ toEmpty }) => toEmpty.wall),
    byCpu: at(MIDDLE, names.ENFORCE, ({ toEmpty }) => toEmpty.cpu),
    bound: { most: 4 },
    unit: '×',
  },
  {
    what: 'a tenth of the packages changed: ≤ 0.2 of what all cost, beside an unchanged run',
    value: changedTenth(({ wallMs }) => wallMs.median),
    byCpu: changedTenth(({ cpuMs }) => cpuMs.median),
    bound: { most: 0.2 },
    unit: '×',
  },
  ...(
    [
      ['hashing tarballs whose contents are known', 'noise', KNOWN],
      ['reading tarballs never seen before', 'source', NEW],
    ] as const
  ).map(([what, kind, name]): Target => ({
    what: `${what}: ≥ 0.8 × \`openssl speed\` sha512 on all cores`,
    value: toOpenssl(kind, name, ({ wall }) => wall),
    byCpu: toOpenssl(kind, name, ({ cpu }) => cpu),
    bound: { least: 0.8 },
    unit: '×',
  })),
  ...[names.COLD, names.WARM].map((name): Target => ({
    what: `peak memory of ${name}: ≤ 300 MB at ${LARGE.toLocaleString('en')} packages`,
    value: at(LARGE, name, ({ peakMiB }) => peakMiB.max * MB_PER_MIB),
    bound: { most: 300 },
    unit: 'MB',
  })),
  ...(
    [
      ['time', 'CPU time'],
      ['memory', 'peak memory'],
    ] as const
  ).map(([part, told]): Target => ({
    what: `growth of ${told} from ${LEAST_FOR_GROWTH.toLocaleString('en')} packages on: exponent ≤ 1.05`,
    value: ({ sizes }) => {
      const large = sizes.filter(({ packages }) => packages >= LEAST_FOR_GROWTH);
      const steps = growthOf(large, [names.COLD, names.WARM, names.ENFORCE]).map((growth) => growth[part]);
      return steps.length === 0 ? undefined : Math.max(...steps);
    },
    bound: { most: 1.05 },
    unit: '',
  })),
];

function rowAt({ sizes }: Measured, packages: number, name: string): Row | undefined {
  return sizes.find((size) => size.packages === packages)?.rows.find((row) => row.name === name);
}

function at(packages: number, name: string, read: (row: Row) => number): Target['value'] {
  return (measured) => {
    const row = rowAt(measured, packages, name);
    return row && read(row);
  };
}

function quotient(packages: number, above: string, below: string, read: (row: Row) => number): Target['value'] {
  return (measured) => ratio(at(packages, above, read)(measured), at(packages, below, read)(measured));
}

function changedTenth(read: (row: Row) => number): Target['value'] {
  return (measured) => {
    const [tenth, unchanged, all] = [names.TENTH_CHANGED, names.WARM, names.COLD].map((name) =>
      at(MIDDLE, name, read)(measured),
    );
    return tenth === undefined || unchanged === undefined ? undefined : ratio(tenth - unchanged, all);
  };
}

function toOpenssl(kind: TarballKind, name: string, read: (rate: Rate) => number): Target['value'] {
  return ({ hashing }) => {
    const rate = hashing?.sets?.find((set) => set.kind === kind)?.rates.find((each) => each.name === name);
    return rate && ratio(read(rate), hashing?.openssl);
  };
}

function ratio(value: number | undefined, unit: number | undefined): number | undefined {
  return value === undefined || unit === undefined ? undefined : value / unit;
}

/** A Markdown table; `''` where nothing was measured that a target is about. */
export function targetsTable(measured: Measured): string {
  const rows = TARGETS.flatMap(({ what, value, byCpu, bound, unit }) => {
    const found = value(measured);
    // JSON writes what could not be computed as null.
    if (found === undefined || found === null || Number.isNaN(found)) return [];
    const cpu = byCpu?.(measured);
    return [
      [what, told(found, unit), cpu === undefined ? '' : told(cpu, unit), isMet(found, bound) ? 'met' : 'missed'],
    ];
  });
  return rows.length === 0 ? '' : markdown(['target', 'measured', 'by CPU time', ''], rows);
}

function isMet(value: number, bound: Target['bound']): boolean {
  return 'most' in bound ? value <= bound.most : value >= bound.least;
}

function told(value: number, unit: string): string {
  const digits = value >= 100 ? value.toFixed(0) : value.toPrecision(value < 1 ? 2 : 3);
  return `${digits} ${unit}`.trim();
}
