// Measures lockseal against the floor and against what others do, each in fresh processes, in turn, on worlds that the
// testkit mints once (node_modules/.cache/bench). Prints tables, and JSON for programs. docs/performance.md explains.
//
//   npm run bench -- [--sizes 100,1000,2000,10000] [--rounds 5] [--only <words in the names>,…] [--json file]
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { LOCAL, openField } from './bench/contenders.ts';
import { measureInTurn } from './bench/measure.ts';
import { describeMachine, exponentOf, rowsOf, tableOf, type SizeResult } from './bench/report.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,1000,2000,10000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});

async function benchSize(packages: number): Promise<SizeResult> {
  const field = await openField(packages);
  try {
    const words = values.only.split(',');
    const contenders = field.contenders.filter(({ name }) => words.some((word) => name.includes(word)));
    return { packages, rows: rowsOf(await measureInTurn(contenders, Number(values.rounds))) };
  } finally {
    await field.close();
  }
}

const machine = describeMachine();
console.log(`${machine}; ${values.rounds} rounds, medians; peak memory is the highest of all rounds\n`);
const results: SizeResult[] = [];
for (const packages of values.sizes.split(',').map(Number)) {
  const result = await benchSize(packages);
  results.push(result);
  console.log(`${packages} packages\n\n${tableOf(result.rows)}\n`);
}
if (results.length > 1) console.log(`CPU of "${LOCAL}" grows with packages ^ ${exponentOf(results, LOCAL).toFixed(2)}`);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
