// What must be wrong with nobody's TLS: real handshakes on loopback, with certificates made for each case.
import assert from 'node:assert/strict';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { HttpClient, RegistryConfig } from '@lockseal/registry';
import { contextPrimitive, sequence } from '../../packages/testkit/src/sigstore/der.ts';
import { generateSigningKey, pem } from '../../packages/testkit/src/sigstore/keys.ts';
import {
  extendedKeyUsage,
  extension,
  signCertificate,
  tbsCertificate,
} from '../../packages/testkit/src/sigstore/x509.ts';

interface Identity {
  readonly cert: string;
  readonly key: string;
}

type AltName = { readonly ip: readonly number[] } | { readonly dns: string };

const DAY = 86_400_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const LOOPBACK: AltName = { ip: [127, 0, 0, 1] };

/** A self-signed certificate of this name, valid between these days from now. */
function makeIdentity(altName: AltName, from = -1, until = 1, usage = SERVER_AUTH): Identity {
  const key = generateSigningKey('P-256');
  const name = { organization: 'registry.test', commonName: 'registry' };
  const encoded =
    'ip' in altName ? contextPrimitive(7, Buffer.from(altName.ip)) : contextPrimitive(2, Buffer.from(altName.dns));
  const template = {
    subject: name,
    subjectSpki: key.spki,
    issuer: name,
    issuerSpki: key.spki,
    notBefore: new Date(Date.now() + from * DAY),
    notAfter: new Date(Date.now() + until * DAY),
    usage: [extendedKeyUsage(usage)],
    names: [extension('2.5.29.17', sequence(encoded))],
  };
  const der = signCertificate(tbsCertificate(template, key.algorithm), key);
  return {
    cert: pem('CERTIFICATE', der),
    key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Asks a server with this certificate, which is itself the authority; tells the headers that arrived there. */
async function ask(identity: Identity, trusted: Identity): Promise<readonly unknown[]> {
  const arrived: unknown[] = [];
  const server = https.createServer({ ...identity, maxVersion: 'TLSv1.3' }, (request, response) => {
    arrived.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const config = new RegistryConfig({
    map: { default: url, scopes: new Map(), named: new Map(), mirrors: [] },
    attestationsRegistry: undefined,
    tls: { strict: true, ca: [trusted.cert] },
    network: { timeoutMs: 20_000, concurrency: 1, retries: 0, retryFactor: 1, retryMinMs: 1, retryMaxMs: 1 },
    sources: [],
    warnings: [],
    proxy: { http: undefined, https: undefined, none: [] },
    authorizations: new Map([[`//${new URL(url).host}`, 'Bearer t']]),
    certificates: new Map(),
  });
  const client = new HttpClient({ config, offline: false });
  const read = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const _ of body) continue;
  };
  try {
    await client.get({ url, maxBytes: 1000, read });
    return arrived;
  } catch (thrown) {
    assert.ok(thrown instanceof LocksealError && thrown.code === 'ERR_NETWORK', String(thrown));
    return [...arrived, thrown.message];
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
}

describe('a certificate', () => {
  const cases: readonly (readonly [what: string, identity: Identity, said: RegExp | undefined])[] = [
    ['of this very host and time is accepted', makeIdentity(LOOPBACK), undefined],
    ['that has expired is refused', makeIdentity(LOOPBACK, -2, -1), /CERT_HAS_EXPIRED/],
    ['of tomorrow is refused', makeIdentity(LOOPBACK, 1, 2), /CERT_NOT_YET_VALID/],
    ['of another host is refused', makeIdentity({ dns: 'registry.example.com' }), /ALTNAME_INVALID/],
    ['of another address is refused', makeIdentity({ ip: [127, 0, 0, 2] }), /ALTNAME_INVALID/],
    ['of the address as a name is refused', makeIdentity({ dns: '127.0.0.1' }), /ALTNAME_INVALID/],
    ['for signing code is refused', makeIdentity(LOOPBACK, -1, 1, '1.3.6.1.5.5.7.3.3'), /INVALID_PURPOSE/],
  ];
  for (const [what, identity, said] of cases) {
    test(what, async () => {
      const arrived = await ask(identity, identity);
      assert.equal(arrived.length, 1, 'no credential arrives before the certificate is accepted');
      if (said === undefined) assert.equal(arrived[0], 'Bearer t');
      else assert.match(String(arrived[0]), said);
    });
  }

  test('of nobody we know is refused', async () => {
    const arrived = await ask(makeIdentity(LOOPBACK), makeIdentity(LOOPBACK));
    assert.equal(arrived.length, 1);
    assert.match(String(arrived[0]), /SELF_SIGNED|UNABLE_TO|DEPTH_ZERO|SIGNATURE_FAILURE/);
  });
});
