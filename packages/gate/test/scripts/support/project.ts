import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import type { LockedPackage, Lockfile } from '@lockseal/core';
import type { ScriptOutcome, ScriptPermit, ScriptPlan } from '../../../src/scripts/model.ts';
import { planScripts } from '../../../src/scripts/plan.ts';
import { runScripts } from '../../../src/scripts/run-scripts.ts';
import type { Surroundings } from '../../../src/scripts/sandbox/launch.ts';
import { openSandbox, type Sandbox } from '../../../src/scripts/sandbox/open.ts';
import { lockedPackage } from './lockfile.ts';

/** A package as it lies in node_modules. */
export interface TestPackage {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  /** Beside package.json, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** What the policy grants; undefined: it lists no scripts of the package. */
  readonly permit?: Partial<ScriptPermit> | undefined;
  readonly entry?: Partial<LockedPackage>;
}

export interface TestProject {
  readonly root: string;
  readonly lockfile: Lockfile;
  readonly folder: (name: string) => string;
  plan(): Promise<ScriptPlan>;
  run(sandbox: Sandbox, more?: Partial<Surroundings>, signal?: AbortSignal): Promise<Ran>;
}

export interface Ran {
  readonly outcomes: readonly ScriptOutcome[];
  /** `package|line` */
  readonly lines: readonly string[];
}

const PERMIT: ScriptPermit = {
  sha256: undefined,
  commit: undefined,
  network: [],
  outputs: undefined,
  env: [],
  timeout: 30,
  memory: 2 * 1024 ** 3,
};

/** Installs packages into a folder of its own, below `parent` or a temporary one. */
export function makeProject(t: TestContext, packages: readonly TestPackage[], parent?: string): TestProject {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(parent ?? os.tmpdir(), 'lockseal-scripts-')));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  fs.writeFileSync(path.join(root, 'package.json'), '{"name":"project"}');
  const folder = (name: string): string => path.join(root, 'node_modules', name);
  for (const each of packages) install(each, folder(each.name));
  const entries = packages.map(({ name, entry }) => lockedPackage(name, entry));
  const edges = entries.map(({ name, id }) => ({
    name,
    kind: 'prod' as const,
    spec: undefined,
    target: { type: 'entry' as const, id },
    position: undefined,
  }));
  const lockfile = { entries, importers: [{ path: '.', edges, position: undefined }] } as unknown as Lockfile;
  const plan = async (): Promise<ScriptPlan> => {
    const folders = entries.map(({ id, name }) => ({ entry: id, directory: folder(name) }));
    const input = { lockfile, folders, pathTo: () => undefined };
    const { held } = await planScripts({ ...input, permitsFor: () => [] });
    const digests = new Map(held.map(({ name, scripts }) => [name, scripts.sha256]));
    const permitsFor = (name: string): readonly ScriptPermit[] => {
      const permit = packages.find((each) => each.name === name)?.permit;
      return permit === undefined ? [] : [{ ...PERMIT, sha256: digests.get(name), ...permit }];
    };
    return planScripts({ ...input, permitsFor });
  };
  return {
    root,
    lockfile,
    folder,
    plan,
    run: async (sandbox, more = {}, signal = new AbortController().signal) => {
      const lines: string[] = [];
      const { approved } = await plan();
      const surroundings = { ...surroundingsOf(root), ...more };
      const onLine = (scripted: { readonly name: string }, _step: unknown, line: string): void => {
        lines.push(`${scripted.name}|${line}`);
      };
      const outcomes = await runScripts(approved, { sandbox, surroundings, signal, onLine });
      return { outcomes, lines };
    },
  };
}

function install({ name, scripts = {}, files = {}, manifest = {} }: TestPackage, folder: string): void {
  const all = { 'package.json': JSON.stringify({ name, version: '1.0.0', scripts, ...manifest }), ...files };
  for (const [file, text] of Object.entries(all)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  }
}

function surroundingsOf(root: string): Surroundings {
  return {
    root,
    temporary: os.tmpdir(),
    readable: [],
    env: process.env,
    node: process.execPath,
    proxy: undefined,
    certificates: undefined,
  };
}

/**
 * The sandbox of this machine. Where it has none the test skips aloud; under LOCKSEAL_CI that is a failure.
 */
export async function bubblewrap(t: TestContext): Promise<Sandbox | undefined> {
  const sandbox = process.platform === 'linux' ? await openSandbox('auto') : undefined;
  if (sandbox?.kind === 'bubblewrap') return sandbox;
  const reason = sandbox?.kind === 'none' ? sandbox.reason : 'this is no Linux';
  assert.equal(process.env['LOCKSEAL_CI'], undefined, `LOCKSEAL_CI is set, and there is no bubblewrap: ${reason}`);
  t.skip(`needs bubblewrap: ${reason}`);
  return undefined;
}
