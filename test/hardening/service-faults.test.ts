// Every fault of the services that sign and that tell whom to trust: nothing is signed by half, and no root is believed
// that TUF has not signed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { LocksealError, parseTrustedRoot, verifyBundle } from '@lockseal/core';
import { loadTrust } from '@lockseal/registry';
import { createSigstore, type ServiceFault, type SigstoreServer, type SigstoreService } from '@lockseal/testkit';
import {
  ciIdentityToken,
  parseSigningConfig,
  signStatements,
  type BundleJson,
} from '../../packages/signer/src/index.ts';
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
    describe(service, { concurrency: 1 }, () => {
      let server: SigstoreServer;
      before(async () => {
        server = await box.serve();
      });
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

/** Of its own for each fault: what stalls is waited for as long as users wait, and all of it at once. */
async function serving<T>(
  service: SigstoreService,
  fault: ServiceFault | undefined,
  work: (server: SigstoreServer) => Promise<T>,
): Promise<T> {
  const server = await box.serve();
  if (fault !== undefined) server.addFault(service, fault);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

describe('what is asked before and beside signing', { concurrency: true }, () => {
  describe('the identity token of a CI job', { concurrency: true }, () => {
    const ask = (fault?: ServiceFault): ReturnType<typeof ciIdentityToken> =>
      serving('oidc', fault, ({ oidcRequestUrl }) =>
        ciIdentityToken({
          ACTIONS_ID_TOKEN_REQUEST_URL: oidcRequestUrl,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'the bearer of the job',
        }),
      );

    test('without a fault, there is one', async () => assert.match((await ask())?.token ?? '', /^eyJ/));
    for (const [name, fault] of FAULTS) {
      test(`${name}: there is none, and nobody else is asked`, { timeout: 60_000 }, async () => {
        injected += 1;
        const outcome = await ask(fault).catch((thrown: unknown) => thrown);
        assert.ok(outcome instanceof LocksealError, 'no token');
        assert.equal(outcome.code, 'ERR_IDENTITY');
        assert.doesNotMatch(`${outcome.message} ${outcome.details.found ?? ''}`, /eyJ|bearer of the job/);
      });
    }
  });

  describe('a refresh of trust', { concurrency: true }, () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-trust-'));
    after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const load = (name: string, fault?: ServiceFault): ReturnType<typeof loadTrust> =>
      serving('tuf', fault, ({ tuf, tufUrl }) => {
        const stateDirectory = path.join(folder, name);
        const rootFile = `${stateDirectory}.json`;
        fs.writeFileSync(rootFile, tuf.rootJson);
        const tufMirror = { url: tufUrl, rootFile };
        return loadTrust({ offline: false, now: Date.now(), stateDirectory, tufMirror });
      });

    test('without a fault, the root is the one that TUF has signed', async () => {
      const { trustedRoot } = await load('good');
      assert.equal(trustedRoot.origin, 'tuf');
      assert.deepEqual(JSON.parse(Buffer.from(trustedRoot.bytes).toString()), box.trustedRoot);
    });
    for (const [name, fault] of FAULTS) {
      test(`${name}: the embedded root is used, and a warning says so`, { timeout: 60_000 }, async () => {
        injected += 1;
        const { trustedRoot, warnings } = await load(name, fault);
        assert.equal(trustedRoot.origin, 'embedded');
        assert.match(warnings.join(' '), /ERR_TUF/);
      });
    }
  });
});

test('and that is how many', (t) => {
  t.diagnostic(`${injected} faults injected`);
  assert.equal(injected, FAULTS.length * 6);
});
