// Runs the project's own code on the locked Node, after setup. Plain JavaScript for the machine's Node.
//
//   node scripts/run.mjs test [node's test options] [test files]
//   node scripts/run.mjs managers [node's test options]      the long suite with real package managers
//   node scripts/run.mjs start [arguments of lockseal]      without arguments: the demo
//   node scripts/run.mjs lockseal [arguments of lockseal]
//   node scripts/run.mjs script <file.ts> [arguments]
//   node scripts/run.mjs tool <name in node_modules/.bin> [arguments]
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { nodeProgram, root, setupOrExit } from './setup.mjs';

const fromSource = ['--conditions=@lockseal/source'];
// On a large machine V8 lets short-lived garbage grow to 130 MB before it looks; a third of that costs no time
// (docs/performance.md) and keeps 2,000 packages below 300 MB.
const smallYoungGeneration = ['--max-semi-space-size=16'];
// Property tests draw the same cases each time; LOCKSEAL_SEED=random, or a number, draws others.
const seeded = ['--import', pathToFileURL(path.join(root, 'scripts', 'seed.mjs')).href];
const cli = path.join(root, 'packages', 'cli', 'bin', 'lockseal.js');
const demo = path.join(root, 'scripts', 'demo.ts');
const managerSuite = 'test/managers/*.matrix.ts';
const allTests = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'];
// Options of node --test whose value is the next argument.
const valued = new Set([
  '--test-name-pattern',
  '--test-skip-pattern',
  '--test-concurrency',
  '--test-timeout',
  '--test-reporter',
  '--test-reporter-destination',
  '--test-shard',
]);

const modes = {
  test: (args) => runTests([...seeded, '--test', ...concurrency(args), ...reporter(args), ...testArguments(args)]),
  managers: (args) => runTests(['--test', ...concurrency(args), ...reporter(args), ...args, managerSuite]),
  start: (args) => (args.length > 0 ? modes.lockseal(args) : runDemo()),
  lockseal: (args) => runNode([...smallYoungGeneration, ...fromSource, cli, ...args], userDirectory()),
  script: (args) => runNode([...fromSource, ...args], root),
  tool: ([name = '', ...args]) => launch(path.join(root, 'node_modules', '.bin', name), args, root),
};

/** Tests start the program as it is published, hundreds of times: from source each start takes five times as long. */
function runTests(args) {
  process.env.LOCKSEAL_PROGRAM = bundledProgram();
  runNode([...fromSource, ...args], root);
}

/** Bundled anew when anything that it is made of is younger. */
function bundledProgram() {
  const program = path.join(root, 'packages', 'cli', 'dist', 'tested', 'dist', 'program', 'lockseal.cjs');
  const packages = path.join(root, 'packages');
  const sources = fs.readdirSync(packages).map((name) => path.join(packages, name, 'src'));
  const others = ['pnpm-lock.yaml', 'packages/cli/package.json', 'scripts/build-program.ts', 'scripts/program'];
  const youngest = Math.max(...[...sources, ...others.map((name) => path.join(root, name))].map(changedAt));
  if (changedAt(program) > youngest) return program;
  const build = [...fromSource, path.join(root, 'scripts', 'build-program.ts'), '--tested'];
  const { status } = spawnSync(nodeProgram(), build, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('the program that the tests start could not be bundled.');
  return program;
}

/** When a file, or anything in a folder, was last changed, added or taken away; 0 where there is nothing. */
function changedAt(name) {
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(stat.mtimeMs, ...fs.readdirSync(name).map((each) => changedAt(path.join(name, each))));
}

/** Node's runner leaves a processor idle; on a machine with two that is half of the time. */
function concurrency(args) {
  return args.some((arg) => arg.startsWith('--test-concurrency'))
    ? []
    : [`--test-concurrency=${os.availableParallelism()}`];
}

function reporter(args) {
  return args.some((arg) => arg.startsWith('--test-reporter')) ? [] : ['--test-reporter=spec'];
}

/** Options first, then the files: all of them unless some are named. */
function testArguments(args) {
  const options = [];
  const files = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (!arg.startsWith('-')) files.push(testFile(arg));
    else if (valued.has(arg) && index + 1 < args.length) options.push(arg, args[(index += 1)]);
    else options.push(arg);
  }
  return [...options, ...(files.length > 0 ? files : allTests)];
}

/** A file, folder or pattern, as seen from where the user stands or from the project's root. */
function testFile(name) {
  if (/[*?[{]/.test(name)) return name;
  const file = [userDirectory(), root].map((base) => path.resolve(base, name)).find((one) => fs.existsSync(one));
  if (file === undefined) fail(`there is no test file ${name}`);
  return fs.statSync(file).isDirectory() ? path.join(file, '**', '*.test.ts') : file;
}

function runDemo() {
  if (!fs.existsSync(demo)) {
    fail('this checkout has no demo (scripts/demo.ts).\nTry `npm start -- --help` for the lockseal command.');
  }
  runNode([...fromSource, demo], root);
}

/** Where the user stands: npm changes to the project's root before it runs a script. */
function userDirectory() {
  const { INIT_CWD, npm_lifecycle_event } = process.env;
  const byNpm = INIT_CWD !== undefined && npm_lifecycle_event !== undefined && process.cwd() === root;
  return byNpm ? INIT_CWD : process.cwd();
}

function runNode(args, cwd) {
  launch(nodeProgram(), args, cwd);
}

function launch(program, args, cwd) {
  const child = spawn(program, args, {
    cwd,
    env: childEnvironment(),
    stdio: 'inherit',
    shell: process.platform === 'win32' && !program.endsWith('.exe'),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends SIGINT to the child as well: a second one would be taken for impatience.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('error', (error) => fail(`cannot run ${program}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The environment without what npm adds about this project: lockseal reads npm's configuration itself. */
function childEnvironment() {
  const added = /^(?:INIT_CWD|npm_(?:command|lifecycle_\w+|package_\w+|config_(?:local|global)_prefix))$/;
  const kept = Object.entries(process.env).filter(([name]) => !added.test(name));
  const bin = path.join(root, 'node_modules', '.bin');
  return {
    ...Object.fromEntries(kept),
    PATH: [path.dirname(nodeProgram()), bin, process.env.PATH].join(path.delimiter),
  };
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const [mode = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(modes, mode)) fail(`unknown mode "${mode}": one of ${Object.keys(modes).join(', ')}`);
setupOrExit();
modes[mode](args);
