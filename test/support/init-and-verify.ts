import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readLockfile } from '@lockseal/lockfile';
import { createSigstore } from '@lockseal/testkit';
import { runCli } from './run-cli.ts';
import { serveReal } from './real-registry.ts';
import { sharedDir } from './shared.ts';

/**
 * One test: `policy init` in a folder that holds a real lockfile and nothing else, then `verify` under the policy that it
 * wrote, against a registry over HTTP with metadata as ordinary packages have it: no error, nothing undecided.
 * @param name of the file in `../shared/lockfiles/real`: `<project>.<name of the lockfile>`
 */
export function testInit(name: string): void {
  test(`policy init, then verify: ${name}`, async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const now = Date.now();
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-init-'));
    const file = path.join(folder, name.slice(name.indexOf('.') + 1));
    const text = withStrongPins(fs.readFileSync(path.join(shared, 'lockfiles/real', name), 'utf8'));
    const lockfile = readLockfile(file, Buffer.from(text));
    const sigstore = await createSigstore();
    const server = await serveReal(lockfile, sigstore, now);
    t.after(async () => {
      await server.close();
      fs.rmSync(folder, { recursive: true });
    });
    fs.writeFileSync(file, text.replaceAll('https://registry.npmjs.org/', server.url));
    fs.writeFileSync(path.join(folder, '.npmrc'), `registry=${server.url}\n`);
    fs.writeFileSync(path.join(folder, 'root.json'), JSON.stringify(sigstore.trustedRoot));
    const run = (...args: string[]): ReturnType<typeof runCli> =>
      runCli([...args, '--trusted-root=root.json', '--cache=cache'], { cwd: folder });

    const init = await run('policy', 'init');
    assert.equal(init.exitCode, 0, init.stderr);
    const learned = /^lockseal\.yaml: (\d+) install scripts allowed, (\d+) packages pinned, (\d+) findings waived/;
    const counts = (learned.exec(init.stdout) ?? assert.fail(init.stdout)).slice(1).map(Number);
    assert.ok(
      counts.every((count) => count > 0),
      init.stdout,
    );
    assert.doesNotMatch(init.stdout, /findings remain/);

    const verify = await run('verify', '--json');
    const report = JSON.parse(verify.stdout) as Report;
    const errors = report.findings.filter(({ level }) => level === 'error');
    assert.deepEqual([errors, report.undecided, verify.exitCode], [[], [], 0]);
    assert.ok(report.waived.length >= (counts[2] ?? 0), 'what was waived is there, and told');
    assert.equal(report.counts.entries, lockfile.entries.length);
  });
}

interface Report {
  readonly findings: readonly { readonly level: string }[];
  readonly undecided: readonly unknown[];
  readonly waived: readonly unknown[];
  readonly counts: { readonly entries: number };
}

/** Old lockfiles pin by sha1 here and there, which is an error of its own, and a real one: as it is locked again today. */
function withStrongPins(text: string): string {
  const strong = (weak: string): string => `sha512-${createHash('sha512').update(weak).digest('base64')}`;
  return text.replaceAll(/\bsha1-[A-Za-z0-9+/]{27}=/g, strong);
}
