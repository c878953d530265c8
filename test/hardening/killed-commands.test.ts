// Whole commands as processes of their own, killed without warning at some moment of their lives: what was there is
// there, what is new is whole, and the next run does what it would have done. `npm run test:state` tries 200 times.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { generateKey, parseApprovals } from '../../packages/signer/src/index.ts';
import { policyOf, REPOSITORY } from '../approval/support/workshop.ts';
import { openEvidenceProject, TRUST, type EvidenceProject } from '../support/evidence-project.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { runs, some } from '../support/thorough.ts';

const LOCKSEAL = path.join(import.meta.dirname, '../../packages/cli/bin/lockseal.js');
/** Of each command. */
const KILLS = runs(1, 50);
/** Members of the JSON report that tell of the run, not of what was found. */
const HEADER = ['verifiedAt', 'durationMs', 'warnings'];

const APPROVALS = 'package-lock.json.approvals.jsonl';
const PACK = 'evidence.pack';
const LEARNED = 'learned.yaml';

/** The project as it was before the command, in a folder of its own. */
interface Copy {
  readonly directory: string;
  /** undefined where there is none. */
  readonly bytes: (name: string) => Buffer | undefined;
  readonly run: (args: readonly string[]) => Promise<CliRun>;
}

/** What the same command gives that nobody kills. */
interface Reference {
  readonly report: string;
  readonly pack: Buffer;
  readonly policy: string;
}

interface Command {
  readonly args: readonly string[];
  /** @param said what it had written to its standard output */
  readonly check: (copy: Copy, said: string, before: Copy, reference: Reference) => Promise<void>;
}

const VERIFY = ['verify', '--json', ...TRUST];
const MAKE_PACK = ['evidence', 'pack', `--output=${PACK}`, ...TRUST];
const INIT = ['policy', 'init', `--policy=${LEARNED}`, ...TRUST];
const APPROVE = ['approve', '--yes', '--full', `--repository=${REPOSITORY}`, '--key=ana.pem', ...TRUST];
const ENFORCE = ['enforce', `--repository=${REPOSITORY}`, '--trusted-root=root.json'];

const COMMANDS: Readonly<Record<string, Command>> = {
  approve: {
    args: APPROVE,
    async check(copy, said, before) {
      const old = before.bytes(APPROVALS) ?? assert.fail();
      const there = copy.bytes(APPROVALS) ?? assert.fail('the approvals are gone');
      assert.deepEqual(there.subarray(0, old.length), old, 'what was approved before stays');
      const isNew = there.length > old.length;
      if (said.includes('Approved.')) assert.ok(isNew, 'what was said to be approved is');
      const added = parseApprovals(there, APPROVALS).length - parseApprovals(old, APPROVALS).length;
      assert.equal(added, isNew ? 2 : 0, 'an approval and its summary, or neither');
      await good(copy, ENFORCE);
      letLocksGrowOld(copy);
      await good(copy, APPROVE);
      await good(copy, ENFORCE);
    },
  },
  verify: {
    args: VERIFY,
    async check(copy, _said, _before, reference) {
      for (const turn of ['the next run', 'the one after it']) {
        const { stdout, stderr } = await copy.run(VERIFY);
        assert.doesNotMatch(stderr, /ERR_/, turn);
        assert.equal(bodyOf(stdout), reference.report, turn);
      }
    },
  },
  'evidence pack': {
    args: MAKE_PACK,
    async check(copy, said, before, reference) {
      const there = copy.bytes(PACK) ?? assert.fail('the pack is gone');
      const isNew = there.equals(reference.pack);
      assert.ok(isNew || there.equals(before.bytes(PACK) ?? assert.fail()), 'the old one or the new one');
      if (said.includes('--evidence-digest=')) assert.ok(isNew);
      await good(copy, MAKE_PACK);
      assert.deepEqual(copy.bytes(PACK), reference.pack);
    },
  },
  'policy init': {
    args: INIT,
    async check(copy, said, _before, reference) {
      const there = copy.bytes(LEARNED)?.toString();
      if (said !== '') assert.ok(there !== undefined);
      if (there !== undefined) assert.equal(there, reference.policy);
      const again = await copy.run(INIT);
      assert.equal(again.exitCode, there === undefined ? 0 : 2, again.stderr);
      assert.equal(copy.bytes(LEARNED)?.toString(), reference.policy);
      await good(copy, ['verify', '--quiet', `--policy=${LEARNED}`, ...TRUST]);
    },
  },
};

/** When to kill; a command that ends before it has escaped. */
type Moment =
  | { readonly kind: 'after'; readonly ms: number }
  /** At the so-many-th change of a file or folder in the project, its cache or its state. */
  | { readonly kind: 'change'; readonly nth: number };

const MOMENTS: readonly ((lifeMs: number) => Moment)[] = [
  () => ({ kind: 'change', nth: 1 + Math.floor(Math.random() * 12) }),
  (lifeMs) => ({ kind: 'after', ms: Math.random() * lifeMs }),
];

describe('a command that is killed', () => {
  let project: EvidenceProject;
  let base: Copy;
  let reference: Reference;
  let folders = 0;

  const copyIn = (directory: string): Copy => ({
    directory,
    bytes: (name) => {
      const file = path.join(directory, name);
      return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
    },
    run: (args) => runCli(args, { cwd: directory, env: environmentOf(directory) }),
  });
  const copyOf = ({ directory }: Copy): Copy => {
    folders += 1;
    const copy = copyIn(`${project.directory}-${folders}`);
    fs.cpSync(directory, copy.directory, { recursive: true });
    return copy;
  };
  const removed = (copy: Copy): void => fs.rmSync(copy.directory, { recursive: true, force: true });

  before(async () => {
    project = await openEvidenceProject();
    const { privateKey, publicKey } = generateKey('P-256');
    const spki = createPublicKey(publicKey).export({ type: 'spki', format: 'der' }).toString('base64');
    fs.writeFileSync(project.file('ana.pem'), privateKey);
    fs.writeFileSync(project.file('lockseal.yaml'), policyOf(new Map([['ana', spki]])));
    for (const name of ['cache', 'state']) fs.mkdirSync(project.file(name));
    base = copyIn(project.directory);
    await good(base, [...APPROVE, '--no-cache']);
    // An older pack, of which the command makes a newer one.
    await good(base, [...MAKE_PACK, '--no-cache', '--tarballs']);
    const calm = copyOf(base);
    await good(calm, MAKE_PACK);
    await good(calm, INIT);
    reference = {
      report: bodyOf((await calm.run(VERIFY)).stdout),
      pack: calm.bytes(PACK) ?? assert.fail(),
      policy: String(calm.bytes(LEARNED)),
    };
    assert.notDeepEqual(reference.pack, base.bytes(PACK));
    removed(calm);
  });
  after(() => project.close());

  for (const [name, { args, check }] of some(Object.entries(COMMANDS), 2)) {
    test(`${name}: nothing is lost or half-written, and the next run is good`, { timeout: 1_200_000 }, async (t) => {
      const figures = { killed: 0, 'with something half-done left over': 0, 'done before': 0 };
      let lifeMs = 3000;
      for (let turn = 0; turn < KILLS; turn += 1) {
        const copy = copyOf(base);
        const moment = MOMENTS[turn % MOMENTS.length]?.(lifeMs) ?? assert.fail();
        const { said, isKilled, ms } = await runUntil(moment, args, copy.directory);
        figures[isKilled ? 'killed' : 'done before'] += 1;
        if (!isKilled) lifeMs = ms;
        if (isKilled && leftovers(copy).length > 0) figures['with something half-done left over'] += 1;
        await check(copy, said, base, reference);
        removed(copy);
      }
      t.diagnostic(JSON.stringify(figures));
      assert.ok(figures.killed > 0 || KILLS === 1, 'they are fast, but not that fast');
    });
  }
});

interface Life {
  readonly said: string;
  readonly isKilled: boolean;
  readonly ms: number;
}

async function runUntil(moment: Moment, args: readonly string[], directory: string): Promise<Life> {
  const started = performance.now();
  const command = ['--conditions=@lockseal/source', '--no-warnings', LOCKSEAL, ...args];
  const child = spawn(process.execPath, command, {
    cwd: directory,
    env: { ...environmentOf(directory), PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const end = killAt(moment, child, directory);
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  end();
  return { said, isKilled: signal === 'SIGKILL', ms: performance.now() - started };
}

/** @returns what ends the waiting for the moment */
function killAt(moment: Moment, child: ChildProcess, directory: string): () => void {
  if (moment.kind === 'after') {
    const timer = setTimeout(() => child.kill('SIGKILL'), moment.ms);
    return () => clearTimeout(timer);
  }
  let left = moment.nth;
  const watcher = fs.watch(directory, { recursive: true }, () => {
    left -= 1;
    if (left === 0) child.kill('SIGKILL');
  });
  return () => watcher.close();
}

function environmentOf(directory: string): Readonly<Record<string, string>> {
  const inside = (name: string): string => path.join(directory, name);
  return { HOME: directory, LOCKSEAL_CACHE_DIR: inside('cache'), LOCKSEAL_STATE_DIR: inside('state') };
}

async function good(copy: Copy, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await copy.run(args);
  assert.equal(exitCode, 0, `${args.join(' ')}\n${stdout}${stderr}`);
}

function bodyOf(report: string): string {
  const members = Object.entries(JSON.parse(report) as object).filter(([name]) => !HEADER.includes(name));
  return JSON.stringify(Object.fromEntries(members), null, 2);
}

function leftovers({ directory }: Copy): readonly string[] {
  const names = fs.readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(?:tmp|unfinished|lock)$/.test(name));
}

/** A lock that nobody renews is taken over after twenty seconds; here they have passed. */
function letLocksGrowOld({ directory }: Copy): void {
  for (const name of fs.readdirSync(directory).filter((each) => each.endsWith('.lock'))) {
    fs.utimesSync(path.join(directory, name), 0, 0);
  }
}
