// The whole of it as commands call it: a project behind a link, findings, what is undecided.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ApprovedArtifact } from '@lockseal/gate';
import { packTarball } from '@lockseal/testkit';
import { readLockfile } from '@lockseal/lockfile';
import { checkInstalled, type InstalledCheck } from '../../src/installed/check-installed.ts';

const MANIFEST = '{"name":"a","version":"1.0.0"}';
const TARBALL = packTarball([
  { path: 'package/package.json', content: MANIFEST },
  { path: 'package/index.js', content: 'a\n' },
]);

function projectFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-check-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'real/node_modules/a'), { recursive: true });
  fs.symlinkSync('real', path.join(folder, 'link'));
  fs.writeFileSync(path.join(folder, 'real/node_modules/a/package.json'), MANIFEST);
  fs.writeFileSync(path.join(folder, 'real/node_modules/a/index.js'), 'a\n');
  return folder;
}

async function check(root: string, bytes: Uint8Array = TARBALL): Promise<InstalledCheck> {
  const digest = createHash('sha512').update(TARBALL).digest();
  const text = JSON.stringify({
    name: 'shop',
    lockfileVersion: 3,
    packages: {
      '': { name: 'shop', dependencies: { a: '1.0.0' } },
      'node_modules/a': { version: '1.0.0', integrity: `sha512-${digest.toString('base64')}` },
    },
  });
  const lockfile = readLockfile('package-lock.json', Buffer.from(text));
  const artifact: ApprovedArtifact = {
    name: 'a',
    version: '1.0.0',
    purl: 'pkg:npm/a@1.0.0',
    registry: undefined,
    lockedUrl: undefined,
    sha512: digest.toString('hex'),
    entries: ['node_modules/a'],
    path: ['.', 'a@1.0.0'],
  };
  return checkInstalled({
    root,
    lockfile,
    project: undefined,
    artifacts: [artifact],
    platform: { os: 'linux', cpu: 'x64' },
    cache: undefined,
    tarball: async function* tarball() {
      yield bytes;
    },
  });
}

test('a project behind a link is compared where it is', async (t) => {
  const { findings, report } = await check(path.join(projectFolder(t), 'link'));
  assert.deepEqual(findings, []);
  assert.deepEqual(report.undecided, []);
  assert.equal(report.counts.files, 2);
});

test('a changed file is a finding with the dependency path', async (t) => {
  const folder = projectFolder(t);
  fs.writeFileSync(path.join(folder, 'real/node_modules/a/index.js'), 'b\n');
  const { findings } = await check(path.join(folder, 'real'));
  assert.deepEqual(
    findings.map(({ code, level, subject, path: way }) => [code, level, subject, way]),
    [['installed-changed', 'error', 'a@1.0.0', ['.', 'a@1.0.0']]],
  );
});

test('a tarball of other bytes decides nothing', async (t) => {
  const other = packTarball([{ path: 'package/package.json', content: `${MANIFEST} ` }]);
  const { findings, report } = await check(path.join(projectFolder(t), 'real'), other);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    report.undecided.map(({ place }) => place),
    ['node_modules/a'],
  );
});
