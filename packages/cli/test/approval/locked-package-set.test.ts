import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { lockedPackageSet } from '../../src/approval/locked-package-set.ts';

function lockfileOf(version: string): Uint8Array {
  const integrity = `sha512-${hash('sha512', version, 'base64')}`;
  const resolved = `https://registry.npmjs.org/ms/-/ms-${version}.tgz`;
  const packages = {
    '': { name: 'shop', version: '1.0.0', dependencies: { ms: version } },
    'node_modules/ms': { version, resolved, integrity },
  };
  return Buffer.from(JSON.stringify({ name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
}

test('a package set is of the bytes that are decided on, whatever lies there by then', async (t) => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-package-set-'));
  t.after(() => fs.rmSync(home, { recursive: true, force: true }));
  const file = path.join(home, 'package-lock.json');
  const [decided, swapped] = [lockfileOf('2.0.0'), lockfileOf('2.1.3')];
  fs.writeFileSync(file, decided);
  const before = await lockedPackageSet(file, decided, { env: {}, home });
  fs.writeFileSync(file, swapped);
  assert.equal(await lockedPackageSet(file, decided, { env: {}, home }), before);
  assert.notEqual(await lockedPackageSet(file, swapped, { env: {}, home }), before);
});
