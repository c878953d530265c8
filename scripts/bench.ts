// Measures lockseal against the floor and against what others do, each in fresh processes, in turn, on worlds that the
// testkit mints once (node_modules/.cache/bench). Prints tables, and JSON for programs. docs/performance.md explains.
//
//   npm run bench -- [--sizes 100,1000,2000,10000] [--rounds 5] [--only <words in the names>,…] [--no-hashing]
//                    [--json file] [--svg file]
//   npm run bench -- --from file.json --svg file.svg     draws what was measured before
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openField } from './bench/contenders.ts';
import { hashingTable, measureHashing, type HashingResult } from './bench/hashing.ts';
import { measureInTurn } from './bench/measure.ts';
import { COLD, COLD_HTTP, ENFORCE, WARM } from './bench/names.ts';
import { drawResults } from './bench/picture.ts';
import { describeMachine, growthOf, growthTable, rowsOf, tableOf, type SizeResult } from './bench/report.ts';

export interface Results {
  readonly machine: string;
  readonly sizes: readonly SizeResult[];
  readonly hashing?: HashingResult | undefined;
  readonly notes: readonly string[];
}

const { values } = parseArgs({
  allowNegative: true,
  options: {
    sizes: { type: 'string', default: '100,1000,2000,10000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    hashing: { type: 'boolean', default: true },
    json: { type: 'string' },
    svg: { type: 'string' },
    from: { type: 'string' },
  },
});

async function measureAll(): Promise<Results> {
  const machine = describeMachine();
  console.log(`${machine}; medians of ${values.rounds} rounds; peak memory is the highest of all rounds\n`);
  const sizes: SizeResult[] = [];
  const notes = new Set<string>();
  for (const packages of values.sizes.split(',').map(Number)) {
    const result = await measureSize(packages, notes);
    sizes.push(result);
    console.log(`${packages} packages\n\n${tableOf(result.rows)}\n`);
  }
  const growth = growthOf(sizes, [COLD, COLD_HTTP, WARM, ENFORCE]);
  if (growth.length > 0) console.log(`${growthTable(growth)}\n`);
  const hashing = values.hashing ? await measureHashing(Number(values.rounds)) : undefined;
  if (hashing !== undefined) console.log(`${hashingTable(hashing)}\n`);
  for (const note of notes) console.log(note);
  return { machine, sizes, hashing, notes: [...notes] };
}

async function measureSize(packages: number, notes: Set<string>): Promise<SizeResult> {
  const words = values.only.split(',');
  const field = await openField(packages, (name) => words.some((word) => name.includes(word)));
  try {
    for (const note of field.notes) notes.add(note);
    const rounds = Number(values.rounds);
    return { packages, rounds, rows: rowsOf(await measureInTurn(field.contenders, rounds)) };
  } finally {
    await field.close();
  }
}

const { from, json, svg } = values;
const results = from === undefined ? await measureAll() : (JSON.parse(await readFile(from, 'utf8')) as Results);
if (json !== undefined) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
if (svg !== undefined) await writeFile(svg, drawResults(results.sizes));
