// Fails where lockseal has become slow: the least CPU time of some rounds as a multiple of the bare signatures' or of an
// empty node's in the same rounds, which the machine's speed and load leave nearly alone. The bounds leave room for noise; a regression in kind
// (code loaded that was not, checks done twice, nothing remembered) passes none.
//
//   npm run bench:guard
import process from 'node:process';
import { openField } from './bench/contenders.ts';
import { measureInTurn, type Sample } from './bench/measure.ts';
import { BARE, COLD, EMPTY, ENFORCE, WARM } from './bench/names.ts';
import { rowsOf, tableOf, type Row } from './bench/report.ts';

const PACKAGES = 400;
const ROUNDS = 5;

interface Bound {
  readonly name: string;
  readonly unit: typeof BARE | typeof EMPTY;
  /** Highest CPU time in units. */
  readonly most: number;
}

/** The first a fifth above what it takes on a machine that does little else, the others a quarter. */
const BOUNDS: readonly Bound[] = [
  { name: COLD, unit: BARE, most: 3.6 },
  { name: WARM, unit: EMPTY, most: 7 },
  { name: ENFORCE, unit: EMPTY, most: 4.5 },
];
const MAX_PEAK_MIB = 160;

/** Times that rounds are added where something seems slow: noise goes with them, a regression stays. */
const MORE = 2;

const measured = [EMPTY, BARE, ...BOUNDS.map(({ name }) => name)];
const field = await openField(PACKAGES, (name) => measured.includes(name));
try {
  const samples = new Map<string, Sample[]>();
  for (let attempt = 0; attempt <= MORE; attempt += 1) {
    for (const [name, list] of await measureInTurn(field.contenders, ROUNDS, attempt === 0)) {
      samples.set(name, [...(samples.get(name) ?? []), ...list]);
    }
    const rows = rowsOf(samples);
    console.log(`${PACKAGES} packages, ${ROUNDS * (attempt + 1)} rounds\n\n${tableOf(rows)}\n`);
    const broken = BOUNDS.flatMap((bound) => objectionsTo(bound, rows));
    for (const objection of broken) console.error(objection);
    process.exitCode = broken.length === 0 ? 0 : 1;
    if (broken.length === 0) break;
  }
} finally {
  await field.close();
}

function objectionsTo({ name, unit, most }: Bound, rows: readonly Row[]): string[] {
  const [row, one] = [name, unit].map((wanted) => rows.find((each) => each.name === wanted));
  if (row === undefined || one === undefined) return [`${name} was not measured`];
  // Other work on the machine only ever adds: the least that both took says most of them.
  const cpu = row.cpuMs.min / one.cpuMs.min;
  const peak = row.peakMiB.median;
  console.log(`${name}: ${cpu.toFixed(2)} × ${unit}, of at most ${most}; ${peak.toFixed(0)} MiB of ${MAX_PEAK_MIB}`);
  return [
    ...(cpu <= most ? [] : [`${name}: CPU is ${cpu.toFixed(2)} × ${unit}, over ${most}`]),
    ...(peak <= MAX_PEAK_MIB ? [] : [`${name}: peak memory is ${peak.toFixed(0)} MiB, over ${MAX_PEAK_MIB}`]),
  ];
}
