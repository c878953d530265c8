// The shapes of real incidents, installed: nothing of them runs, and the report says what was held.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import type { SandboxMode } from '@lockseal/gate';
import { readLockfile } from '@lockseal/lockfile';
import { loadPolicy, type Policy } from '@lockseal/policy';
import type { Console } from '../../src/io/console.ts';
import { runApprovedScripts, type ScriptRun } from '../../src/scripts/run-approved.ts';

interface Installed {
  readonly name: string;
  readonly manifest?: object;
  readonly files?: Readonly<Record<string, string>>;
  /** Members of its entry in the lockfile. */
  readonly entry?: object;
}

interface Ran extends ScriptRun {
  readonly said: string;
  readonly root: string;
}

const digestOf = (scripts: object): string => createHash('sha256').update(JSON.stringify(scripts)).digest('hex');

async function policyOf(allow: string): Promise<Policy> {
  const text = `version: 1\nrules: {install-scripts: {allow: [${allow}]}}\n`;
  const loaded = await loadPolicy({ file: 'lockseal.yaml', text }, { now: 0, read: async () => undefined });
  return loaded.status === 'ok' ? loaded.policy : assert.fail(JSON.stringify(loaded.problems));
}

/** Runs what may run of packages that lie in node_modules. */
async function run(
  t: TestContext,
  packages: readonly Installed[],
  allow: string = '',
  mode: SandboxMode = 'off',
): Promise<Ran> {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-run-')));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  for (const { name, manifest = {}, files = {} } of packages) {
    const folder = path.join(root, 'node_modules', name);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }));
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), text);
  }
  const entries = packages.map(({ name, entry }) => [
    `node_modules/${name}`,
    { version: '1.0.0', resolved: `https://registry.npmjs.org/${name}/-/${name}-1.0.0.tgz`, ...entry },
  ]);
  const dependencies = Object.fromEntries(packages.map(({ name }) => [name, '*']));
  const text = JSON.stringify({
    name: 'project',
    lockfileVersion: 3,
    packages: { '': { name: 'project', dependencies }, ...Object.fromEntries(entries) },
  });
  let said = '';
  const console: Console = {
    cwd: root,
    env: { ...process.env, NPM_TOKEN: 'secret' },
    home: root,
    stdout: { write: () => assert.fail('standard output is for the report') },
    stderr: { write: (more) => (said += more) },
    now: () => 0,
    signal: new AbortController().signal,
  };
  const request = {
    root,
    lockfile: readLockfile('package-lock.json', Buffer.from(text)),
    folders: packages.map(({ name }) => ({
      place: `node_modules/${name}`,
      entries: [`node_modules/${name}`],
      isScriptless: false,
    })),
    policy: await policyOf(allow),
    mode,
    temporary: os.tmpdir(),
    gate: undefined,
    certificates: undefined,
  };
  return { ...(await runApprovedScripts(request, console)), said, root };
}

const EVIL = 'node bundle.js; touch ../../evil';
const COMMIT = '1234567890'.repeat(4);

/** Each would make a file `evil` in the project. */
const incidents: readonly (readonly [why: string, installed: Installed, found: RegExp])[] = [
  [
    'a worm in a preinstall (Shai-Hulud, 2025)',
    { name: 'worm', manifest: { scripts: { preinstall: EVIL } }, entry: { hasInstallScript: true } },
    new RegExp(`^preinstall: sha256 ${digestOf({ preinstall: EVIL })}$`),
  ],
  [
    'a preinstall that the lockfile does not tell of',
    { name: 'worm', manifest: { scripts: { preinstall: EVIL } } },
    /^preinstall: sha256 /,
  ],
  [
    'a phantom binding.gyp, which no manifest mentions',
    {
      name: 'phantom',
      files: {
        'binding.gyp': `{'targets': [{'target_name': 'x', 'type': 'none', 'variables': {'x': '<!(touch ../../evil)'}}]}`,
      },
    },
    new RegExp(`^binding.gyp: sha256 ${digestOf({ 'binding.gyp': 'node-gyp rebuild' })}$`),
  ],
  [
    'the prepare of a git dependency on an orphan commit',
    {
      name: 'orphan',
      manifest: { scripts: { prepare: EVIL } },
      entry: { resolved: `git+ssh://git@github.com/acme/orphan.git#${COMMIT}` },
    },
    /^prepare$/,
  ],
];

describe('an incident', () => {
  for (const [why, installed, found] of incidents) {
    test(`${why}: held, and told`, async (t) => {
      const { findings, outcomes, writable, said, root } = await run(t, [installed]);
      assert.deepEqual([outcomes, writable, said], [[], [], '']);
      assert.deepEqual(
        findings.map(({ code, level }) => `${level} ${code}`),
        ['note script-held'],
      );
      assert.match(findings[0]?.found ?? '', found);
      assert.deepEqual(findings[0]?.path, ['.', `${installed.name}@1.0.0`]);
      assert.ok(!fs.existsSync(path.join(root, 'evil')));
    });
  }

  test('the prepare of a git dependency does not run even where its commit is approved', async (t) => {
    const [, installed] = incidents[3] ?? assert.fail();
    const { findings, root } = await run(t, [installed], `{package: orphan, commit: "${COMMIT}"}`);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['script-held'],
    );
    assert.ok(!fs.existsSync(path.join(root, 'evil')));
  });

  test('what was approved of the version before does not approve what became of it', async (t) => {
    const allow = `{package: worm, sha256: ${digestOf({ preinstall: 'node build.js' })}}`;
    const { findings, outcomes } = await run(t, [incidents[0]?.[1] ?? assert.fail()], allow);
    assert.deepEqual(outcomes, []);
    assert.match(findings[0]?.detail ?? '', /these are others/);
  });
});

describe('what is approved', () => {
  const scripts = { install: 'printf "\\033[31m::warning::%s\\n" hello; echo x > made' };
  const tool: Installed = { name: 'tool', manifest: { scripts } };
  const allow = `{package: tool, sha256: ${digestOf(scripts)}}`;

  test('runs; whether anything holds it in is said aloud, and what it prints cannot act on a terminal or a log', async (t) => {
    const { findings, outcomes, writable, said, root } = await run(t, [tool], allow);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      outcomes.map(({ result }) => result.status),
      ['done'],
    );
    assert.deepEqual(writable, ['node_modules/tool']);
    assert.ok(fs.existsSync(path.join(root, 'node_modules/tool/made')));
    const [first, second] = said.split('\n');
    assert.match(first ?? '', /^Install scripts run WITHOUT a sandbox \(--sandbox=off\)/);
    assert.match(second ?? '', /^\[tool@1\.0\.0 install\] <U\+001B>\[31m/);
    assert.ok(!said.includes('\u001B'));
  });

  test('and fails is an error', async (t) => {
    const failing = { install: 'exit 4' };
    const list = `{package: tool, sha256: ${digestOf(failing)}}`;
    const { findings } = await run(t, [{ name: 'tool', manifest: { scripts: failing } }], list);
    assert.deepEqual(
      findings.map(({ code, level, found }) => [code, level, found]),
      [['script-failed', 'error', 'install: exit code 4']],
    );
  });
});
