// What is too much only where it is very much: each input is made here, none is stored. Run by `npm run test:hardening`.
// The times are told as diagnostics; the bounds on them are what nobody would wait for on any machine.
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { createGzip } from 'node:zlib';
import process from 'node:process';
import { Readable } from 'node:stream';
import {
  checkGraph,
  LocksealError,
  lockedSha512,
  packageSet,
  parseApprovalPolicy,
  type Lockfile,
} from '@lockseal/core';
import { dependencyPaths, readLockfile } from '@lockseal/lockfile';
import { readTarball } from '@lockseal/registry';
import { boilHistory, parseHistory } from '../../packages/registry/src/sources/history.ts';
import { cutVersion } from '../../packages/registry/src/sources/packument.ts';
import { makeTar } from '../../packages/registry/test/support/tarball.ts';
import { enforceApproval, parseApprovals } from '../../packages/signer/src/index.ts';

const MiB = 1024 * 1024;
const SLOW = { timeout: 300_000 };

function timed<T>(t: TestContext, what: string, run: () => T): T {
  const start = performance.now();
  const done = (): void => t.diagnostic(`${what}: ${Math.round(performance.now() - start)} ms`);
  try {
    return run();
  } finally {
    done();
  }
}

function text(head: string, count: number, item: (index: number) => string, tail: string): Buffer {
  const parts = [head];
  for (let index = 0; index < count; index += 1) parts.push(item(index));
  return Buffer.from(parts.join('') + tail);
}

function read(t: TestContext, file: string, bytes: Uint8Array): Lockfile | string {
  return timed(t, `${file}, ${Math.round(bytes.length / MiB)} MiB`, () => {
    try {
      return readLockfile(file, bytes);
    } catch (thrown) {
      assert.ok(thrown instanceof LocksealError, thrown instanceof Error ? thrown.stack : String(thrown));
      return thrown.code;
    }
  });
}

describe('lockfiles', () => {
  const SIZE = 60 * MiB;
  const long = 'x'.repeat(SIZE);
  const strings: Readonly<Record<string, string>> = {
    'package-lock.json': `{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"${long}"}}}`,
    'npm-shrinkwrap.json': `{"lockfileVersion":3,"packages":{"node_modules/${long}":{"version":"1.0.0"}}}`,
    'pnpm-lock.yaml': `lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {integrity: ${long}}\n`,
    'yarn.lock': `# yarn lockfile v1\n\na@1:\n  version "${long}"\n`,
    'bun.lock': `{"lockfileVersion":1,"workspaces":{},"packages":{"a":["a@${long}","",{},""]}}`,
    'deno.lock': `{"version":"5","npm":{"a@${long}":{"integrity":"x"}}}`,
    'vlt-lock.json': `{"lockfileVersion":1,"nodes":{"~npm~a@${long}":[0,"a"]},"edges":{}}`,
  };
  for (const [file, content] of Object.entries(strings)) {
    test(`${file}: one string of 60 MiB is an answer or a coded error`, SLOW, (t) => {
      read(t, file, Buffer.from(content));
    });
  }

  test('a million entries and one are refused', SLOW, (t) => {
    const bytes = text('{"lockfileVersion":3,"packages":{"":{}', 1_000_001, (i) => `,"node_modules/a${i}":{}`, '}}');
    assert.equal(read(t, 'package-lock.json', bytes), 'ERR_LOCKFILE_TOO_LARGE');
  });

  const many: Readonly<Record<string, Buffer>> = {
    'package-lock.json': text(
      '{"lockfileVersion":3,"packages":{"":{"dependencies":{"a0":"1"}}',
      250_000,
      (i) => `,"node_modules/a${i}":{"version":"1.0.0","dependencies":{"a${i + 1}":"1"}}`,
      '}}',
    ),
    'pnpm-lock.yaml': text(
      "lockfileVersion: '9.0'\npackages:\n",
      200_000,
      (i) => `  a${i}@1.0.0:\n    resolution: {integrity: sha512-${'A'.repeat(86)}==}\n`,
      '',
    ),
    'yarn.lock': text(
      '# yarn lockfile v1\n',
      250_000,
      (i) => `\na${i}@1:\n  version "1.0.0"\n  dependencies:\n    a${i + 1} "1"\n`,
      '',
    ),
  };
  for (const [file, bytes] of Object.entries(many)) {
    test(`${file}: hundreds of thousands of entries are read, and their graph is checked`, SLOW, (t) => {
      const lockfile = read(t, file, bytes);
      assert.ok(typeof lockfile === 'object', 'it is read');
      assert.ok(lockfile.entries.length >= 200_000);
      timed(t, 'the graph', () => checkGraph(lockfile, undefined));
      timed(t, 'the package set', () => packageSet(lockfile, ({ pin }) => lockedSha512(pin)));
      timed(t, 'all dependency paths', () => {
        const pathOf = dependencyPaths(lockfile);
        for (const { id } of lockfile.entries) pathOf(id);
      });
    });
  }
});

describe('tarballs and packuments', () => {
  test('half a million entries and one are refused', SLOW, async (t) => {
    const block = makeTar([{ path: 'package/x' }], Buffer.alloc(0));
    const batch = Buffer.concat(Array.from({ length: 1000 }, () => block));
    const entries = Readable.from(Array.from({ length: 501 }, () => batch));
    const start = performance.now();
    // Zeros compress a thousandfold; what names entries does not, and so stays below the bound on that.
    const read = readTarball(entries.pipe(createGzip({ level: 1 })));
    await assert.rejects(read, { code: 'ERR_RESPONSE_TOO_LARGE', message: /500000 entries/ });
    t.diagnostic(`${Math.round(performance.now() - start)} ms`);
  });

  test('a packument of 100 MiB is cut, and boiled down, in bounded memory', SLOW, async (t) => {
    const readme = 'x'.repeat(50_000);
    const versions = 2000;
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"name":"a","versions":{');
      for (let i = 0; i < versions; i += 1) {
        yield Buffer.from(`${i === 0 ? '' : ','}"1.0.${i}":{"name":"a","version":"1.0.${i}","readme":"${readme}"}`);
      }
      yield Buffer.from('}}');
    }
    const before = process.memoryUsage().rss;
    let start = performance.now();
    const cut = await cutVersion(body(), '1.0.1999', MiB);
    assert.ok(cut !== undefined && cut.length > 50_000);
    t.diagnostic(`cut: ${Math.round(performance.now() - start)} ms`);
    start = performance.now();
    assert.equal(parseHistory(await boilHistory(body())).versions.length, versions);
    t.diagnostic(`boiled down: ${Math.round(performance.now() - start)} ms`);
    const grown = (process.memoryUsage().rss - before) / MiB;
    t.diagnostic(`${Math.round(grown)} MiB more memory`);
    assert.ok(grown < 400, `${grown} MiB`);
  });

  test('a packument of more versions than any package has is refused', SLOW, async (t) => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"versions":{"0":{}');
      for (let i = 1; i < 100_010; i += 1) yield Buffer.from(`,"${i}":{}`);
      yield Buffer.from('}}');
    }
    const start = performance.now();
    await assert.rejects(boilHistory(body()), { code: 'ERR_RESPONSE_INVALID' });
    t.diagnostic(`${Math.round(performance.now() - start)} ms`);
  });
});

test('a file of 10,000 approvals that nobody signed is judged, and approves nothing', SLOW, (t) => {
  const payload = (index: number): string =>
    Buffer.from(
      JSON.stringify({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'package-lock.json', digest: { sha256: 'ab'.repeat(32), sha512: 'cd'.repeat(64) } }],
        predicateType: 'https://lockseal.dev/attestation/approved-lockfile/v1',
        predicate: { index },
      }),
    ).toString('base64');
  const lines = text(
    '',
    10_000,
    (i) =>
      `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"x"}},"dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":"${payload(i)}","signatures":[{"sig":"AAAA","keyid":""}]}}\n`,
    '',
  );
  const approvals = timed(t, 'reading', () => parseApprovals(lines, 'x.approvals.jsonl'));
  assert.equal(approvals.length, 10_000);
  const verdict = timed(t, 'judging', () =>
    enforceApproval({
      lockfile: { path: 'package-lock.json', sha256: 'ab'.repeat(32), sha512: 'cd'.repeat(64) },
      packageSet: undefined,
      approvals,
      baseline: undefined,
      policy: parseApprovalPolicy({
        roles: {
          lead: {
            threshold: 1,
            approvers: [{ name: 'ana', identities: [{ issuer: 'https://x.example', san: 'a@x.example' }] }],
          },
        },
        repository: 'https://github.com/example/shop',
        maxAge: 'P30D',
      }),
      policyDigest: 'ef'.repeat(32),
      trustedRoot: () => assert.fail('no bundle needs a root'),
      now: new Date('2026-11-22T00:00:00Z'),
      context: { repository: undefined, ref: undefined },
      surroundings: { shadowing: [], bypasses: [] },
    }),
  );
  assert.equal(verdict.approved, false);
});
