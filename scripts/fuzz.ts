// Fuzzes the readers and the bundle path with @jazzer.js/core, which is libFuzzer over instrumented JavaScript. The
// fuzzer and its dependencies are installed by the first run, from scripts/fuzz/package-lock.json.
//
//   npm run fuzz -- --seconds 600 [--target npm] [--merge]
//   npm run fuzz -- --minimise [--target npm]
//
// The time is shared out among all targets unless one is named. Every run starts from test/hardening/corpus, and
// --merge puts what reached new code back there, minimised. --minimise fuzzes nothing: it drops from the corpus what reaches
// no code that smaller inputs do not reach, once the readers have changed. A finding is a file in test/hardening/findings: give it a
// name, mend what it found, and move it to the corpus, which CI replays. Exits with 1 where there is one.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { signedSeeds, TARGETS } from './fuzz/targets.ts';

const root = path.resolve(import.meta.dirname, '..');
const fuzzer = path.join(root, 'scripts', 'fuzz');
const jazzer = path.join(fuzzer, 'node_modules', '@jazzer.js', 'core', 'dist', 'cli.js');
const corpusOf = (target: string): string => path.join(root, 'test', 'hardening', 'corpus', target);
const findings = path.join(root, 'test', 'hardening', 'findings');
const work = path.join(os.tmpdir(), 'lockseal-fuzz');

/** Longest input that is tried, and longest that is kept. */
const MAX_INPUT = 16 * 1024;
const MAX_KEPT = 8192;
/** Bytes and files kept for one target, the small ones first. */
const MAX_CORPUS = 48 * 1024;
const MAX_FILES = 120;

interface Figures {
  readonly target: string;
  readonly executions: number;
  readonly edges: number;
  readonly features: number;
  readonly inputs: number;
  readonly found: readonly string[];
}

function install(): void {
  if (fs.existsSync(jazzer)) return;
  const installed = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: fuzzer,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (installed.status !== 0) throw new Error('the fuzzer could not be installed');
}

/** Runs libFuzzer in a process of its own; `flags` are libFuzzer's. */
function run(target: string, folders: readonly string[], flags: readonly string[]): { status: number; output: string } {
  // By the environment: to merge, libFuzzer starts itself again, without the options that it was started with.
  const loader = pathToFileURL(path.join(fuzzer, 'strip-types.mjs')).href;
  const NODE_OPTIONS = `--conditions=@lockseal/source --import=${loader}`;
  // Paths of the project's own and of the packages are joined, never opened: the detector of traversals would cry wolf.
  const options = ['-i', path.join(root, 'packages'), '-e', 'node_modules', '--disableBugDetectors', 'path-traversal'];
  const args = [jazzer, path.join(fuzzer, 'entry.mjs'), ...folders, ...options, '--timeout', '20000', '--'];
  // To a file: what libFuzzer still has to say to a pipe is lost when it ends the process.
  const log = path.join(work, `${target}.log`);
  const file = fs.openSync(log, 'w');
  const env = { ...process.env, NODE_OPTIONS, LOCKSEAL_FUZZ_TARGET: target };
  const { status, error } = spawnSync(process.execPath, [...args, ...flags], {
    cwd: work,
    env,
    stdio: ['ignore', file, file],
  });
  fs.closeSync(file);
  if (error !== undefined) throw error;
  return { status: status ?? -1, output: fs.readFileSync(log, 'utf8') };
}

function fuzz(target: string, seconds: number): Figures {
  const grown = path.join(work, target);
  for (const folder of [grown, corpusOf(target)]) fs.mkdirSync(folder, { recursive: true });
  for (const [index, seed] of signedSeeds(target).entries())
    fs.writeFileSync(path.join(grown, `signed-${index}`), seed);
  const prefix = `${findings}${path.sep}${target}-`;
  const before = new Set(fs.readdirSync(findings));
  const flags = [
    `-max_total_time=${seconds}`,
    `-max_len=${MAX_INPUT}`,
    '-rss_limit_mb=3072',
    '-print_final_stats=1',
    `-artifact_prefix=${prefix}`,
  ];
  const { status, output } = run(target, [grown, corpusOf(target)], flags);
  const found = fs.readdirSync(findings).filter((name) => !before.has(name));
  const executions = Number(/number_of_executed_units: (\d+)/.exec(output)?.[1] ?? 0);
  if (executions === 0) throw new Error(`${target}: the fuzzer did not start\n${output.slice(-4000)}`);
  // The native part may break down when it is unloaded, after the work is done.
  if (status !== 0 && found.length === 0) console.error(`${target}: the fuzzer ended with ${status}`);
  if (found.length > 0) console.error(output.slice(0, 4000));
  const [, edges, features, inputs] = [...output.matchAll(/cov: (\d+) ft: (\d+) corp: (\d+)/g)].at(-1) ?? [];
  return { target, executions, edges: Number(edges), features: Number(features), inputs: Number(inputs), found };
}

/** What the fuzzer has named, by a digest; seeds and vectors have names of their own, and stay. */
const BY_DIGEST = /^[0-9a-f]{12}$/;

/** Drops what the rest of the corpus reaches as well. */
function minimise(target: string): void {
  const corpus = corpusOf(target);
  const before = fs.readdirSync(corpus);
  const kept = new Set(smallestSet(target, [corpus]).map(({ name }) => name.slice(0, 12)));
  if (kept.size === 0) throw new Error(`${target}: nothing would be left`);
  for (const name of before) if (BY_DIGEST.test(name) && !kept.has(name)) fs.rmSync(path.join(corpus, name));
  console.log(`| ${target} | ${before.length} | ${fs.readdirSync(corpus).length} |`);
}

/** Puts the smallest set of inputs that reaches all the same code into the corpus. */
function merge(target: string): void {
  const merged = path.join(work, `${target}.merged`);
  let room = MAX_CORPUS;
  for (const { name, size } of smallestSet(target, [corpusOf(target), path.join(work, target)]).slice(0, MAX_FILES)) {
    room -= size;
    if (room < 0) break;
    fs.copyFileSync(path.join(merged, name), path.join(corpusOf(target), name.slice(0, 12)));
  }
}

/** Of all inputs in these folders, the small ones first; they are copied to `<work>/<target>.merged`. */
function smallestSet(target: string, folders: readonly string[]): { readonly name: string; readonly size: number }[] {
  const merged = path.join(work, `${target}.merged`);
  fs.rmSync(merged, { recursive: true, force: true });
  fs.mkdirSync(merged, { recursive: true });
  run(target, [merged, ...folders], ['-merge=1', `-max_len=${MAX_KEPT}`]);
  return fs
    .readdirSync(merged)
    .map((name) => ({ name, size: fs.statSync(path.join(merged, name)).size }))
    .toSorted((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1));
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string' },
    merge: { type: 'boolean', default: false },
    minimise: { type: 'boolean', default: false },
  },
});
const targets = values.target === undefined ? Object.keys(TARGETS) : [values.target];
const seconds = Math.max(1, Math.floor(Number(values.seconds) / targets.length));
install();
for (const folder of [findings, work]) fs.mkdirSync(folder, { recursive: true });
if (values.minimise) {
  console.log('| target | inputs | kept |\n|---|---|---|');
  for (const target of targets) minimise(target);
} else {
  fuzzAll();
}

function fuzzAll(): void {
  console.log('| target | executions | edges | features | inputs | findings |\n|---|---|---|---|---|---|');
  let total = 0;
  let crashes = 0;
  for (const target of targets) {
    const { executions, edges, features, inputs, found } = fuzz(target, seconds);
    total += executions;
    crashes += found.length;
    console.log(`| ${target} | ${executions} | ${edges} | ${features} | ${inputs} | ${found.join(', ') || 'none'} |`);
    if (values.merge) merge(target);
  }
  console.log(`\n${total} executions in ${seconds * targets.length} s, ${crashes} findings`);
  process.exitCode = crashes === 0 ? 0 : 1;
}
