import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { describeSandbox, openSandbox } from '../../../src/scripts/sandbox/open.ts';
import { bubblewrap } from '../support/project.ts';

/** A folder with programs that are shell scripts. */
function programs(t: TestContext, scripts: Readonly<Record<string, string>>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-programs-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(scripts)) {
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}

const FORBIDDEN = 'echo "bwrap: No permissions to create new namespace" >&2; exit 1';

describe('the sandbox of a machine', () => {
  test('is tried, not only looked for', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox?.kind !== 'bubblewrap') return;
    assert.match(sandbox.program, /bwrap$/);
    assert.match(describeSandbox(sandbox), /run in a sandbox \(bubblewrap\)/);
  });

  const cases: readonly (readonly [why: string, scripts: Readonly<Record<string, string>>, reason: RegExp])[] = [
    ['there is none', {}, /^there is no bwrap$/],
    ['it may make no namespaces', { bwrap: FORBIDDEN }, /does not work here: bwrap: No permissions/],
    ['it ends without a word', { bwrap: 'exit 7' }, /does not work here: exit code 7$/],
  ];
  for (const [why, scripts, reason] of cases) {
    test(`${why}: auto says so and goes on`, async (t) => {
      const sandbox = await openSandbox('auto', { platform: 'linux', programs: [programs(t, scripts)] });
      assert.ok(sandbox.kind === 'none');
      assert.match(sandbox.reason, reason);
      assert.match(describeSandbox(sandbox), /^Install scripts run WITHOUT a sandbox/);
    });

    test(`${why}: require is an error`, async (t) => {
      const machine = { platform: 'linux', programs: [programs(t, scripts)] } as const;
      await assert.rejects(openSandbox('require', machine), { code: 'ERR_SANDBOX' });
    });
  }

  for (const [unknown, features] of [
    ['--disable-userns', { boundsFolders: true, forbidsNesting: false }],
    ['--size', { boundsFolders: false, forbidsNesting: false }],
  ] as const) {
    test(`an older bubblewrap, which does not know ${unknown}, does without`, async (t) => {
      const old = `case "$*" in *${unknown}*) echo "bwrap: Unknown option ${unknown}" >&2; exit 1;; esac`;
      const sandbox = await openSandbox('auto', { platform: 'linux', programs: [programs(t, { bwrap: old })] });
      assert.ok(sandbox.kind === 'bubblewrap');
      assert.deepEqual(sandbox.features, features);
    });
  }

  test('off means off', async (t) => {
    const sandbox = await openSandbox('off', { platform: 'linux', programs: [programs(t, { bwrap: 'exit 0' })] });
    assert.deepEqual([sandbox.kind, sandbox.prlimit], ['none', undefined]);
  });

  test('on a Mac it is sandbox-exec, and said to be untried', async (t) => {
    const machine = { platform: 'darwin', programs: [programs(t, { 'sandbox-exec': 'exit 0' })] } as const;
    const sandbox = await openSandbox('require', machine);
    assert.equal(sandbox.kind, 'seatbelt');
    assert.match(describeSandbox(sandbox), /never tried/);
    await assert.rejects(openSandbox('require', { platform: 'darwin', programs: [] }), { code: 'ERR_SANDBOX' });
  });

  for (const mode of ['auto', 'require', 'off'] as const) {
    test(`on Windows no script runs: ${mode}`, async () => {
      await assert.rejects(openSandbox(mode, { platform: 'win32', programs: [] }), { code: 'ERR_SANDBOX' });
    });
  }
});
