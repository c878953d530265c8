import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  createApprovalBundleVerifier,
  MAX_STATEMENT_BYTES,
  parseTrustedRoot,
  STATEMENT_PAYLOAD_TYPE,
} from '@lockseal/core';
import { encodeStatement, keyHint, parseSigningConfig, signStatements } from '../../src/index.ts';
import { box, signed } from '../support/files.ts';
import { approval, APPROVED_AT, NOW, person } from '../support/sample.ts';

const noTrust = (): never => assert.fail('no trusted root is needed here');

function keysOf(publicKeyPem: string): { hint: string; spki: string; validFrom: undefined; validUntil: undefined }[] {
  const key = createPublicKey(publicKeyPem);
  const spki = key.export({ type: 'spki', format: 'der' }).toString('base64');
  return [{ hint: keyHint(key), spki, validFrom: undefined, validUntil: undefined }];
}

describe('a statement signed with a key', () => {
  for (const algorithm of ['P-256', 'P-384', 'Ed25519'] as const) {
    test(`${algorithm}: is a v0.3 bundle that verifies without a trusted root`, async () => {
      const ana = person('ana', algorithm);
      const bundle = await signed(approval(), ana.signer);
      assert.equal((bundle as { mediaType: string }).mediaType, 'application/vnd.dev.sigstore.bundle.v0.3+json');
      const verdict = createApprovalBundleVerifier(noTrust, keysOf(ana.publicKey)).verify(bundle);
      assert.equal(verdict.status, 'verified', JSON.stringify(verdict));
      assert.ok(verdict.status === 'verified');
      assert.equal(verdict.payloadType, STATEMENT_PAYLOAD_TYPE);
      assert.deepEqual(Buffer.from(verdict.payload), Buffer.from(encodeStatement(approval())));
      assert.deepEqual([verdict.timestamps, verdict.isLogged], [[], false]);
    });
  }

  for (const algorithm of ['P-256', 'P-384', 'Ed25519'] as const) {
    for (const rekor of [1, 2, undefined] as const) {
      test(`${algorithm}, Rekor ${rekor ?? 'none'} and a timestamp: time is proved`, async (t) => {
        const sigstore = await box(APPROVED_AT);
        const server = await sigstore.serve();
        t.after(() => server.close());
        const config = await parseSigningConfig(Buffer.from(JSON.stringify(server.signingConfig(rekor ?? 1))), NOW);
        const services = {
          log: rekor === undefined ? undefined : config.log,
          timestampAuthority: config.timestampAuthority,
        };
        const ana = person('ana', algorithm);
        const [bundle] = await signStatements([approval()], { kind: 'key', signer: ana.signer, services });
        const root = parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)));
        const verdict = createApprovalBundleVerifier(() => root, keysOf(ana.publicKey)).verify(bundle);
        assert.ok(verdict.status === 'verified', JSON.stringify(verdict));
        assert.equal(verdict.isLogged, rekor !== undefined);
        assert.equal(verdict.timestamps.length, rekor === 1 ? 2 : 1);
        assert.equal(Date.parse(verdict.timestamps[0] ?? ''), APPROVED_AT.getTime());
      });
    }
  }

  test('is not signed where it is longer than anybody reads', async () => {
    const statement = approval();
    const comment = 'x'.repeat(MAX_STATEMENT_BYTES);
    const predicate = { ...statement.predicate, approver: { ...statement.predicate.approver, comment } };
    const refuses = signed({ ...statement, predicate }, person('ana').signer);
    await assert.rejects(refuses, { code: 'ERR_STATEMENT', message: 'The statement is too long to be signed.' });
  });

  test('is not signed at all where a service refuses', async () => {
    const services = { log: { url: 'http://127.0.0.1:1', majorApiVersion: 2 as const }, timestampAuthority: undefined };
    const method = { kind: 'key', signer: person('ana').signer, services } as const;
    await assert.rejects(signStatements([approval()], method), { code: 'ERR_SIGNING' });
  });
});
