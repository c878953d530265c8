// Fails where lockseal has become slow: its CPU time as a multiple of the bare signatures' in the same run, which the
// machine's speed and load leave nearly alone. The bounds leave room for noise; a regression in kind passes no bound.
//
//   npm run bench:guard
import process from 'node:process';
import { BARE, LOCAL, openField, STOCK } from './bench/contenders.ts';
import { measureInTurn } from './bench/measure.ts';
import { rowsOf, tableOf, type Row } from './bench/report.ts';

const PACKAGES = 1000;
const ROUNDS = 3;
/** Highest CPU time as a multiple of the bare signatures'. Measured: docs/performance.md. */
const MAX_CPU_TO_BARE = 4;
/** Lowest advantage over @sigstore/verify in a loop. */
const MIN_STOCK_TO_LOCAL = 1.75;
const MAX_PEAK_MIB = 400;

const field = await openField(PACKAGES);
try {
  const contenders = field.contenders.filter(({ name }) => [BARE, LOCAL, STOCK].includes(name));
  const rows = rowsOf(await measureInTurn(contenders, ROUNDS));
  console.log(`${PACKAGES} packages\n\n${tableOf(rows)}\n`);
  const broken = brokenBounds(rows);
  for (const bound of broken) console.error(bound);
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await field.close();
}

function brokenBounds(rows: readonly Row[]): string[] {
  const row = (name: string): Row | undefined => rows.find((each) => each.name === name);
  const [local, stock] = [row(LOCAL), row(STOCK)];
  if (local === undefined || stock === undefined) return ['nothing was measured'];
  const advantage = stock.cpuMs.median / local.cpuMs.median;
  const bounds = [
    [local.cpuToBare <= MAX_CPU_TO_BARE, `CPU is ${local.cpuToBare.toFixed(2)} × bare, over ${MAX_CPU_TO_BARE}`],
    [advantage >= MIN_STOCK_TO_LOCAL, `CPU is 1/${advantage.toFixed(2)} of the loop's, not 1/${MIN_STOCK_TO_LOCAL}`],
    [local.peakMiB.max <= MAX_PEAK_MIB, `peak memory is ${local.peakMiB.max.toFixed(0)} MiB, over ${MAX_PEAK_MIB}`],
  ] as const;
  return bounds.filter(([holds]) => !holds).map(([, text]) => text);
}
