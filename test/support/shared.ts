import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';

/**
 * The folder of third-party data beside the checkout (`../shared`), which is never copied into the repository.
 * Where it is absent the test skips aloud and gets undefined; under LOCKSEAL_CI its absence is a failure.
 */
export function sharedDir(t: TestContext): string | undefined {
  const dir = path.resolve(import.meta.dirname, '../../../shared');
  if (fs.existsSync(dir)) return dir;
  assert.equal(process.env['LOCKSEAL_CI'], undefined, `LOCKSEAL_CI is set, and ${dir} is not there`);
  t.skip('needs ../shared');
  return undefined;
}
