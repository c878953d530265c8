// How long reading a lockfile takes, beside `JSON.parse` in the same run.
//
//   node scripts/run.mjs script scripts/bench-readers.ts [rounds]
//
// Three rows for each file: its strict parse alone, the whole of readLockfile warm (all in turn in one process, round
// after round), and cold (the first call in a fresh process each). Each with the median of the wall time, the median
// of the CPU time of the thread, and both as multiples of two things: the unit, which is `JSON.parse` of the 2 MB npm
// lockfile, and `JSON.parse` of the same bytes (of as many bytes, that is the unit in proportion, where the file is not
// JSON). The lockfiles are real ones in ../shared/lockfiles/real; bun.lock is made from the npm one, entry by entry.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseJsonText } from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { readFields } from '../packages/lockfile/src/yaml/fields.ts';
import { parseBlocks } from '../packages/lockfile/src/yarn-classic/parse.ts';

const REAL = path.resolve(import.meta.dirname, '../../shared/lockfiles/real');
const BASE = 'npm-create-react-app.package-lock.json';
const FILES: readonly string[] = [
  BASE,
  'npm-npmcli.package-lock.json',
  'bun.lock',
  'yarn1-remix-project.yarn.lock',
  'pnpm-many-deps.pnpm-lock.yaml',
];
const COLD = '--cold';
const WARM_UP = 8;

/** Milliseconds. */
interface Time {
  readonly wall: number;
  readonly cpu: number;
}

/** One file; its bytes are read beforehand. */
interface Subject {
  readonly file: string;
  readonly bytes: Buffer;
  /** Text to a tree of strict values (Yarn 1: to blocks), without reading an entry. */
  readonly parse: () => unknown;
  readonly read: () => unknown;
  /** undefined for what is no JSON. */
  readonly jsonParse: (() => unknown) | undefined;
}

function subjectOf(file: string): Subject {
  const base = readFileSync(path.join(REAL, BASE));
  const bytes = file === 'bun.lock' ? asBunLock(base.toString('utf8')) : readFileSync(path.join(REAL, file));
  const text = bytes.toString('utf8');
  const isNpm = file.endsWith('.json');
  return {
    file,
    bytes,
    parse: parserOf(file, text),
    // Under the name that the package manager gives it.
    read: () => readLockfile(file.replace(/^.*\.(?=package-lock|yarn|pnpm-lock)/, ''), bytes),
    jsonParse: isNpm ? (): unknown => JSON.parse(text) : undefined,
  };
}

function parserOf(file: string, text: string): () => unknown {
  if (file.endsWith('.json')) return () => parseJsonText(text, { comments: false, prototypeKeys: false });
  if (file === 'bun.lock') return () => parseJsonText(text, { comments: true, prototypeKeys: false });
  const source = { path: file, text, linesBefore: 0, bytes: { length: text.length, sha256: '', sha512: '' } };
  return file.endsWith('.yaml') ? () => readFields(source) : () => parseBlocks(source);
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

/** CPU time is of this thread alone: what else the machine runs, and other threads, lengthen the wall time only. */
function time(run: () => unknown): Time {
  const cpu = process.threadCpuUsage();
  const start = performance.now();
  run();
  const wall = performance.now() - start;
  const { user, system } = process.threadCpuUsage(cpu);
  return { wall, cpu: (user + system) / 1000 };
}

function timeInFreshProcess(file: string): Time {
  const args = [...process.execArgv, import.meta.filename, COLD, file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Time;
}

type Row = 'JSON.parse' | 'strict parse' | 'warm' | 'cold';

/** file -> row -> medians. */
function measure(rounds: number): ReadonlyMap<Subject, ReadonlyMap<Row, Time>> {
  const subjects = FILES.map(subjectOf);
  const times = new Map(subjects.map((subject) => [subject, new Map<Row, Time[]>()]));
  const note = (subject: Subject, row: Row, taken: Time): void => {
    const rows = times.get(subject);
    rows?.set(row, [...(rows.get(row) ?? []), taken]);
  };
  for (let round = -WARM_UP; round < rounds; round += 1) {
    for (const subject of subjects) {
      const { jsonParse, parse, read } = subject;
      for (const [row, run] of [
        ['JSON.parse', jsonParse],
        ['strict parse', parse],
        ['warm', read],
      ] as const) {
        const taken = run && time(run);
        if (round >= 0 && taken !== undefined) note(subject, row, taken);
      }
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) note(subject, 'cold', timeInFreshProcess(subject.file));
  }
  return new Map(
    [...times].map(([subject, rows]) => [subject, new Map([...rows].map(([row, of]) => [row, median(of)]))]),
  );
}

function median(times: readonly Time[]): Time {
  const of = (part: 'wall' | 'cpu'): number =>
    times.map((each) => each[part]).toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  return { wall: of('wall'), cpu: of('cpu') };
}

function print(results: ReadonlyMap<Subject, ReadonlyMap<Row, Time>>): void {
  const [base, rowsOfBase] = [...results][0] ?? [];
  const unit = rowsOfBase?.get('JSON.parse');
  if (base === undefined || unit === undefined) throw new Error('no unit');
  console.log(`the unit: JSON.parse of ${BASE}, ${unit.wall.toFixed(1)} ms wall, ${unit.cpu.toFixed(1)} ms CPU\n`);
  const titles = ['wall', 'units', 'own bytes', 'CPU', 'units', 'own bytes'];
  console.log(`${''.padEnd(54)}${titles.map((title) => title.padStart(11)).join('')}`);
  for (const [{ file, bytes }, rows] of results) {
    const share = bytes.length / base.bytes.length;
    const own = rows.get('JSON.parse') ?? { wall: unit.wall * share, cpu: unit.cpu * share };
    for (const row of ['strict parse', 'warm', 'cold'] as const) {
      const taken = rows.get(row);
      const cells = (['wall', 'cpu'] as const).flatMap((part) => {
        if (taken === undefined) return ['-', '-', '-'];
        const multiples = [taken[part] / unit[part], taken[part] / own[part]];
        return [`${taken[part].toFixed(1)} ms`, ...multiples.map((multiple) => `${multiple.toFixed(1)} x`)];
      });
      console.log(`${file.padEnd(40)}${row.padEnd(14)}${cells.map((cell) => cell.padStart(11)).join('')}`);
    }
  }
}

function main([first = '15', file = '']: readonly string[]): void {
  if (!existsSync(REAL)) throw new Error(`needs ${REAL}`);
  if (first === COLD) {
    console.log(JSON.stringify(time(subjectOf(file).read)));
    return;
  }
  const rounds = Number(first);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('usage: bench-readers.ts [rounds]');
  print(measure(rounds));
}

main(process.argv.slice(2));
