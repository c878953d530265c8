// Fails where lockseal has become slow: CPU time as a multiple of the bare signatures' or of an empty node's in the same
// rounds, which the machine's speed and load leave nearly alone. The bounds leave room for noise; a regression in kind
// (code loaded that was not, checks done twice, nothing remembered) passes none.
//
//   npm run bench:guard
import process from 'node:process';
import { openField } from './bench/contenders.ts';
import { measureInTurn } from './bench/measure.ts';
import { BARE, COLD, EMPTY, ENFORCE, WARM } from './bench/names.ts';
import { rowsOf, tableOf, type Row } from './bench/report.ts';

const PACKAGES = 200;
const ROUNDS = 5;

interface Bound {
  readonly name: string;
  readonly unit: typeof BARE | typeof EMPTY;
  /** Highest CPU time in units. */
  readonly most: number;
}

/** A fifth to a third above the highest of five runs under a load average of 30, for this few packages. */
const BOUNDS: readonly Bound[] = [
  { name: COLD, unit: BARE, most: 4.25 },
  { name: WARM, unit: EMPTY, most: 20 },
  { name: ENFORCE, unit: EMPTY, most: 6 },
];
const MAX_PEAK_MIB = 200;

const measured = [EMPTY, BARE, ...BOUNDS.map(({ name }) => name)];
const field = await openField(PACKAGES, (name) => measured.includes(name));
try {
  const rows = rowsOf(await measureInTurn(field.contenders, ROUNDS));
  console.log(`${PACKAGES} packages\n\n${tableOf(rows)}\n`);
  const broken = BOUNDS.flatMap((bound) => objectionsTo(bound, rows));
  for (const objection of broken) console.error(objection);
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await field.close();
}

function objectionsTo({ name, unit, most }: Bound, rows: readonly Row[]): string[] {
  const row = rows.find((each) => each.name === name);
  if (row === undefined) return [`${name} was not measured`];
  const { cpu } = unit === BARE ? row.toBare : row.toEmpty;
  const peak = row.peakMiB.median;
  return [
    ...(cpu <= most ? [] : [`${name}: CPU is ${cpu.toFixed(2)} × ${unit}, over ${most}`]),
    ...(peak <= MAX_PEAK_MIB ? [] : [`${name}: peak memory is ${peak.toFixed(0)} MiB, over ${MAX_PEAK_MIB}`]),
  ];
}
