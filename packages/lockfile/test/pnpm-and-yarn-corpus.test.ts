import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  FINDING_CODES,
  LocksealError,
  type EntryClass,
  type ErrorCode,
  type FindingCode,
  type Lockfile,
} from '@lockseal/core';
import { sharedDir } from '../../../test/support/shared.ts';
import { readPnpm } from '../src/pnpm/read.ts';
import { decodeLockfile, type LockfileText } from '../src/text.ts';
import { readYarnBerry } from '../src/yarn-berry/read.ts';
import { readYarnClassic } from '../src/yarn-classic/read.ts';

type Classes = Partial<Record<EntryClass, number>>;

/** Reads a file, and checks that every entry is one entry: of one class, under one id, with edges that lead somewhere. */
function read(file: string, reader: (text: LockfileText) => Lockfile): Lockfile {
  const lockfile = reader(decodeLockfile(file, fs.readFileSync(file)));
  const ids = new Set(lockfile.entries.map(({ id }) => id));
  assert.equal(ids.size, lockfile.entries.length, 'ids are unique');
  for (const { edges } of [...lockfile.entries, ...lockfile.importers]) {
    for (const edge of edges) {
      if (edge.target.type === 'entry') assert.ok(ids.has(edge.target.id), `${edge.name} leads to no entry`);
      assert.ok(edge.position !== undefined, `${edge.name} has no position`);
    }
  }
  for (const entry of lockfile.entries) assert.ok(entry.position !== undefined, `${entry.id} has no position`);
  return lockfile;
}

function classesOf({ entries }: Lockfile): Classes {
  const counts: Classes = {};
  for (const { source } of entries) counts[source.type] = (counts[source.type] ?? 0) + 1;
  return counts;
}

const rich: Classes = { registry: 194, directory: 1, file: 1 };

const FILES: readonly (readonly [
  file: string,
  reader: (text: LockfileText) => Lockfile,
  version: string,
  classes: Classes,
])[] = [
  ['real/pnpm-astro.pnpm-lock.yaml', readPnpm, '9.0', { registry: 2156, directory: 2, file: 1 }],
  ['real/pnpm-many-deps.pnpm-lock.yaml', readPnpm, '9.0', { registry: 3860 }],
  ['real/yarn1-remix-project.yarn.lock', readYarnClassic, '1', { registry: 4122, tarball: 1, git: 1 }],
  ['real/berry-jest.yarn.lock', readYarnBerry, '10', { registry: 2150, workspace: 71, patched: 6 }],
  ['samples/pnpm-6.35.1/pnpm-lock.yaml', readPnpm, '5.3', { registry: 194, file: 1 }],
  ['samples/pnpm-7.33.7/pnpm-lock.yaml', readPnpm, '5.4', rich],
  ['samples/pnpm-8.15.9/pnpm-lock.yaml', readPnpm, '6.0', rich],
  ['samples/pnpm-9.15.9/pnpm-lock.yaml', readPnpm, '9.0', rich],
  ['samples/pnpm-10.34.9/pnpm-lock.yaml', readPnpm, '9.0', rich],
  ['samples/pnpm-11.28.11/pnpm-lock.yaml', readPnpm, '9.0', rich],
  ['samples/pnpm-12.21.0/pnpm-lock.yaml', readPnpm, '9.0', rich],
  ['samples/pnpm-11-rich/pnpm-lock.yaml', readPnpm, '9.0', { registry: 9 }],
  ['samples/pnpm-12-rich/pnpm-lock.yaml', readPnpm, '9.0', { registry: 9 }],
  ['samples/pnpm-named-registry/pnpm-lock.yaml', readPnpm, '9.0', { registry: 2 }],
  ['samples/mini-pnpm-12/pnpm-lock.yaml', readPnpm, '9.0', { registry: 3, git: 1 }],
  ['samples/yarn-1.22.22/yarn.lock', readYarnClassic, '1', { registry: 294, directory: 1, file: 1 }],
  ['samples/mini-yarn-1/yarn.lock', readYarnClassic, '1', { registry: 2, git: 1, link: 1, tarball: 1 }],
  [
    'samples/yarn-4.18.1/yarn.lock',
    readYarnBerry,
    '10',
    { registry: 298, workspace: 3, patched: 2, directory: 1, file: 1 },
  ],
  ['samples/mini-yarn-4/yarn.lock', readYarnBerry, '10', { registry: 1, link: 2, workspace: 1, tarball: 1 }],
];

/** Yarn 1 answers a range of this file from GitHub because the project's `resolutions` say so. */
const DECLARED: Readonly<Record<string, readonly FindingCode[]>> = {
  'real/yarn1-remix-project.yarn.lock': ['non-registry-source'],
};

describe('lockfiles that package managers wrote', () => {
  for (const [file, reader, version, classes] of FILES) {
    test(`${file}: entries in, classes out, nothing odd`, (t) => {
      const shared = sharedDir(t);
      if (shared === undefined) return;
      const lockfile = read(path.join(shared, 'lockfiles', file), reader);
      assert.deepEqual(classesOf(lockfile), classes);
      assert.equal(lockfile.formatVersion, version);
      assert.deepEqual(
        lockfile.observations.map(({ code }) => code),
        DECLARED[file] ?? [],
      );
    });
  }

  test('pnpm 7 to 12 lock the same packages with the same hashes', (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const sets = ['7.33.7', '8.15.9', '9.15.9', '10.34.9', '11.28.11', '12.21.0'].map((version) => {
      const { entries } = read(path.join(shared, `lockfiles/samples/pnpm-${version}/pnpm-lock.yaml`), readPnpm);
      const registry = entries.filter(({ source }) => source.type === 'registry');
      return registry.map(({ name, version: at, pin }) => `${name}@${at} ${JSON.stringify(pin)}`).toSorted();
    });
    for (const set of sets) assert.deepEqual(set, sets[0]);
  });

  test('pnpm 7 to 12 record the same edges between packages', (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const sets = ['7.33.7', '8.15.9', '9.15.9', '10.34.9', '11.28.11', '12.21.0'].map((version) => {
      const { entries } = read(path.join(shared, `lockfiles/samples/pnpm-${version}/pnpm-lock.yaml`), readPnpm);
      const names = new Map(entries.map(({ id, name, version: at }) => [id, `${name}@${at}`]));
      const registry = entries.filter(({ source }) => source.type === 'registry');
      return registry
        .flatMap(({ id, edges }) =>
          edges.map(
            ({ name, target }) => `${names.get(id)} ${name} ${target.type === 'entry' ? names.get(target.id) : '-'}`,
          ),
        )
        .filter((edge) => !edge.endsWith(' -'))
        .toSorted();
    });
    for (const set of sets) assert.deepEqual(set, sets[0]);
  });
});

interface AttackCase {
  readonly case: string;
  readonly format: string;
  readonly lockfile: string;
  readonly expected: 'reject-at-parse' | 'finding' | 'accept';
  readonly finding: string | null;
}

const READERS: Readonly<Record<string, (text: LockfileText) => Lockfile>> = {
  pnpm: readPnpm,
  'yarn-1': readYarnClassic,
  'yarn-berry': readYarnBerry,
};

const PARSE_ERRORS: Readonly<Record<string, ErrorCode>> = {
  'duplicate-key': 'ERR_LOCKFILE_DUPLICATE_KEY',
  'merge-conflict': 'ERR_LOCKFILE_CONFLICT',
  'yaml-anchor': 'ERR_LOCKFILE_YAML_ANCHOR',
  'yaml-merge-key': 'ERR_LOCKFILE_YAML_MERGE_KEY',
};

/** Topics that a reader sees by itself; the others need the registry, the project or a judgement of the pin. */
const SEEN_BY_READER: ReadonlySet<string> = new Set(['multiple-documents', 'name-mismatch']);

describe('attack lockfiles of pnpm and Yarn', () => {
  test('each is refused, noticed or read as it should be', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const attacks = path.join(shared, 'lockfiles/attacks');
    const cases = JSON.parse(fs.readFileSync(path.join(attacks, 'index.json'), 'utf8')) as readonly AttackCase[];
    const known = cases.filter(({ case: name }) => readerOf(name) !== undefined);
    assert.ok(known.length >= 40, 'the index holds the cases');
    for (const each of known) {
      await t.test(each.case, () => check(each, path.join(attacks, each.case, each.lockfile)));
    }
  });
});

function readerOf(name: string): ((text: LockfileText) => Lockfile) | undefined {
  const format = Object.keys(READERS).find((prefix) => name.startsWith(`${prefix}-`));
  return format === undefined ? undefined : READERS[format];
}

function check(each: AttackCase, file: string): void {
  const reader = readerOf(each.case) ?? assert.fail('no reader');
  if (each.expected === 'reject-at-parse') {
    const code = PARSE_ERRORS[each.finding ?? ''] ?? assert.fail(`no code for ${each.finding}`);
    assert.throws(
      () => read(file, reader),
      (thrown) => thrown instanceof LocksealError && thrown.code === code && thrown.details.position !== undefined,
    );
    return;
  }
  const codes = read(file, reader).observations.map(({ code }) => code);
  const errors = codes.filter((code) => FINDING_CODES[code].level === 'error');
  const expected = each.finding !== null && SEEN_BY_READER.has(each.finding) ? each.finding : undefined;
  if (expected === undefined) assert.deepEqual(errors, []);
  else
    assert.ok(
      codes.some((code) => code === expected),
      `${expected} among ${codes.join(', ')}`,
    );
}
