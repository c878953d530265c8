import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import type { TestContext } from 'node:test';

/** Whether there is an openssl to ask; where there is none the test is skipped aloud, and fails in CI. */
export function hasOpenssl(t: TestContext): boolean {
  if (spawnSync('openssl', ['version']).status === 0) return true;
  assert.equal(process.env['LOCKSEAL_CI'], undefined, 'LOCKSEAL_CI is set, and openssl is not there');
  t.skip('needs openssl');
  return false;
}
