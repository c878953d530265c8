// How long reading a lockfile takes, as a multiple of `JSON.parse` of the 2 MB npm lockfile in the same run.
//
//   node scripts/run.mjs script scripts/bench-readers.ts [rounds]
//
// Warm: all readers in turn, in one process, round after round. Cold: the first call in a fresh process each, in turn.
// The lockfiles are real ones in ../shared/lockfiles/real; bun.lock is made from the npm one, entry by entry.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { readLockfile } from '@lockseal/lockfile';

const REAL = path.resolve(import.meta.dirname, '../../shared/lockfiles/real');
const BASE = 'npm-create-react-app.package-lock.json';
const FILES: readonly string[] = [
  BASE,
  'npm-npmcli.package-lock.json',
  'bun.lock',
  'yarn1-remix-project.yarn.lock',
  'pnpm-many-deps.pnpm-lock.yaml',
];
const BASELINE = 'JSON.parse';
const COLD = '--cold';
const WARM_UP = 5;

/** What is measured, by name. Bytes are read beforehand. */
function subjects(): ReadonlyMap<string, () => unknown> {
  const base = readFileSync(path.join(REAL, BASE));
  const text = base.toString('utf8');
  const subject = (file: string): readonly [string, () => unknown] => {
    const bytes = file === 'bun.lock' ? asBunLock(text) : readFileSync(path.join(REAL, file));
    return [file, () => readLockfile(path.join(REAL, file), bytes)];
  };
  return new Map([[BASELINE, (): unknown => JSON.parse(text)], ...FILES.map(subject)]);
}

/** The entries of an npm lockfile as bun.lock has them: same names, versions, hashes and dependencies. */
function asBunLock(text: string): Buffer {
  const { packages } = JSON.parse(text) as { packages: Record<string, Record<string, unknown>> };
  const rows = Object.entries(packages).flatMap(([key, { version, integrity, dependencies }]) => {
    if (!key.startsWith('node_modules/') || typeof version !== 'string') return [];
    const names = key.slice('node_modules/'.length).split('/node_modules/');
    const tuple = [`${names.at(-1) ?? ''}@${version}`, '', { dependencies }, integrity];
    return [`    ${JSON.stringify(names.join('/'))}: ${JSON.stringify(tuple)},`];
  });
  const root = { '': { name: 'bench', dependencies: packages['']?.['dependencies'] } };
  const head = `{\n  "lockfileVersion": 1,\n  "workspaces": ${JSON.stringify(root)},\n  "packages": {\n`;
  return Buffer.from(`${head}${rows.join('\n')}\n  },\n}\n`);
}

/** Milliseconds. */
function time(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function warm(rounds: number): void {
  const all = subjects();
  const times = new Map([...all.keys()].map((name) => [name, [] as number[]]));
  for (let round = -WARM_UP; round < rounds; round += 1) {
    for (const [name, run] of all) {
      const taken = time(run);
      if (round >= 0) times.get(name)?.push(taken);
    }
  }
  print(`warm, ${rounds} rounds`, times);
}

function cold(rounds: number): void {
  const times = new Map([BASELINE, ...FILES].map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, list] of times) list.push(timeInFreshProcess(name));
  }
  print(`cold, ${rounds} fresh processes each`, times);
}

function timeInFreshProcess(name: string): number {
  const args = [...process.execArgv, import.meta.filename, COLD, name];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

function print(title: string, times: ReadonlyMap<string, readonly number[]>): void {
  const base = times.get(BASELINE) ?? [];
  console.log(`\n${title}: median and least, each also as a multiple of ${BASELINE} of ${BASE}`);
  for (const [name, list] of times) {
    const cells = [median, (numbers: readonly number[]) => Math.min(...numbers)].flatMap((of) => {
      return [`${of(list).toFixed(1)} ms`, `${(of(list) / of(base)).toFixed(1)} x`];
    });
    console.log(`  ${name.padEnd(40)}${cells.map((cell) => cell.padStart(11)).join('')}`);
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function main([first = '15', name = '']: readonly string[]): void {
  if (!existsSync(REAL)) throw new Error(`needs ${REAL}`);
  if (first === COLD) {
    const run = subjects().get(name);
    if (run === undefined) throw new Error(`no subject ${name}`);
    console.log(time(run));
    return;
  }
  const rounds = Number(first);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('usage: bench-readers.ts [rounds]');
  warm(rounds);
  cold(rounds);
}

main(process.argv.slice(2));
