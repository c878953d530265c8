// Takes the defences of scripts/defences/table.ts away, one at a time, in a copy of the tree, and shows that the named
// test fails. Exits with 1 where one does not, or fails already with the defence in place.
//
//   npm run test:defences -- [words of a promise]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { DEFENCES, type Defence } from './defences/table.ts';

const root = path.resolve(import.meta.dirname, '..');
const base = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-defences-'));
const copy = path.join(base, 'main');
/** A test without its defence may run for ever. */
const TIMEOUT = 90_000;
/** Else ending the runner would leave a test that spins to itself. */
const IN_ONE_PROCESS = ['--test-isolation=none', '--test-reporter=tap'];

/** What git knows of, with the packages that are installed beside it. */
function copyTree(): void {
  const listed = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  for (const file of listed.stdout.split('\0')) {
    const from = path.join(root, file);
    if (file !== '' && fs.existsSync(from)) fs.cpSync(from, path.join(copy, file));
  }
  // Links to packages of the workspace are relative: copied as they are, they lead into the copy.
  const installed = path.join(root, 'node_modules');
  for (const name of fs.readdirSync(installed)) {
    const from = path.join(installed, name);
    if (name !== '.pnpm')
      fs.cpSync(from, path.join(copy, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
  }
  fs.symlinkSync(path.join(installed, '.pnpm'), path.join(copy, 'node_modules', '.pnpm'));
  for (const name of fs.readdirSync(path.join(root, 'packages'))) {
    const from = path.join(root, 'packages', name, 'node_modules');
    if (!fs.existsSync(from)) continue;
    fs.cpSync(from, path.join(copy, 'packages', name, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  }
  const shared = path.join(root, '..', 'shared');
  if (fs.existsSync(shared)) fs.symlinkSync(shared, path.join(base, 'shared'));
}

/** Whether at least one test of that name ran, and whether all that ran passed. */
function runTest({ test, named }: Defence): { readonly ran: boolean; readonly passed: boolean } {
  const args = ['--conditions=@lockseal/source', '--test', ...IN_ONE_PROCESS, `--test-name-pattern=${named}`, test];
  const ending = { timeout: TIMEOUT, killSignal: 'SIGKILL' } as const;
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', ...ending });
  const total = Number(/^# tests (\d+)$/m.exec(stdout)?.[1] ?? 0);
  const skipped = Number(/^# skipped (\d+)$/m.exec(stdout)?.[1] ?? 0);
  // A run that had to be ended told nothing of its tests; that it hung is the failure.
  return { ran: status === null || total - skipped > 0, passed: status === 0 };
}

/** Why the row does not hold; undefined: the test passes with the defence and fails without it. */
function objectionTo(defence: Defence): string | undefined {
  const file = path.join(copy, defence.file);
  const intact = fs.readFileSync(file, 'utf8');
  if (intact.split(defence.find).length !== 2) return 'the defence is not there, or not once';
  const before = runTest(defence);
  if (!before.ran || !before.passed) return 'the test does not pass with the defence in place';
  fs.writeFileSync(
    file,
    intact.replace(defence.find, () => defence.replace),
  );
  try {
    return runTest(defence).passed ? 'no test misses the defence' : undefined;
  } finally {
    fs.writeFileSync(file, intact);
  }
}

const words = process.argv.slice(2).join(' ');
const asked = DEFENCES.filter(({ promise }) => promise.includes(words));
if (asked.length === 0) throw new Error(`no promise of scripts/defences/table.ts has the words "${words}"`);
let failed = 0;
try {
  copyTree();
  for (const defence of asked) {
    const objection = objectionTo(defence);
    if (objection !== undefined) failed += 1;
    console.log(
      `${objection === undefined ? 'missed ' : 'FAILED '} ${defence.promise}: ${objection ?? `${defence.test}, "${defence.named}"`}`,
    );
  }
} finally {
  fs.rmSync(base, { recursive: true, force: true });
}
console.log(`${asked.length - failed} of ${asked.length} defences are missed by their test when they are gone`);
process.exitCode = failed === 0 ? 0 : 1;
