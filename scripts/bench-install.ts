// What installing through the gate costs: the plain frozen install and `lockseal install`, by turns, with nothing cached
// and with everything cached, for each package manager, from the configured registry. Medians of some rounds.
//
//   npm run bench:install [-- rounds] [-- rounds manager]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { PROGRAMS } from '../test/managers/support/gated.ts';
import { installManager } from '../test/managers/support/install-manager.ts';
import { MANAGERS } from '../test/managers/support/managers.ts';
import { openContender, type Contender, type Way } from './bench-install/contender.ts';

/** An ordinary project: 190 packages, with an alias, a scope, an install script and programs for platforms. */
const DEPENDENCIES: Readonly<Record<string, string>> = {
  '@sindresorhus/is': '^7.0.0',
  esbuild: '^0.25.0',
  express: '^4.21.0',
  npm: '^10.9.0',
  react: '^18.3.1',
  'react-dom': '^18.3.1',
  sigstore: '^3.0.0',
  'sw-old': 'npm:string-width@^4.2.3',
  typescript: '^5.6.0',
};
/** How much longer than the plain install, at the most. */
const TARGETS = { cold: 1.25, warm: 1.1 } as const;
type State = keyof typeof TARGETS;

const [rounds = '5', wanted = ''] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-bench-install-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

console.log(
  `${rounds} rounds on ${os.availableParallelism()} processors, load ${os.loadavg()[0]?.toFixed(1)}; ms, medians\n`,
);
console.log('| manager | packages | plain, cold | gate, cold | ratio | plain, warm | gate, warm | ratio | targets |');
console.log('|---|---|---|---|---|---|---|---|---|');
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
  console.log(await rowOf(await openContender(manager, installed.command, manifest, own)));
  fs.rmSync(own, { recursive: true, force: true });
}

async function rowOf(contender: Contender): Promise<string> {
  const cold = await compare(contender, 'cold');
  const warm = await compare(contender, 'warm');
  const misses = [cold, warm].filter(({ ratio, state }) => ratio > TARGETS[state]).map(({ state }) => state);
  const cells = [cold, warm].flatMap(({ plain, gate, ratio }) => [plain.toFixed(0), gate.toFixed(0), ratio.toFixed(2)]);
  const verdict = misses.length === 0 ? 'both met' : `missed: ${misses.join(', ')}`;
  return `| ${[contender.manager.id, contender.packages, ...cells, verdict].join(' | ')} |`;
}

/** By turns, so that whatever else the machine and the network do falls on both. */
async function compare(
  contender: Contender,
  state: State,
): Promise<{ readonly state: State; readonly plain: number; readonly gate: number; readonly ratio: number }> {
  const times: Record<Way, number[]> = { plain: [], gate: [] };
  for (const way of ['plain', 'gate'] as const) await contender.install(way, state === 'cold');
  for (let round = 0; round < Number(rounds); round += 1) {
    const order = round % 2 === 0 ? (['plain', 'gate'] as const) : (['gate', 'plain'] as const);
    for (const way of order) times[way].push(await contender.install(way, state === 'cold'));
  }
  const [plain, gate] = [medianOf(times.plain), medianOf(times.gate)];
  return { state, plain, gate, ratio: gate / plain };
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}
