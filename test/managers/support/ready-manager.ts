import assert from 'node:assert/strict';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { installManager } from './install-manager.ts';
import { ALLOWED_SKIPS, type Manager } from './managers.ts';
import type { ReadyManager } from './run-manager.ts';

/** Fetches a package manager; undefined: it cannot run here, and the test is skipped. */
export async function readyManager(t: TestContext, manager: Manager): Promise<ReadyManager | undefined> {
  const installed = await installManager(manager);
  if (installed.type === 'command') return { manager, command: installed.command };
  skipAloud(t, manager, installed.reason);
  return undefined;
}

/** Skips a test of a package manager; under LOCKSEAL_CI it fails, unless nothing else is to be expected. */
export function skipAloud(t: TestContext, { id }: Manager, reason: string): void {
  const isAllowed = process.env['LOCKSEAL_CI'] === undefined || ALLOWED_SKIPS.has(id);
  assert.ok(isAllowed, `LOCKSEAL_CI is set, and ${id} cannot run: ${reason}`);
  t.skip(`${id}: ${reason}`);
}
