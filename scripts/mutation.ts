// Mutation testing of packages/policy: changes its sources one place at a time and counts the changes that no test
// notices.
//
//   node scripts/mutation.ts                           all of it: more than an hour
//   node scripts/mutation.ts --mutate 'src/rules/*.ts'  the rules: some twenty minutes
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const root = path.dirname(import.meta.dirname);
const policy = path.join(root, 'packages', 'policy');
const stryker = path.join(policy, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

const changed = spawnSync('git', ['status', '--porcelain', '--', policy], { cwd: root, encoding: 'utf8' }).stdout;
if (!fs.existsSync(stryker)) throw new Error('not installed: run `npm run setup` first');
// Stryker edits the files where they stand and puts them back: what is not committed could be lost.
if (changed !== '') throw new Error(`commit these first:\n${changed}`);

const PATH = `${path.dirname(fs.realpathSync(process.execPath))}${path.delimiter}${process.env['PATH'] ?? ''}`;
// The runner knows its children by process id: `node` must be the program, not a script that starts it.
const env = { ...process.env, PATH };
const { status } = spawnSync(process.execPath, [stryker, 'run', ...process.argv.slice(2)], {
  cwd: policy,
  stdio: 'inherit',
  env,
});
// Stryker has them made of the changed sources (`buildCommand`), and leaves them.
spawnSync(process.execPath, [path.join(import.meta.dirname, 'bundle-policy-tests.ts'), '--remove'], { env });
process.exitCode = status ?? 1;
