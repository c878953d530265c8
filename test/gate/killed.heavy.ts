// lockseal install killed at any moment, and many at once on one machine with one cache. `npm run test:gate`
// tries 50 of each; without LOCKSEAL_THOROUGH it is over in half a minute.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { openWorkshop, REPOSITORY, type Workshop } from '../approval/support/workshop.ts';
import { lockseal } from '../support/transcript.ts';
import { runs } from '../support/thorough.ts';

const SECRET = 'npm_s3cret0123456789';
const PACKAGES = 12;
const MOMENTS = runs(3, 50);
const AT_ONCE = runs(4, 50);
/** In the environment of every process of an install. */
const MARK = `LOCKSEAL_TEST_MARK=${process.pid}-${Date.now()}`;

let workshop: Workshop;
let temporary: string;

before(async () => {
  workshop = await openWorkshop(['ana'], (box) => {
    for (let at = 0; at < PACKAGES; at += 1) {
      box.publish({ name: `part-${at}`, version: '1.0.0', files: { 'data.bin': 'x'.repeat(50_000 + at) } });
    }
    box.requireToken(SECRET);
  });
  const dependencies = Object.fromEntries(Array.from({ length: PACKAGES }, (_, at) => [`part-${at}`, '1.0.0']));
  const project = { name: 'shop', version: '1.0.0', dependencies };
  const { url } = workshop.registry;
  await workshop.box.writeProject(workshop.directory, project, { registry: url });
  assert.equal((await workshop.approve('ana')).exitCode, 0);
  const [home, rc] = [path.join(workshop.directory, 'home'), path.join(workshop.directory, '.npmrc')];
  temporary = path.join(workshop.directory, 'tmp');
  for (const folder of [home, temporary]) fs.mkdirSync(folder);
  // The token is the user's, not the project's.
  fs.writeFileSync(path.join(home, '.npmrc'), `${url.replace(/^http:/, '')}:_authToken=${SECRET}\n`);
  fs.writeFileSync(rc, `registry=${url}\n`);
});
after(() => workshop.close());

function start(directory: string = workshop.directory): { readonly child: ChildProcess; output: () => string } {
  const [mark = '', value = ''] = MARK.split('=');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: path.join(workshop.directory, 'home'),
    TMPDIR: temporary,
    LOCKSEAL_CACHE_DIR: path.join(workshop.directory, 'cache'),
    npm_config_loglevel: 'error',
    [mark]: value,
  };
  const [program = '', ...words] = lockseal;
  const args = [...words, 'install', '--trusted-root=root.json', `--repository=${REPOSITORY}`];
  const child = spawn(program, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  return { child, output: () => said };
}

async function ended({ child, output }: ReturnType<typeof start>): Promise<void> {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.deepEqual([code, signal], [0, null], output());
}

function clear(): void {
  for (const name of ['node_modules', 'cache', 'home/.npm']) {
    fs.rmSync(path.join(workshop.directory, name), { recursive: true, force: true });
  }
}

/** Processes of an install that are still there, by /proc. */
function left(): readonly string[] {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => readIfThere(`/proc/${pid}/environ`).includes(MARK));
}

/** What went away while we looked is not there. */
function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function filesBelow(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  const items = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return items.filter((item) => item.isFile()).map((item) => path.join(item.parentPath, item.name));
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  assert.ok(condition(), what);
}

const skip = process.platform === 'linux' ? false : 'looks into /proc';

describe('lockseal install', { skip, concurrency: 1 }, () => {
  test(`killed at ${MOMENTS} moments leaves no gate, no process, no secret and no half of an entry`, async () => {
    const begun = Date.now();
    await ended(start());
    const whole = Date.now() - begun;
    for (let at = 0; at < MOMENTS; at += 1) {
      clear();
      const run = start();
      const moment = Math.round(Math.random() * whole);
      await Promise.race([once(run.child, 'exit'), new Promise((resolve) => setTimeout(resolve, moment))]);
      run.child.kill('SIGKILL');
      // A gate is a socket of lockseal's own process: it went with it.
      await until(() => left().length === 0, `${left().join(', ')} still run, killed after ${moment} of ${whole} ms`);
      for (const file of filesBelow(temporary)) assert.ok(!readIfThere(file).includes(SECRET), file);
      for (const file of filesBelow(path.join(workshop.directory, 'cache', 'tarballs-v1'))) {
        const name = path.basename(file);
        if (name.startsWith('.tmp-')) continue;
        assert.equal(createHash('sha512').update(fs.readFileSync(file)).digest('hex'), name, `after ${moment} ms`);
      }
    }
    fs.rmSync(path.join(workshop.directory, 'node_modules'), { recursive: true, force: true });
    await ended(start());
    const temporaries = filesBelow(path.join(workshop.directory, 'cache')).filter((file) => file.includes('.tmp-'));
    assert.deepEqual(temporaries, [], 'the next run removes what was left half-written');
  });

  test(`${AT_ONCE} at once, on one cache, all succeed`, async () => {
    clear();
    const files = [
      'package.json',
      'package-lock.json',
      'package-lock.json.approvals.jsonl',
      '.npmrc',
      'lockseal.yaml',
      'root.json',
    ];
    const projects = Array.from({ length: AT_ONCE }, (_, at) => {
      const directory = path.join(workshop.directory, `copy-${at}`);
      fs.mkdirSync(directory);
      for (const name of files) fs.copyFileSync(path.join(workshop.directory, name), path.join(directory, name));
      return directory;
    });
    await Promise.all(projects.map(async (directory) => ended(start(directory))));
    for (const directory of projects) {
      assert.equal(
        fs.readdirSync(path.join(directory, 'node_modules')).filter((name) => name.startsWith('part-')).length,
        PACKAGES,
      );
    }
  });
});
