// What short runs of the published program do not load: most of what they cost is loading code (docs/performance.md).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleProgram, PROGRAM } from '../scripts/program/bundle.ts';

const root = path.dirname(import.meta.dirname);
const spy = path.join(import.meta.dirname, 'support', 'list-loaded.mjs');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-start-up-'));
const program = path.join(work, 'dist', 'program');
const project = path.join(work, 'project');

interface Case {
  /** Where `args` do not say it all. */
  readonly what?: string;
  readonly args: readonly string[];
  readonly exitCode: number;
  /** All libraries whose code may be loaded. */
  readonly libraries: readonly string[];
  /** Our own packages whose code may be loaded. */
  readonly packages: readonly string[];
  readonly builtins: readonly string[];
}

/** Opening connections, starting processes: what a decision on local files does not need. */
const EFFECTS = ['http', 'https', 'http2', 'tls', 'dns', 'child_process', 'worker_threads'];
const YARGS = [
  'ansi-regex',
  'ansi-styles',
  'cliui',
  'emoji-regex',
  'escalade',
  'get-caller-file',
  'get-east-asian-width',
  'string-width',
  'strip-ansi',
  'wrap-ansi',
  'y18n',
  'yargs',
  'yargs-parser',
];
const VERIFIER = ['@sigstore/bundle', '@sigstore/core', '@sigstore/protobuf-specs', '@sigstore/verify'];

const cases: readonly Case[] = [
  { args: ['--version'], exitCode: 0, libraries: [], packages: ['cli', 'core'], builtins: [...EFFECTS, 'crypto'] },
  { args: ['--help'], exitCode: 0, libraries: YARGS, packages: ['cli', 'core'], builtins: [...EFFECTS, 'crypto'] },
  {
    args: ['enforce'],
    exitCode: 1,
    libraries: [...VERIFIER, 'yaml'],
    packages: ['cli', 'core', 'policy', 'registry', 'report', 'signer'],
    builtins: EFFECTS,
  },
  {
    args: ['verify', '--offline'],
    exitCode: 0,
    libraries: [
      ...VERIFIER,
      '@marcbachmann/cel-js',
      // One file, of the roots that it comes with: what asks TUF would need @tufjs/models, too.
      '@sigstore/tuf',
      'ini',
      'js-yaml',
      'json-canonicalize',
      'minipass',
      'semver',
      'smol-toml',
      'ssri',
      'yaml',
    ],
    packages: ['cli', 'core', 'lockfile', 'policy', 'registry', 'report', 'signer'],
    builtins: EFFECTS,
  },
  {
    what: 'of a lockfile that the case before has verified',
    args: ['verify', '--offline'],
    exitCode: 0,
    // No verifier, and nothing that reads lockfiles.
    libraries: ['@sigstore/tuf', '@sigstore/verify', 'ini', 'json-canonicalize', 'minipass', 'semver', 'ssri', 'yaml'],
    packages: ['cli', 'core', 'lockfile', 'policy', 'registry', 'report', 'signer'],
    builtins: EFFECTS,
  },
];

describe('the published program loads only what it needs', () => {
  /** File of the bundle -> the modules in it. */
  const modules = new Map<string, readonly string[]>();
  /** File of the bundle -> those that it loads at once. */
  const imports = new Map<string, readonly string[]>();

  before(async () => {
    for (const chunk of await bundleProgram(root, program)) {
      modules.set(chunk.fileName, chunk.moduleIds);
      imports.set(chunk.fileName, chunk.imports);
    }
    fs.writeFileSync(path.join(work, 'package.json'), '{"name": "lockseal", "version": "1.2.3", "type": "module"}');
    linkLibrary('@sigstore/tuf');
    makeProject();
  });
  after(() => fs.rmSync(work, { recursive: true }));

  test('no file loads itself by way of others: whichever came first would find the other half loaded', () => {
    const reachedFrom = (file: string): ReadonlySet<string> => {
      const reached = new Set(imports.get(file));
      for (const each of reached) for (const next of imports.get(each) ?? []) reached.add(next);
      return reached;
    };
    assert.deepEqual(
      [...imports.keys()].filter((file) => reachedFrom(file).has(file)),
      [],
    );
  });

  for (const { what = '', args, exitCode, libraries, packages, builtins } of cases) {
    test(`for lockseal ${args.join(' ')} ${what}`, () => {
      const loaded = run(args, exitCode);
      const sources = loaded.files.flatMap((file) => modules.get(file) ?? [`node_modules/${file}`]);
      assert.ok(sources.length > 0);
      assert.deepEqual(without(sources.flatMap(libraryOf), libraries), []);
      assert.deepEqual(without(sources.flatMap(packageOf), packages), []);
      assert.deepEqual(
        loaded.builtins.filter((name) => builtins.includes(name)),
        [],
      );
    });
  }
});

/** Libraries that are no part of the bundle are found from where it lies. */
function linkLibrary(name: string): void {
  const link = path.join(work, 'node_modules', name);
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.symlinkSync(path.join(root, 'packages', 'registry', 'node_modules', name), link, 'junction');
}

function makeProject(): void {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
  const approver = `{ name: ana, keys: [${JSON.stringify(key)}] }`;
  const policy = `version: 1\napprovals:\n  allowAnyRepository: true\n  roles: { security: { threshold: 1, approvers: [${approver}] } }\n`;
  fs.mkdirSync(path.join(project, '.git'), { recursive: true });
  fs.writeFileSync(path.join(project, 'lockseal.yaml'), policy);
  fs.writeFileSync(path.join(project, 'package-lock.json'), '{"lockfileVersion": 3, "packages": {}}');
}

/** @returns names of the bundle's files, and of Node's modules that were loaded after the start of Node itself */
function run(args: readonly string[], exitCode: number): { files: string[]; builtins: string[] } {
  const started = spawnSync(process.execPath, ['--import', spy, path.join(program, PROGRAM), ...args], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, LOCKSEAL_CACHE_DIR: path.join(work, 'cache'), LOCKSEAL_STATE_DIR: path.join(work, 'state') },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  assert.equal(started.status, exitCode, started.stderr);
  const { files, builtins } = JSON.parse(started.output[3] ?? '') as { files: string[]; builtins: string[] };
  return {
    files: files.map((url) => path.relative(program, fileURLToPath(url))),
    builtins: builtins.flatMap((name) => /^NativeModule ([^/]+)$/.exec(name)?.[1] ?? []),
  };
}

function without(found: readonly string[], allowed: readonly string[]): string[] {
  return [...new Set(found)].filter((name) => !allowed.includes(name)).sort();
}

function libraryOf(module: string): string[] {
  return /.*[\\/]?node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(module)?.slice(1) ?? [];
}

function packageOf(module: string): string[] {
  return /[\\/]packages[\\/]([^\\/]+)[\\/]src[\\/]/.exec(module)?.slice(1) ?? [];
}
