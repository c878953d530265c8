// Patch files are read as they were when the project was verified, or not at all.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { LocalFile, Patch, Project } from '@lockseal/core';
import type { ProjectFiles } from '@lockseal/lockfile';
import { createPatches } from '../../src/installed/patches.ts';

const TEXT = '--- a/x\n+++ b/x\n';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const FILE: LocalFile = {
  length: TEXT.length,
  md5: '',
  sha1: '',
  sha256: sha256(TEXT),
  sha256LF: sha256('as pnpm hashes it'),
  sha512: '',
  md5LF: '',
};
const PROJECT: Project = {
  manifests: new Map(),
  overrides: [],
  packageExtensions: [],
  patches: [
    { selector: { name: 'x', range: undefined }, path: './patches/x.patch', file: FILE, origin: 'package.json' },
  ],
  catalogs: new Map(),
  configDependencies: new Map(),
  otherLockfiles: [],
  localTarballs: new Map(),
};

function filesOf(text: string | undefined): ProjectFiles {
  return {
    read: async (file) => (file === '/project/patches/x.patch' && text !== undefined ? Buffer.from(text) : undefined),
    list: async () => undefined,
  };
}

interface Case {
  readonly why: string;
  readonly patch: Patch;
  readonly project?: Project | undefined;
  readonly text?: string;
  readonly isRead: boolean;
}

const recorded: Patch = { path: 'patches/x.patch', hash: undefined };
const pinned = (value: string, algorithm: 'sha256' | 'md5' = 'sha256'): Patch => ({
  path: undefined,
  hash: { algorithm, value },
});

const cases: readonly Case[] = [
  { why: 'by its path', patch: recorded, isRead: true },
  { why: 'by its digest, where no path is recorded', patch: pinned(FILE.sha256), isRead: true },
  { why: 'by its digest as pnpm takes it', patch: pinned(FILE.sha256LF), isRead: true },
  { why: 'by another path', patch: { ...recorded, path: 'patches/y.patch' }, isRead: false },
  { why: 'by another digest', patch: pinned(sha256('other')), isRead: false },
  { why: 'by a weak digest', patch: pinned(FILE.sha256, 'md5'), isRead: false },
  { why: 'by neither', patch: { path: undefined, hash: undefined }, isRead: false },
  { why: 'written to since', patch: recorded, text: `${TEXT}evil`, isRead: false },
  { why: 'without a project', patch: recorded, project: undefined, isRead: false },
  {
    why: 'that was not there',
    patch: recorded,
    project: { ...PROJECT, patches: PROJECT.patches.map((each) => ({ ...each, file: undefined })) },
    isRead: false,
  },
];

describe('a patch asked for', () => {
  for (const { why, patch, text = TEXT, isRead, ...rest } of cases) {
    test(`${why} ${isRead ? 'is' : 'is not'} read`, async () => {
      const project = 'project' in rest ? rest.project : PROJECT;
      const bytes = await createPatches(project, '/project', filesOf(text))(patch);
      assert.equal(bytes === undefined ? undefined : Buffer.from(bytes).toString(), isRead ? TEXT : undefined);
    });
  }

  test('that is gone is not read', async () => {
    assert.equal(await createPatches(PROJECT, '/project', filesOf(undefined))(recorded), undefined);
  });
});
