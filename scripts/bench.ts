// Measures lockseal against the floor and against what others do, each in fresh processes, in turn, on worlds that the
// testkit mints once (node_modules/.cache/bench). Prints tables, and JSON for programs. docs/performance.md explains.
//
//   npm run bench -- [--sizes 100,1000,2000,10000,50000] [--rounds 3] [--only <words in the names>,…] [--no-hashing]
//                    [--json file] [--svg file] [--docs file]
//   npm run bench -- --from file.json --svg file.svg     draws, or writes into the docs, what was measured before
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { openField } from './bench/contenders.ts';
import { hashingTable, measureHashing, type HashingResult } from './bench/hashing.ts';
import { measureInTurn } from './bench/measure.ts';
import { COLD, COLD_HTTP, ENFORCE, WARM } from './bench/names.ts';
import { drawResults } from './bench/picture.ts';
import { targetsTable } from './bench/targets.ts';
import { describeMachine, growthOf, growthTable, rowsOf, tableOf, type SizeResult } from './bench/report.ts';

interface Results {
  readonly machine: string;
  /** Load average of the last 15 minutes when the measuring was over. */
  readonly load: number;
  readonly sizes: readonly SizeResult[];
  readonly hashing?: HashingResult | undefined;
  readonly notes: readonly string[];
}

const started = performance.now();
const { values } = parseArgs({
  allowNegative: true,
  options: {
    sizes: { type: 'string', default: '100,1000,2000,10000,50000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    hashing: { type: 'boolean', default: true },
    json: { type: 'string' },
    svg: { type: 'string' },
    docs: { type: 'string' },
    from: { type: 'string' },
  },
});

async function measureAll(): Promise<Results> {
  const sizes: SizeResult[] = [];
  const notes = new Set<string>();
  for (const packages of values.sizes.split(',').map(Number)) {
    try {
      sizes.push(await measureSize(packages, notes));
    } catch (error) {
      // What was measured so far took long.
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      notes.add(`${packages.toLocaleString('en')} packages were not measured: ${reason}`);
      process.stderr.write(`${String(error).slice(0, MAX_REASON)}\n`);
    }
  }
  const hashing = values.hashing ? await measureHashing(Number(values.rounds)) : undefined;
  return { machine: describeMachine(), load: loadavg()[2] ?? 0, sizes, hashing, notes: [...notes] };
}

/** Characters of what went wrong: it may hold a report on every package. */
const MAX_REASON = 4000;
/** Packages from which a round takes minutes: there are few, and none that is not counted. */
const LARGE = 10_000;

function roundsFor(packages: number): number {
  const rounds = Number(values.rounds);
  return packages < LARGE ? rounds : Math.max(1, Math.min(rounds, Math.floor((2 * LARGE) / packages)));
}

async function measureSize(packages: number, notes: Set<string>): Promise<SizeResult> {
  const words = values.only.split(',');
  const field = await openField(packages, (name) => words.some((word) => name.includes(word)));
  try {
    for (const note of field.notes) notes.add(note);
    const rounds = roundsFor(packages);
    const samples = await measureInTurn(field.contenders, rounds, packages < LARGE);
    return { packages, rounds, rows: rowsOf(samples) };
  } finally {
    await field.close();
  }
}

/** Everything as Markdown, as it stands in the docs. */
function sections({ machine, load, sizes, hashing, notes }: Results): string {
  const growth = growthOf(sizes, [COLD, COLD_HTTP, WARM, ENFORCE]);
  const targets = targetsTable({ sizes, hashing });
  const busy = `load average of the last quarter of an hour: ${load.toFixed(1)}`;
  return [
    `${machine}; ${busy}. Medians; peak memory is the highest of all rounds.`,
    ...sizes.map(sizeSection),
    ...(targets === '' ? [] : [`Targets, by the clock unless it is said otherwise\n\n${targets}`]),
    ...(growth.length === 0 ? [] : [`Growth from each size to the next\n\n${growthTable(growth)}`]),
    ...(hashing?.sets === undefined ? [] : [hashingTable(hashing)]),
    ...notes,
  ].join('\n\n');
}

function sizeSection(result: SizeResult): string {
  return `${result.packages.toLocaleString('en')} packages, ${result.rounds} rounds\n\n${tableOf(result.rows)}`;
}

/** Replaces what is between the two marks. */
async function writeDocs(file: string, results: Results): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [before, rest] = text.split(/(?<=<!-- figures -->\n)/);
  const after = rest?.slice(rest.indexOf('<!-- end of figures -->'));
  if (before === undefined || after === undefined) throw new Error(`${file} has no place for figures`);
  await writeFile(file, `${before}\n${sections(results)}\n\n${after}`);
}

const { from, json, svg, docs } = values;
const results = from === undefined ? await measureAll() : (JSON.parse(await readFile(from, 'utf8')) as Results);
if (json !== undefined) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
if (svg !== undefined) await writeFile(svg, drawResults(results.sizes));
if (docs === undefined) console.log(sections(results));
else await writeDocs(docs, results);
process.stderr.write(`took ${((performance.now() - started) / 60_000).toFixed(1)} minutes\n`);
