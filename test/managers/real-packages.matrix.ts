// Real packages of the configured registry, with Yarn 4: programs for platforms, of which its lockfile pins nothing (esbuild,
// fsevents), and archives with a file twice (agent-base). Not part of `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { lockseal } from '../support/transcript.ts';
import { installManager } from './support/install-manager.ts';
import { MANAGERS } from './support/managers.ts';
import {
  approveSigned,
  clear,
  DEPENDENCIES,
  environmentOf,
  REPOSITORY,
  TIMEOUT,
  writePolicy,
  YARNRC,
} from './support/real-project.ts';
import { spawned, type Spawned } from './support/spawned.ts';
import { writeStarter } from './support/starter.ts';

const { typescript, ...dependencies } = DEPENDENCIES;
/** What the project of the samples depends on. */
const MANIFEST = {
  name: 'sample',
  version: '1.0.0',
  private: true,
  dependencies: { ...dependencies, 'use-sync-external-store': '^1.2.0' },
  devDependencies: { typescript },
  optionalDependencies: { fsevents: '^2.3.3' },
  resolutions: { cookie: '0.7.2' },
};

const base = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-real-'));
const [project, home, bin] = ['project', 'home', 'bin'].map((name) => path.join(base, name)) as [
  string,
  string,
  string,
];
let reason: string | undefined;

before(async () => {
  for (const folder of [project, home, bin]) fs.mkdirSync(folder);
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(MANIFEST, null, 2));
  fs.writeFileSync(path.join(project, '.yarnrc.yml'), YARNRC);
  const yarn = await installManager(MANAGERS.find(({ family }) => family === 'yarn-berry') ?? assert.fail());
  if (yarn.type === 'skip') {
    assert.equal(process.env['LOCKSEAL_CI'], undefined, `LOCKSEAL_CI is set, and Yarn 4 cannot run: ${yarn.reason}`);
    reason = yarn.reason;
    return;
  }
  writeStarter(path.join(bin, 'yarn'), yarn.command);
  const locked = await run(['yarn', 'install', '--mode=update-lockfile'], { CI: 'false' });
  assert.equal(locked.exitCode, 0, locked.output);
  await writePolicy(project, cli);
});
after(() => fs.rmSync(base, { recursive: true, force: true }));

async function run(words: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<Spawned> {
  return spawned(words, { cwd: project, env: { ...environmentOf(bin, home), ...env }, timeout: TIMEOUT });
}

async function cli(...args: readonly string[]): Promise<string> {
  const [program = '', ...words] = lockseal;
  const { exitCode, output } = await run([program, ...words, ...args]);
  assert.equal(exitCode, 0, output);
  return output;
}

const NATIVE = `@esbuild/${process.platform}-${process.arch}`;

describe('real packages, with Yarn 4', { concurrency: 1 }, () => {
  const tried = (name: string, body: () => Promise<void>): void =>
    void test(name, async (t: TestContext) => (reason === undefined ? body() : t.skip(reason)));

  tried('are approved whole, with nothing that cannot be bound', async () => {
    const output = await approveSigned(project, cli);
    assert.match(output, /^\d\d bound by no hash of the lockfile: your approval binds them/m);
    assert.doesNotMatch(output, /unreproducible/);
  });

  for (const state of ['cold', 'warm'] as const) {
    tried(`are installed as approved, ${state}, with esbuild's program for this platform`, async () => {
      clear(project, state === 'cold' ? home : undefined);
      const output = await cli('install', `--repository=${REPOSITORY}`);
      assert.match(output, /^installed {2}yarn\.lock$/m);
      assert.match(output, /nothing refused/);
      assert.match(output, /files compared, all as approved/);
      const program = path.join(project, 'node_modules', NATIVE, 'bin/esbuild');
      const answer = await run([program, '--version']);
      const { version } = JSON.parse(
        fs.readFileSync(path.join(project, 'node_modules/esbuild/package.json'), 'utf8'),
      ) as { version: string };
      assert.deepEqual([answer.exitCode, answer.output.trim()], [0, version]);
      assert.ok(fs.existsSync(path.join(project, 'node_modules/agent-base/dist/index.js')));
    });
  }

  tried(
    'of which nobody signs those that nothing pins are refused by name, and nothing of them is installed',
    async () => {
      fs.rmSync(path.join(project, 'yarn.lock.approvals.jsonl'));
      await approveSigned(project, cli, false);
      clear(project, home);
      const [program = '', ...words] = lockseal;
      const { exitCode, output } = await run([program, ...words, 'install', `--repository=${REPOSITORY}`]);
      assert.equal(exitCode, 1, output);
      assert.match(output, /gate-refused/);
      assert.ok(output.includes(NATIVE), output);
      assert.match(output, /approved without a digest/);
      assert.ok(!fs.existsSync(path.join(project, 'node_modules', NATIVE)));
    },
  );
});
