// Every fault of the services that sign and that tell whom to trust: nothing is signed by half, and no root is believed
// that TUF has not signed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { LocksealError, parseTrustedRoot, verifyBundle } from '@lockseal/core';
import { loadTrust } from '@lockseal/registry';
import { createSigstore, type ServiceFault, type SigstoreServer, type SigstoreService } from '@lockseal/testkit';
import { parseSigningConfig, signStatements, type BundleJson } from '../../packages/signer/src/index.ts';
import { some } from '../support/thorough.ts';
import { approval, sample } from '../../packages/signer/test/support/sample.ts';

/** Of a host that no configuration names; it hears nothing. */
const STRANGER = 'http://127.0.0.1:9';

const redirects = ([301, 302, 308] as const).map((status): readonly [string, ServiceFault] => {
  return [`${status} to another host`, { type: 'redirect', to: STRANGER, status }];
});
const statuses = [400, 401, 403, 409, 410, 418, 429, 500, 502, 504].map((status): readonly [string, ServiceFault] => {
  return [String(status), { type: 'status', status }];
});

const ALL_FAULTS: readonly (readonly [string, ServiceFault])[] = [
  ['an empty object', { type: 'garbage', body: '{}' }],
  ['307 to another host', { type: 'redirect', to: STRANGER, status: 307 }],
  ['stall', { type: 'stall' }],
  ['503', { type: 'status', status: 503 }],
  ['truncate', { type: 'truncate', bytes: 40 }],
  ['drip', { type: 'drip', bytes: 1, everyMs: 50 }],
  ['garbage', { type: 'garbage' }],
  ['null', { type: 'garbage', body: 'null' }],
  ['empty', { type: 'garbage', body: '' }],
  ['404', { type: 'status', status: 404 }],
  ['429, to be tried again in an hour', { type: 'status', status: 429, headers: { 'retry-after': '3600' } }],
  ['endless', { type: 'huge', bytes: 4 * 1024 * 1024 }],
  ['reset', { type: 'reset' }],
  ['307 to itself', { type: 'redirect', to: 'same-host', status: 307 }],
  ...redirects,
  ...statuses,
];
const FAULTS = some(ALL_FAULTS, 6);

let injected = 0;

const box = await createSigstore();
box.addRegistryKey();
const trust = parseTrustedRoot(Buffer.from(JSON.stringify(box.trustedRoot)));
const statement = approval({
  ...sample('lockfile'),
  approvedAt: new Date(),
  expiresAt: new Date(Date.now() + 86_400_000),
});

/** Who waits for less finds out sooner; what is found is the same. */
const network = { attemptMs: 400, totalMs: 3000, retryMs: 10 };

async function sign(server: SigstoreServer, rekor: 1 | 2): Promise<BundleJson> {
  const config = await parseSigningConfig(Buffer.from(JSON.stringify(server.signingConfig(rekor))), new Date());
  const services = { ...config, fulcio: server.fulcioUrl };
  const identityToken = async (): Promise<string> => server.emailToken('ana@example.com');
  const [bundle] = await signStatements([statement], { kind: 'keyless', services, identityToken, network });
  assert.ok(bundle !== undefined);
  return bundle;
}

describe('signing', { concurrency: true }, () => {
  const services: readonly (readonly [SigstoreService, 1 | 2])[] = [
    ['fulcio', 1],
    ['rekor', 1],
    ['rekor-v2', 2],
    ['tsa', 1],
  ];
  for (const [service, rekor] of services) {
    // A server for each, because faults strike all that is asked of it.
    describe(service, { concurrency: 1 }, async () => {
      const server = await box.serve();
      after(() => server.close());

      test('without a fault, the bundle verifies', async () => {
        assert.equal(verifyBundle(await sign(server, rekor), trust).status, 'verified');
      });
      for (const [name, fault] of FAULTS) {
        test(`${name}: signs nothing, and says why`, { timeout: 60_000 }, async () => {
          const end = server.addFault(service, fault);
          injected += 1;
          try {
            const outcome = await sign(server, rekor).catch((thrown: unknown) => thrown);
            assert.ok(outcome instanceof LocksealError, 'nothing is signed');
            assert.equal(outcome.code, 'ERR_SIGNING', outcome.message);
            // What makes an answer but no bundle is seen when the bundle is put together, of all answers.
            assert.match(outcome.message, /http:\/\/127\.0\.0\.1:\d+\/|makes no bundle/);
            assert.doesNotMatch(
              `${outcome.message} ${outcome.details.found ?? ''}`,
              /eyJ/,
              'the token is in no message',
            );
          } finally {
            end();
          }
        });
      }
    });
  }
});

describe('refreshing trust', async () => {
  const server = await box.serve();
  after(() => server.close());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-trust-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const rootFile = path.join(folder, 'root.json');
  fs.writeFileSync(rootFile, server.tuf.rootJson);
  const load = (name: string): ReturnType<typeof loadTrust> => {
    const tufMirror = { url: server.tufUrl, rootFile };
    return loadTrust({ offline: false, now: Date.now(), stateDirectory: path.join(folder, name), tufMirror });
  };

  test('without a fault, the root is the one that TUF has signed', async () => {
    const { trustedRoot } = await load('good');
    assert.equal(trustedRoot.origin, 'tuf');
    assert.deepEqual(JSON.parse(Buffer.from(trustedRoot.bytes).toString()), box.trustedRoot);
  });
  for (const [name, fault] of FAULTS) {
    test(`${name}: the embedded root is used, and a warning says so`, { timeout: 60_000 }, async () => {
      const end = server.addFault('tuf', fault);
      try {
        const { trustedRoot, warnings } = await load(name);
        assert.equal(trustedRoot.origin, 'embedded');
        assert.match(warnings.join(' '), /ERR_TUF/);
      } finally {
        end();
      }
    });
  }
});

test('and that is how many', (t) =>
  t.diagnostic(`${injected} faults of signing services injected, ${FAULTS.length} of TUF`));
