// The long form of test/differential.test.ts: many damaged bundles, every one by both verifiers. Exits with 1 where they
// disagree; the seed printed repeats the run.
//
//   npm run test:differential -- [number of damaged bundles, default 20000] [seed]
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { mintedCases, sharedCases } from '../test/support/known-bundles.ts';
import { compareAll, compareDamaged, type DifferentialResult } from '../test/support/run-differential.ts';

function report(title: string, { counts, disagreements }: DifferentialResult): boolean {
  console.log(title);
  for (const [key, count] of [...counts].toSorted(([, a], [, b]) => b - a)) console.log(`  ${key}: ${count}`);
  for (const disagreement of disagreements) console.error(`  DIFFERS ${disagreement}`);
  return disagreements.length === 0;
}

const [count = '20000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const shared = path.resolve(import.meta.dirname, '../../shared');
const minted = await mintedCases();
const real = existsSync(shared) ? sharedCases(shared) : [];
if (real.length === 0) console.log(`${shared} is not there: only minted bundles are compared`);
const cases = [...real, ...minted];
const results = [
  report(`${cases.length} bundles as they are`, await compareAll(cases)),
  report(`${count} damaged bundles, seed ${seed}`, await compareDamaged(cases, Number(count), Number(seed))),
];
process.exitCode = results.every(Boolean) ? 0 : 1;
