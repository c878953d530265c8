import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LockfileFormat } from '@lockseal/core';
import { detectManager } from '../../src/run/detect.ts';
import type { Family } from '../../src/run/managers.ts';

interface Vector {
  readonly why: string;
  readonly format: LockfileFormat;
  readonly manifest: unknown;
}

const FITTING: readonly (Vector & { readonly family: Family })[] = [
  { why: 'nothing is declared', format: 'npm', manifest: {}, family: 'npm' },
  { why: 'there is no package.json', format: 'bun', manifest: undefined, family: 'bun' },
  { why: 'packageManager fits', format: 'pnpm', manifest: { packageManager: 'pnpm@12.1.0+sha512.ab' }, family: 'pnpm' },
  { why: 'Yarn 4 is Berry', format: 'yarn-berry', manifest: { packageManager: 'yarn@4.18.1' }, family: 'yarn-berry' },
  {
    why: 'Yarn 1 is classic',
    format: 'yarn-classic',
    manifest: { packageManager: 'yarn@1.22.22' },
    family: 'yarn-classic',
  },
  {
    why: 'a range of devEngines fits',
    format: 'npm',
    manifest: { devEngines: { packageManager: { name: 'npm', version: '^11.0.0' } } },
    family: 'npm',
  },
  {
    why: 'of several devEngines any may be used',
    format: 'pnpm',
    manifest: { devEngines: { packageManager: [{ name: 'npm' }, { name: 'pnpm' }] } },
    family: 'pnpm',
  },
  { why: 'what is no text declares nothing', format: 'npm', manifest: { packageManager: 12 }, family: 'npm' },
  { why: 'a prototype is no declaration', format: 'npm', manifest: { devEngines: [] }, family: 'npm' },
];

const CONTRADICTING: readonly (Vector & { readonly found: RegExp })[] = [
  {
    why: 'another name',
    format: 'npm',
    manifest: { packageManager: 'pnpm@9.0.0' },
    found: /^pnpm@9 in "packageManager"$/,
  },
  { why: 'another Yarn', format: 'yarn-classic', manifest: { packageManager: 'yarn@4.0.0' }, found: /^yarn@4/ },
  { why: 'the older Yarn', format: 'yarn-berry', manifest: { packageManager: 'yarn@1.22.0' }, found: /^yarn@1/ },
  {
    why: 'devEngines names another one, packageManager the right one',
    format: 'npm',
    manifest: { packageManager: 'npm@11.0.0', devEngines: { packageManager: { name: 'bun' } } },
    found: /^bun in "devEngines.packageManager"$/,
  },
  { why: 'a name that only begins so', format: 'npm', manifest: { packageManager: 'npmx@1.0.0' }, found: /^npmx@1/ },
];

describe('the package manager of a project', () => {
  for (const { why, family, ...declared } of FITTING) {
    test(why, () => {
      assert.equal(detectManager({ ...declared, lockfile: 'lock' }).family, family);
    });
  }
  for (const { why, found, ...declared } of CONTRADICTING) {
    test(`refused: ${why}`, () => {
      assert.throws(
        () => detectManager({ ...declared, lockfile: 'lock' }),
        (error: Error & { code: string; details: { found: string } }) => {
          assert.equal(error.code, 'ERR_MANAGER');
          assert.match(error.details.found, found);
          return true;
        },
      );
    });
  }
  for (const format of ['deno', 'vlt'] as const) {
    test(`refused: lockseal does not run ${format}`, () => {
      assert.throws(() => detectManager({ format, lockfile: 'lock', manifest: {} }), { code: 'ERR_MANAGER' });
    });
  }
});
