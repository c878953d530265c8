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

const ALL_FAULTS: readonly (readonly [string, ServiceFault])[] = [
  ['an empty object', { type: 'garbage', body: '{}' }],
  ['garbage', { type: 'garbage' }],
  ['truncate', { type: 'truncate', bytes: 40 }],
  ['404', { type: 'status', status: 404 }],
  ['endless', { type: 'huge', bytes: 4 * 1024 * 1024 }],
  ['null', { type: 'garbage', body: 'null' }],
  ['reset', { type: 'reset' }],
  ['302 to another host', { type: 'redirect', to: 'http://127.0.0.1:9', status: 302 }],
  ['307 to another host', { type: 'redirect', to: 'http://127.0.0.1:9', status: 307 }],
  ['400', { type: 'status', status: 400 }],
  ['401', { type: 'status', status: 401 }],
  ['409', { type: 'status', status: 409 }],
];
const FAULTS = some(ALL_FAULTS, 5);

const box = await createSigstore();
box.addRegistryKey();
const trust = parseTrustedRoot(Buffer.from(JSON.stringify(box.trustedRoot)));
const statement = approval({
  ...sample('lockfile'),
  approvedAt: new Date(),
  expiresAt: new Date(Date.now() + 86_400_000),
});

async function sign(server: SigstoreServer, rekor: 1 | 2): Promise<BundleJson> {
  const config = await parseSigningConfig(Buffer.from(JSON.stringify(server.signingConfig(rekor))), new Date());
  const services = { ...config, fulcio: server.fulcioUrl };
  const identityToken = async (): Promise<string> => server.emailToken('ana@example.com');
  const [bundle] = await signStatements([statement], { kind: 'keyless', services, identityToken });
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
    // A server for each, because the library waits for seconds before it tries again.
    describe(service, { concurrency: 1 }, async () => {
      const server = await box.serve();
      after(() => server.close());

      test('without a fault, the bundle verifies', async () => {
        assert.equal(verifyBundle(await sign(server, rekor), trust).status, 'verified');
      });
      for (const [name, fault] of FAULTS) {
        test(`${name}: signs nothing, and says why`, { timeout: 120_000 }, async () => {
          const end = server.addFault(service, fault);
          try {
            const outcome = await sign(server, rekor).catch((thrown: unknown) => thrown);
            assert.ok(outcome instanceof LocksealError, 'nothing is signed');
            assert.equal(outcome.code, 'ERR_SIGNING', outcome.message);
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
