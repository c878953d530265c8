import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import {
  asLocksealError,
  parseTrustedRoot,
  verifyLockfile,
  type ErrorCode,
  type EvidenceSource,
  type FindingCode,
  type RegistryMap,
} from '@lockseal/core';
import { bindProject, dependencyPaths, loadProject, readLockfile } from '@lockseal/lockfile';
import { defaultPolicy, evaluate } from '@lockseal/policy';
import { createProjectFiles } from '../packages/cli/src/io/project-files.ts';
import { knownPackages } from './support/known-packages.ts';
import { sharedDir } from './support/shared.ts';

/** One hostile or benign lockfile, as the index of the collection describes it. */
interface AttackCase {
  readonly case: string;
  readonly lockfile: string;
  readonly expected: 'reject-at-parse' | 'finding' | 'accept';
  readonly finding: string | null;
  readonly also?: readonly string[];
  readonly otherLockfiles?: readonly string[];
}

/** The collection's topics in our codes: any one of them means that the topic was reported. */
const CODES: Readonly<Record<string, readonly (FindingCode | ErrorCode)[]>> = {
  'duplicate-key': ['ERR_LOCKFILE_DUPLICATE_KEY'],
  'merge-conflict': ['ERR_LOCKFILE_CONFLICT'],
  'prototype-key': ['ERR_LOCKFILE_PROTOTYPE_KEY'],
  'field-type': ['ERR_LOCKFILE_FIELD'],
  'path-not-normal': ['ERR_LOCKFILE_PATH'],
  'yaml-anchor': ['ERR_LOCKFILE_YAML_ANCHOR'],
  'yaml-merge-key': ['ERR_LOCKFILE_YAML_MERGE_KEY', 'ERR_LOCKFILE_YAML_ANCHOR'],
  'multiple-documents': ['multiple-documents', 'ERR_LOCKFILE_DOCUMENTS'],
  'patch-mismatch': ['patch-mismatch'],
  // The importer of pnpm-9-importer-edge-forged leads to a package of another name: both codes say so.
  'edge-forged': ['edge-forged', 'name-mismatch'],
};

/** Topics that are true of a file and that we do not report beside its main finding, with the reason. */
const NOT_REPORTED: Readonly<Record<string, readonly string[]>> = {
  // An edge that leads to another package is not held against the range that was meant for the right one.
  'yarn-1-two-names-one-block': ['edge-unsatisfied'],
};

const registries: RegistryMap = {
  default: 'https://registry.npmjs.org/',
  scopes: new Map(),
  named: new Map([['work', 'https://npm.example.com/']]),
  mirrors: ['https://npm.example.com/'],
};

describe('attack lockfiles', () => {
  test('each ends as its index expects', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const base = path.join(shared, 'lockfiles', 'attacks');
    const cases = JSON.parse(readFileSync(path.join(base, 'index.json'), 'utf8')) as readonly AttackCase[];
    const folders = readdirSync(base).filter((name) => existsSync(path.join(base, name, 'package.json')));
    assert.deepEqual(cases.map((each) => each.case).sort(), folders.sort());
    const genuine = cases.filter(isGenuine).map((each) => read(base, each));
    const publicRegistry = knownPackages(genuine);
    const mirror = knownPackages(
      genuine,
      ({ name, version }) => `https://npm.example.com/download/npm/${name}-${version}.tgz`,
    );
    for (const each of cases) {
      const source = each.case === 'yarn-berry-archive-url-mirror-ok' ? mirror : publicRegistry;
      await t.test(each.case, (inner) => runCase(inner, base, each, source));
    }
  });
});

/** Controls whose entries are the public registry's own. */
function isGenuine({ case: name, expected }: AttackCase): boolean {
  return expected === 'accept' && !/override|mirror|remote|file-tarball|named/.test(name);
}

function read(base: string, { case: name, lockfile }: AttackCase): ReturnType<typeof readLockfile> {
  const file = path.join(base, name, lockfile);
  return readLockfile(file, readFileSync(file));
}

async function runCase(t: TestContext, base: string, each: AttackCase, source: EvidenceSource): Promise<void> {
  const reported = await report(base, each, source);
  t.diagnostic(reported.all.join(' '));
  if (each.expected === 'accept') return assert.deepEqual(reported.errors, []);
  const isRefused = reported.errors[0]?.startsWith('ERR_LOCKFILE_') ?? false;
  if (each.expected === 'reject-at-parse') assert.ok(isRefused, reported.all.join(' '));
  assertReported(each.finding ?? '', reported.errors);
  // A file that is refused at the first fault is not read any further.
  if (isRefused) return;
  const others = await Promise.all(
    (each.otherLockfiles ?? []).map((lockfile) => report(base, { ...each, lockfile }, source)),
  );
  const errors = [...reported.errors, ...others.flatMap((other) => other.errors)];
  const silent = NOT_REPORTED[each.case] ?? [];
  for (const topic of each.also ?? []) if (!silent.includes(topic)) assertReported(topic, errors);
}

function assertReported(topic: string, errors: readonly string[]): void {
  const codes: readonly string[] = CODES[topic] ?? [topic];
  const isReported = errors.some((code) => codes.includes(code));
  assert.ok(isReported, `expected ${codes.join(' or ')} at error level, got ${errors.join(' ')}`);
}

/** Codes of all findings, and of those at error level; a thrown error is the only one. */
async function report(
  base: string,
  each: AttackCase,
  source: EvidenceSource,
): Promise<{ readonly errors: readonly string[]; readonly all: readonly string[] }> {
  try {
    const directory = path.join(base, each.case);
    const unbound = read(base, each);
    const project = await loadProject(unbound, directory, createProjectFiles(directory));
    const lockfile = project === undefined ? unbound : bindProject(unbound, project);
    const verification = await verifyLockfile({
      lockfile,
      project,
      registries,
      source,
      trustedRoot: parseTrustedRoot(readFileSync(path.join(base, '../../corpus/trust/trusted_root.json'))),
      trust: { origin: 'file', sha256: '', asOf: undefined },
      clock: { now: () => 0 },
      tarballs: 'none',
      concurrency: 4,
    });
    const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
    const { findings } = evaluate(verification, defaultPolicy, {
      describe: (id) => entries.get(id) ?? assert.fail(`no entry ${id}`),
      pathTo: dependencyPaths(lockfile),
    });
    return {
      errors: findings.filter(({ level }) => level === 'error').map(({ code }) => code),
      all: findings.map(({ code, level, subject }) => `${level}:${code}(${subject})`),
    };
  } catch (thrown) {
    const { code, message } = asLocksealError(thrown);
    return { errors: [code], all: [`${code}: ${message}`] };
  }
}
