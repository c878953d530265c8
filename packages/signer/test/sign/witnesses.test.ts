// What the services of a signature may answer beside refusing, and what may be believed of it.
import assert from 'node:assert/strict';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { createApprovalBundleVerifier, parseTrustedRoot } from '@lockseal/core';
import type { SigstoreBox, SigstoreServer } from '@lockseal/testkit';
import { hintOfSpki } from '../../src/sign/signer.ts';
import { signStatements, type BundleJson } from '../../src/index.ts';
import { box } from '../support/files.ts';
import { approval, APPROVED_AT, person } from '../support/sample.ts';

const network = { attemptMs: 1000, totalMs: 3000, retryMs: 5 };

/** A server between lockseal and a service: it decides what becomes of each answer. */
async function between(
  t: TestContext,
  upstream: string,
  pass: (answer: Buffer, request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = http.createServer((request, response) => void hand(request, response));
  const hand = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) body.push(chunk);
    const init = { method: request.method ?? 'GET', ...(body.length > 0 && { body: Buffer.concat(body) }) };
    const answer = await fetch(`${upstream}${request.url}`, init);
    pass(Buffer.from(await answer.arrayBuffer()), request, response);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function instance(t: TestContext): Promise<{ readonly sigstore: SigstoreBox; readonly server: SigstoreServer }> {
  const sigstore = await box(APPROVED_AT);
  const server = await sigstore.serve();
  t.after(() => server.close());
  return { sigstore, server };
}

function signWithKey(log: string, ana = person('ana')): Promise<readonly BundleJson[]> {
  const services = { log: { url: log, majorApiVersion: 1 }, timestampAuthority: undefined } as const;
  return signStatements([approval()], { kind: 'key', signer: ana.signer, services, network });
}

describe('an entry that the log has already', () => {
  const cases: readonly (readonly [why: string, location: (uuid: string) => string])[] = [
    ['is fetched from the log', (uuid) => `/api/v1/log/entries/${uuid}`],
    ['is fetched from the log that was named, whatever host the answer names', (uuid) => `http://127.0.0.1:9/${uuid}`],
  ];
  for (const [why, location] of cases) {
    test(why, async (t) => {
      const { sigstore, server } = await instance(t);
      let entry: Buffer = Buffer.alloc(0);
      const log = await between(t, server.rekorUrl, (answer, { method }, response) => {
        if (method === 'GET') return void response.end(entry);
        entry = answer;
        const [uuid = ''] = Object.keys(JSON.parse(answer.toString()) as object);
        return void response.writeHead(409, { location: location(uuid) }).end('{"code":409}');
      });
      const ana = person('ana');
      const [bundle] = await signWithKey(log, ana);
      const spki = ana.signer.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      const key = { hint: hintOfSpki(spki), spki, validFrom: undefined, validUntil: undefined };
      const root = parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)));
      const verdict = createApprovalBundleVerifier(() => root, [key]).verify(bundle);
      assert.ok(verdict.status === 'verified' && verdict.isLogged, JSON.stringify(verdict));
    });
  }

  const refusals: readonly (readonly [why: string, location: string | undefined])[] = [
    ['nowhere', undefined],
    ['under a name that is a path', `/api/v1/log/entries/..%2f..%2f${'a'.repeat(64)}/`],
    ['under a name of another kind', '/api/v1/log/entries/latest'],
  ];
  for (const [why, location] of refusals) {
    test(`${why}: nothing is signed`, async (t) => {
      const { server } = await instance(t);
      const log = await between(t, server.rekorUrl, (_, __, response) => {
        response.writeHead(409, location === undefined ? {} : { location }).end('{}');
      });
      await assert.rejects(signWithKey(log), { code: 'ERR_SIGNING', message: /The transparency log .* did not take/ });
    });
  }
});

describe('a certificate', () => {
  const cases: readonly (readonly [
    why: string,
    edit: (chain: string[], other: string[]) => string[],
    found: RegExp,
  ])[] = [
    ['of another key', (_, other) => other, /a certificate for another key/],
    ['of an empty chain', () => [], /its chain is empty/],
    ['that is none', () => ['-----BEGIN CERTIFICATE-----'], /an answer without a certificate/],
  ];
  for (const [why, edit, found] of cases) {
    test(`${why}: nothing is signed`, async (t) => {
      const { server } = await instance(t);
      let other: string[] | undefined;
      const fulcio = await between(t, server.fulcioUrl, (answer, _, response) => {
        const json = JSON.parse(answer.toString()) as {
          signedCertificateEmbeddedSct: { chain: { certificates: string[] } };
        };
        const { chain } = json.signedCertificateEmbeddedSct;
        other ??= chain.certificates;
        chain.certificates = edit(chain.certificates, other);
        response.end(JSON.stringify(json));
      });
      const services = { fulcio, log: undefined, timestampAuthority: undefined };
      const method = {
        kind: 'keyless',
        services,
        network,
        identityToken: async () => server.emailToken('ana@example.com'),
      } as const;
      // The first call has the certificate of another key made.
      await signStatements([approval()], method).catch(() => undefined);
      await assert.rejects(signStatements([approval()], method), (thrown: { details?: { found?: string } }) =>
        found.test(thrown.details?.found ?? ''),
      );
    });
  }
});

test('where one service refuses, a stalled one is not waited for', async (t) => {
  const { server } = await instance(t);
  server.addFault('rekor', { type: 'stall' });
  server.addFault('tsa', { type: 'status', status: 400 });
  const services = { log: { url: server.rekorUrl, majorApiVersion: 1 }, timestampAuthority: server.tsaUrl } as const;
  const patient = { attemptMs: 100_000, totalMs: 100_000 };
  const signed = signStatements([approval()], {
    kind: 'key',
    signer: person('ana').signer,
    services,
    network: patient,
  });
  await assert.rejects(signed, { code: 'ERR_SIGNING', message: /timestamp authority/ });
  // What is not ended keeps this process from ending, and the test with it.
});

test('a token that cannot be read is in no message', async (t) => {
  const { server } = await instance(t);
  const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOjF9.';
  const services = { fulcio: server.fulcioUrl, log: undefined, timestampAuthority: undefined };
  const signed = signStatements([approval()], { kind: 'keyless', services, network, identityToken: async () => token });
  await assert.rejects(signed, (thrown: Error & { code?: string }) => {
    return thrown.code === 'ERR_IDENTITY' && !JSON.stringify([thrown.message, String(thrown.cause)]).includes('eyJ');
  });
});
