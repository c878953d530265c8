// A run over a lockfile that was verified before goes by what was kept, where everything is the same that it follows
// from: it prints the same to the letter, and nobody else can have put it there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createSigstore } from '@lockseal/testkit';
import { openEvidenceProject, TRUST, type EvidenceProject } from './support/evidence-project.ts';
import { runCli, type CliRun } from './support/run-cli.ts';

const NOW = Date.UTC(2026, 10, 22);
const DAY = 86_400_000;

let project: EvidenceProject;
/** A cache with all answers, and nothing that was kept. */
let answers: string;
/** A cache with what one offline run has kept. */
let settled: string;
let intact: string;
let intactFiles: readonly (readonly [name: string, bytes: Buffer])[];

before(async () => {
  project = await openEvidenceProject();
  intactFiles = FILES.map((name) => [name, fs.readFileSync(project.file(name))]);
  intact = fs.readFileSync(project.file('package-lock.json'), 'utf8');
  answers = project.file('answers');
  settled = project.file('settled');
  // Under a root that has signed nothing: what is invalid is kept by nobody.
  fs.writeFileSync(project.file('other-root.json'), JSON.stringify((await createSigstore()).trustedRoot));
  await verify(['--trusted-root=other-root.json', '--registry-keys=keys.json', `--cache=${answers}`]);
  await project.disconnect();
  fs.cpSync(answers, settled, { recursive: true });
  await offline(settled);
});
after(() => project.close());

/** Files of the project that tests change. */
const FILES = ['package-lock.json', 'package.json', '.npmrc', 'keys.json', 'root.json'];

beforeEach(() => {
  fs.cpSync(settled, used(), { recursive: true });
});
afterEach(() => {
  for (const name of ['used', 'packages', 'yarn.lock', 'npm-shrinkwrap.json', 'lockseal.yaml']) {
    fs.rmSync(project.file(name), { recursive: true, force: true });
  }
  for (const [name, bytes] of intactFiles) fs.writeFileSync(project.file(name), bytes);
});

async function verify(args: readonly string[], now = NOW, env = {}): Promise<CliRun> {
  return runCli(['verify', 'package-lock.json', ...args], {
    cwd: project.directory,
    env: { LOCKSEAL_STATE_DIR: project.file('state'), ...env },
    now: () => now,
  });
}

function offline(cache: string, args: readonly string[] = [], now?: number, env?: object): Promise<CliRun> {
  return verify(['--offline', `--cache=${cache}`, ...TRUST, ...args], now, env);
}

const used = (): string => project.file('used');

function segmentsOf(cache: string): readonly string[] {
  return fs.readdirSync(path.join(cache, 'v2')).toSorted();
}

/** The same run with nothing kept. */
async function anew(args: readonly string[] = [], now?: number, env?: object): Promise<CliRun> {
  const cache = project.file('anew');
  fs.cpSync(answers, cache, { recursive: true });
  const run = await offline(cache, args, now, env);
  fs.rmSync(cache, { recursive: true });
  return run;
}

/** Whoever verifies keeps it, so that a run that wrote nothing went by what was kept. */
async function isRecalled(run: () => Promise<unknown>): Promise<boolean> {
  const known = segmentsOf(used());
  await run();
  return segmentsOf(used()).join() === known.join();
}

function editLockfile(edit: (packages: Record<string, Record<string, unknown>>) => void): void {
  const lockfile = JSON.parse(intact) as { packages: Record<string, Record<string, unknown>> };
  edit(lockfile.packages);
  fs.writeFileSync(project.file('package-lock.json'), JSON.stringify(lockfile, null, 2));
}

function editJson(name: string, edit: (json: Record<string, unknown>) => object): void {
  const file = project.file(name);
  fs.writeFileSync(file, JSON.stringify(edit(JSON.parse(fs.readFileSync(file, 'utf8')))));
}

const FORMATS = [[], ['--json'], ['--verbose'], ['--format=html'], ['--format=sarif']];

describe('an unchanged run prints what the first one printed', () => {
  const good: readonly (readonly [what: string, change: () => void, exitCode: number])[] = [
    ['with nothing to say', () => undefined, 0],
    ['a setting that makes npm ignore the lockfile', () => write('.npmrc', 'package-lock=false\n'), 1],
    ['another lockfile beside it', () => write('yarn.lock', ''), 1],
    ['a package that nothing needs', addUnneeded, 1],
  ];
  for (const [what, change, exitCode] of good) {
    test(what, async () => {
      change();
      for (const args of FORMATS) {
        const expected = await anew(args);
        assert.deepEqual(await offline(used(), args), expected);
        assert.ok(await isRecalled(async () => assert.deepEqual(await offline(used(), args), expected)));
        assert.equal(expected.exitCode, exitCode);
      }
    });
  }

  test('what speaks against a package is looked at each time', async () => {
    editLockfile((packages) => Object.assign(packages['node_modules/debug'] ?? {}, { dependencies: { ms: '1.0.0' } }));
    const expected = await anew(['--json']);
    assert.equal(expected.exitCode, 1);
    for (const _ of [1, 2]) {
      const run = async (): Promise<void> => assert.deepEqual(await offline(used(), ['--json']), expected);
      await run();
      assert.ok(await isRecalled(run), 'nothing is kept of it');
    }
  });
});

/** Appended, so that what is there still counts. */
function write(name: string, text: string): void {
  fs.appendFileSync(project.file(name), text);
}

function addUnneeded(): void {
  editLockfile((packages) => {
    packages['node_modules/debug/node_modules/ms'] = { ...packages['node_modules/ms'] };
    packages['node_modules/native/node_modules/ms'] = { ...packages['node_modules/ms'] };
  });
}

describe('what was kept does not stand', () => {
  const changes: readonly (readonly [what: string, change: () => void, args?: readonly string[]])[] = [
    ['for a lockfile that one byte was added to', () => write('package-lock.json', ' ')],
    [
      'for a lockfile in which one byte is another',
      () => fs.writeFileSync(project.file('package-lock.json'), intact.replace('"name": "shop"', '"name": "shoq"')),
    ],
    [
      'for another manifest',
      () => editJson('package.json', (json) => ({ ...json, dependencies: { express: '^9.0.0' } })),
    ],
    ['for a manifest of other bytes', () => write('package.json', '\n')],
    ['where a lockfile has come that npm prefers', () => write('npm-shrinkwrap.json', intact)],
    ['where a setting has come', () => write('.npmrc', 'package-lock=false\n')],
    ['for another registry of a scope', () => write('.npmrc', '@scope:registry=http://127.0.0.1:9/\n')],
    ['under another root', () => fs.copyFileSync(project.file('other-root.json'), project.file('root.json'))],
    ['with other keys', () => editJson('keys.json', ({ keys }) => ({ keys: (keys as object[]).slice(0, 1) }))],
    ['where tarballs are to be read', () => undefined, ['--tarballs']],
    ['with another registry', () => undefined, ['--registry=http://127.0.0.1:9/']],
    ['with a mirror', () => undefined, ['--mirror=http://127.0.0.1:9/']],
    ['with another registry for attestations', () => undefined, ['--attestations-registry=http://127.0.0.1:9/']],
  ];
  for (const [what, change, args = []] of changes) {
    test(what, async () => {
      change();
      const expected = await anew([...args, '--json']);
      assert.deepEqual(await offline(used(), [...args, '--json']), expected);
    });
  }
});

describe('what is of the moment', () => {
  const waiver = (expires: string): string =>
    `version: 1\nwaivers: [{ package: lockfile, rule: installer-bypass, reason: a test, who: ana, expires: ${expires} }]\n`;

  test('another policy judges what was kept', async () => {
    for (const policy of ['version: 1\n', 'version: 1\nrules: { install-scripts: error }\n', waiver('2026-12-01')]) {
      fs.writeFileSync(project.file('lockseal.yaml'), policy);
      const expected = await anew(['--json']);
      assert.ok(await isRecalled(async () => assert.deepEqual(await offline(used(), ['--json']), expected)));
    }
  });

  test('a waiver ends, and the time of the run is told', async () => {
    fs.writeFileSync(project.file('lockseal.yaml'), waiver('2026-11-23'));
    const kept = await offline(used(), ['--json']);
    for (const now of [NOW, NOW + 10 * DAY]) {
      const expected = await anew(['--json'], now);
      assert.ok(await isRecalled(async () => assert.deepEqual(await offline(used(), ['--json'], now), expected)));
    }
    assert.notDeepEqual(await offline(used(), ['--json'], NOW + 10 * DAY), kept);
  });

  test('online, what has to be asked for again is not taken as it was', async () => {
    // Nobody answers any more.
    const { exitCode, stdout } = await verify([`--cache=${used()}`, ...TRUST], NOW, { npm_config_fetch_retries: '0' });
    assert.notEqual(exitCode, 0);
    assert.match(stdout, /ERR_NETWORK/);
  });
});

describe('an approval beside the lockfile', () => {
  const APPROVALS = 'package-lock.json.approvals.jsonl';
  const json = ['--json'];
  /** Answers, approvals and what followed, in a cache of their own. */
  const approve = async (): Promise<void> => {
    const args = ['approve', 'package-lock.json', '--key=approver.pem', '--yes', '--offline', `--cache=${answers}`];
    const env = { LOCKSEAL_STATE_DIR: project.file('state') };
    const { exitCode, stderr } = await runCli([...args, ...TRUST], { cwd: project.directory, env, now: () => NOW });
    assert.equal(exitCode, 0, stderr);
  };
  before(async () => {
    await runCli(['trust', 'keygen', 'approver.pem'], { cwd: project.directory });
  });
  afterEach(() => fs.rmSync(project.file(APPROVALS), { force: true }));

  test('is the state that it is compared with, as it stands in each run', async () => {
    const key = JSON.stringify(fs.readFileSync(project.file('approver.pub.pem'), 'utf8'));
    const roles = `roles: { security: { threshold: 1, approvers: [{ name: ana, keys: [${key}] }] } }`;
    fs.writeFileSync(
      project.file('lockseal.yaml'),
      `version: 1\napprovals:\n  allowAnyRepository: true\n  allowUntimestamped: true\n  ${roles}\n`,
    );
    const plain = await anew(json);
    await approve();
    const compared = await anew(json);
    assert.match(compared.stdout, /"baseline": "approval 1 of package-lock\.json, by ana/);
    assert.equal(await isRecalled(async () => assert.deepEqual(await offline(used(), json), compared)), false);
    assert.ok(await isRecalled(async () => assert.deepEqual(await offline(used(), json), compared)));
    fs.rmSync(project.file(APPROVALS));
    assert.deepEqual(await offline(used(), json), plain);
  });
});

describe('a kept verification that somebody has been at costs time at most', () => {
  let expected: CliRun;
  before(async () => void (expected = await anew(['--json'])));

  /** The segment that it lies in. */
  function keptIn(folder: string): string {
    const [name] = segmentsOf(folder).filter((each) => !segmentsOf(answers).includes(each));
    return path.join(folder, 'v2', name ?? assert.fail('nothing was kept'));
  }

  function spoil(change: (bytes: Buffer) => Uint8Array): void {
    fs.writeFileSync(keptIn(used()), change(fs.readFileSync(keptIn(settled))));
  }

  const damages: readonly (readonly [what: string, change: (bytes: Buffer) => Uint8Array])[] = [
    ['emptied', () => new Uint8Array()],
    ['its seal cut off', (bytes) => bytes.subarray(0, -1)],
    ['its beginning cut off', (bytes) => bytes.subarray(100)],
    [
      'its words changed',
      (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('"proven"', '"signed"'), 'latin1'),
    ],
    ['written twice', (bytes) => Buffer.concat([bytes, bytes])],
  ];
  for (const [what, change] of damages) {
    test(what, async () => {
      spoil(change);
      assert.deepEqual(await offline(used(), ['--json']), expected);
    });
  }

  test('any bit of it turned over', async () => {
    const length = fs.statSync(keptIn(settled)).size;
    for (let at = 0; at < length; at += Math.ceil(length / 60)) {
      fs.rmSync(used(), { recursive: true });
      fs.cpSync(settled, used(), { recursive: true });
      spoil((bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        return bytes;
      });
      assert.deepEqual(await offline(used(), ['--json']), expected, `byte ${at}`);
    }
  });

  test('of another user: nothing of it is seen', async () => {
    const env = { LOCKSEAL_STATE_DIR: project.file('other-state') };
    const { exitCode, stdout } = await offline(used(), [], NOW, env);
    assert.notEqual(exitCode, 0);
    assert.match(stdout, /ERR_OFFLINE/);
  });

  test('of another project of the same user: its own is made', async () => {
    const other = project.file('packages');
    fs.mkdirSync(other);
    for (const name of FILES) fs.copyFileSync(project.file(name), path.join(other, name));
    const run = (cache: string): Promise<CliRun> =>
      runCli(['verify', 'package-lock.json', '--offline', '--json', `--cache=${cache}`, ...TRUST], {
        cwd: other,
        env: { LOCKSEAL_STATE_DIR: project.file('state') },
        now: () => NOW,
      });
    assert.equal(await isRecalled(async () => run(used())), false);
    assert.equal(await isRecalled(async () => run(used())), true);
  });
});
