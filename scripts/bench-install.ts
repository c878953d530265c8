// What installing through the gate costs: the plain frozen install and `lockseal install`, by turns, with nothing cached
// and with everything cached, for each package manager, from the configured registry. A ratio is taken within each round,
// then their median; the least of each is what the machine and the network can do when nothing else keeps them.
//
// Nothing is deleted before the end: it takes up to a gigabyte for each round and package manager.
//
//   npm run bench:install [-- rounds] [-- rounds manager] [-- rounds manager cold|warm]
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { PROGRAMS } from '../test/managers/support/gated.ts';
import { installManager } from '../test/managers/support/install-manager.ts';
import { MANAGERS } from '../test/managers/support/managers.ts';
import { DEPENDENCIES } from '../test/managers/support/real-project.ts';
import { openContender, type Contender, type Way } from './bench-install/contender.ts';

/** How much longer than the plain install, at the most. */
const TARGETS = { cold: 1.25, warm: 1.1 } as const;
type State = keyof typeof TARGETS;
const STATES: readonly State[] = ['cold', 'warm'];

const [rounds = '5', wanted = '', only] = process.argv.slice(2);
const states = STATES.filter((state) => only === undefined || only === state);
assert.ok(
  Number.isSafeInteger(Number(rounds)) && Number(rounds) > 0 && states.length > 0,
  'rounds, manager, cold|warm',
);
const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-bench-install-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

console.log(
  `${rounds} rounds on ${os.availableParallelism()} processors, load ${os.loadavg()[0]?.toFixed(1)}; ms: median (least)\n`,
);
console.log('| manager | packages | state | plain | gate | gate takes longer by | ratio | target |');
console.log('|---|---|---|---|---|---|---|---|');
for (const manager of MANAGERS) {
  const isPlain = PROGRAMS.has(manager.family) && Object.keys(manager.env).length === 0;
  if (!isPlain || !manager.id.includes(wanted)) continue;
  const installed = await installManager(manager);
  if (installed.type === 'skip') {
    console.log(`| ${manager.id} | not run: ${installed.reason} |`);
    continue;
  }
  const manifest = { name: 'bench', version: '1.0.0', private: true, dependencies: DEPENDENCIES };
  const own = fs.mkdtempSync(path.join(folder, `${manager.family}-`));
  const contender = await openContender(manager, installed.command, manifest, own);
  for (const state of states) console.log(rowOf(contender, state, await compare(contender, state)));
}

interface Round {
  /** Milliseconds. */
  readonly plain: number;
  readonly gate: number;
}

/** By turns, so that whatever else the machine and the network do falls on both; after one turn that is not counted. */
async function compare(contender: Contender, state: State): Promise<readonly Round[]> {
  const found: Round[] = [];
  for (let round = 0; round <= Number(rounds); round += 1) {
    const times: Record<Way, number> = { plain: 0, gate: 0 };
    const order = round % 2 === 0 ? (['plain', 'gate'] as const) : (['gate', 'plain'] as const);
    for (const way of order) times[way] = await contender.install(way, state === 'cold');
    if (round > 0) found.push(times);
  }
  return found;
}

function rowOf({ manager, packages }: Contender, state: State, found: readonly Round[]): string {
  const ratio = medianOf(found.map(({ plain, gate }) => gate / plain));
  const target = TARGETS[state];
  const cells = [
    told(found.map(({ plain }) => plain)),
    told(found.map(({ gate }) => gate)),
    medianOf(found.map(({ plain, gate }) => gate - plain)).toFixed(0),
    ratio.toFixed(2),
    `${ratio <= target ? 'met' : 'missed'} (${target})`,
  ];
  return `| ${[manager.id, packages, state, ...cells].join(' | ')} |`;
}

function told(times: readonly number[]): string {
  return `${medianOf(times).toFixed(0)} (${Math.min(...times).toFixed(0)})`;
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}
