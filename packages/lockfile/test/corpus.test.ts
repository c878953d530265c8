// Real lockfiles and samples of every package manager: entries in = classes out, and nothing is odd about them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { EntryClass, FindingCode } from '@lockseal/core';
import { sharedDir } from '../../../test/support/shared.ts';
import { readLockfile } from '../src/read-lockfile.ts';
import { assertCoherent, classCounts } from './support/text.ts';

interface Case {
  /** Below ../shared/lockfiles. */
  readonly file: string;
  /** The name that the package manager gives it, where the corpus has another. */
  readonly as?: string;
  readonly version: string;
  readonly classes: Partial<Record<EntryClass, number>>;
  readonly importers: number;
}

const npmSample = { registry: 216, bundled: 195, link: 3, file: 1 };
const npmWorkspaces = { ...npmSample, workspace: 2, directory: 1 };

const cases: readonly Case[] = [
  {
    file: 'real/npm-create-react-app.package-lock.json',
    version: '2',
    classes: { registry: 2565, workspace: 12, link: 12 },
    importers: 13,
  },
  {
    // 356 entries are marked inBundle. 193 of them are bundled by the root project alone, when it is packed: they
    // have URLs, and npm fetches them.
    file: 'real/npm-npmcli.package-lock.json',
    version: '3',
    classes: { registry: 885 + 193, bundled: 356 - 193, workspace: 16, link: 16 },
    importers: 17,
  },
  {
    // 326 entries are marked inBundle, yet this npm 7 gave all of them URLs, so they are verified like any other.
    file: 'real/npm-npmcli-audit-omit.package-lock.json',
    version: '2',
    classes: { registry: 425 + 326 },
    importers: 1,
  },
  { file: 'real/deno-fresh.deno.lock', version: '5', classes: { registry: 808, jsr: 48 }, importers: 7 },
  {
    file: 'samples/npm-6.14.18/package-lock.json',
    version: '1',
    classes: { ...npmSample, registry: 213, link: 1 },
    importers: 0,
  },
  { file: 'samples/npm-11.21.2-lockv1/package-lock.json', version: '1', classes: npmSample, importers: 0 },
  { file: 'samples/npm-11.21.2-lockv2/package-lock.json', version: '2', classes: npmWorkspaces, importers: 3 },
  { file: 'samples/npm-11.21.2/package-lock.json', version: '3', classes: npmWorkspaces, importers: 3 },
  { file: 'samples/npm-11.21.2-omitresolved/package-lock.json', version: '3', classes: npmWorkspaces, importers: 3 },
  { file: 'samples/npm-11.21.2-shrinkwrap/npm-shrinkwrap.json', version: '3', classes: npmWorkspaces, importers: 3 },
  { file: 'samples/npm-12.2.0/package-lock.json', version: '3', classes: npmWorkspaces, importers: 3 },
  {
    // The hidden lockfile has no root, which alone says what is a workspace, and lacks other platforms' packages.
    file: 'samples/npm-11.21.2/hidden-package-lock.json',
    as: 'node_modules/.package-lock.json',
    version: '3',
    classes: { registry: 190, bundled: 195, link: 3, file: 1, directory: 3 },
    importers: 0,
  },
  { file: 'samples/npm-12.2.0-patched-v4/package-lock.json', version: '4', classes: { registry: 6 }, importers: 1 },
  {
    file: 'samples/mini-npm-11/package-lock.json',
    version: '3',
    classes: { registry: 2, git: 1, tarball: 1, link: 1, directory: 1 },
    importers: 1,
  },
  {
    file: 'samples/bun-1.4.5/bun.lock',
    version: '2',
    classes: { registry: 336, bundled: 68, workspace: 2, directory: 1, file: 1 },
    importers: 3,
  },
  { file: 'samples/bun-1.4.5-rich/bun.lock', version: '2', classes: { registry: 30, workspace: 1 }, importers: 2 },
  {
    file: 'samples/mini-bun-1.4/bun.lock',
    version: '2',
    classes: { registry: 2, git: 1, tarball: 1, directory: 1 },
    importers: 1,
  },
  { file: 'samples/deno-2.9.6/deno.lock', version: '5', classes: { registry: 192 }, importers: 3 },
  { file: 'samples/mini-deno-2.9/deno.lock', version: '5', classes: { registry: 1 }, importers: 1 },
  {
    file: 'samples/vlt-1.0.0-rc.23/vlt-lock.json',
    version: '1',
    classes: { registry: 194, directory: 1, file: 1 },
    importers: 1,
  },
  {
    file: 'samples/vlt-1.0.0-rc.23/hidden-vlt-lock.json',
    as: 'node_modules/.vlt-lock.json',
    version: '1',
    classes: { registry: 168, directory: 1, file: 1 },
    importers: 1,
  },
  { file: 'samples/mini-vlt/vlt-lock.json', version: '1', classes: { registry: 2, git: 1, tarball: 1 }, importers: 1 },
];

describe('real lockfiles', () => {
  for (const { file, as = file, version, classes, importers } of cases) {
    test(file, (t) => {
      const shared = sharedDir(t);
      if (shared === undefined) return;
      const lockfile = readLockfile(as, fs.readFileSync(path.join(shared, 'lockfiles', file)));
      assertCoherent(lockfile);
      assert.equal(lockfile.formatVersion, version);
      assert.deepEqual(classCounts(lockfile), classes);
      assert.equal(lockfile.importers.length, importers);
      assert.deepEqual(lockfile.observations, []);
    });
  }

  test('npm writes the same packages whatever the version of its lockfile', (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const sets = ['npm-11.21.2', 'npm-11.21.2-lockv2', 'npm-11.21.2-lockv1'].map((sample) => {
      const file = path.join(shared, 'lockfiles/samples', sample, 'package-lock.json');
      const fetched = readLockfile(file, fs.readFileSync(file)).entries.filter(
        ({ source }) => source.type === 'registry',
      );
      return [...new Set(fetched.map(({ name, version, pin }) => JSON.stringify([name, version, pin])))].toSorted();
    });
    assert.equal(sets[0]?.length, 194);
    assert.deepEqual(sets[1], sets[0]);
    assert.deepEqual(sets[2], sets[0]);
  });
});

/** Topic of the attack corpus -> our error. */
const REJECTIONS: Readonly<Record<string, string>> = {
  'duplicate-key': 'ERR_LOCKFILE_DUPLICATE_KEY',
  'field-type': 'ERR_LOCKFILE_FIELD',
  'merge-conflict': 'ERR_LOCKFILE_CONFLICT',
  'path-not-normal': 'ERR_LOCKFILE_PATH',
  'prototype-key': 'ERR_LOCKFILE_PROTOTYPE_KEY',
  'yaml-anchor': 'ERR_LOCKFILE_YAML_ANCHOR',
  'yaml-merge-key': 'ERR_LOCKFILE_YAML_MERGE_KEY',
};

/** Topics that a reader of these formats sees by itself; all others are for later stages. */
const SEEN_BY_READERS: ReadonlySet<string> = new Set<FindingCode>(['sections-disagree', 'false-bundle-claim']);

interface Attack {
  readonly case: string;
  readonly format: string;
  readonly lockfile: string;
  readonly expected: 'reject-at-parse' | 'finding' | 'accept';
  readonly finding: string | null;
  readonly also?: readonly string[];
}

describe('hostile lockfiles', () => {
  test('are refused, noted or accepted as the index says', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const folder = path.join(shared, 'lockfiles/attacks');
    const attacks = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8')) as readonly Attack[];
    for (const attack of attacks) {
      const file = path.join(folder, attack.case, attack.lockfile);
      await t.test(attack.case, () => judge(attack, file));
    }
    assert.ok(attacks.length >= 90, 'the index is whole');
  });
});

function judge({ expected, finding, also = [], format }: Attack, file: string): void {
  const read = (): ReturnType<typeof readLockfile> => readLockfile(file, fs.readFileSync(file));
  if (expected === 'reject-at-parse') {
    const codes = [finding ?? '', ...also].map((topic) => REJECTIONS[topic]);
    assert.throws(read, (thrown) => codes.includes((thrown as { readonly code?: string }).code));
    return;
  }
  const lockfile = read();
  assertCoherent(lockfile);
  if (!/^(?:npm|bun|deno|vlt)/.test(format)) return;
  const seen = new Set<string>(lockfile.observations.map((observation) => observation.code));
  assert.deepEqual(
    [...seen],
    [finding ?? '', ...also].filter((topic) => SEEN_BY_READERS.has(topic)),
  );
}
