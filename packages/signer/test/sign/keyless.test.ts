import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTrustedRoot } from '@lockseal/core';
import { buildVsa, ciIdentityToken, enforceApproval, parseSigningConfig, signStatements } from '../../src/index.ts';
import { box, stored } from '../support/files.ts';
import { approval, APPROVED_AT, digests, NOW, POLICY_DIGEST, policyOf, REPOSITORY, sample } from '../support/sample.ts';

const identities = {
  person: { issuer: 'https://accounts.example.com', san: 'ana@example.com' },
  machine: {
    issuer: 'https://token.actions.githubusercontent.com',
    repository: { pattern: '^https://github\\.com/[^/]+/[^/]+$' },
  },
};

describe('keyless, from the identity token to the verdict', () => {
  for (const rekor of [1, 2] as const) {
    for (const who of ['person', 'machine'] as const) {
      test(`a ${who}, by Fulcio, Rekor ${rekor} and a timestamp authority, over HTTP`, async (t) => {
        const sigstore = await box(APPROVED_AT);
        const server = await sigstore.serve();
        t.after(() => server.close());
        const config = await parseSigningConfig(Buffer.from(JSON.stringify(server.signingConfig(rekor))), NOW);
        assert.ok(config.fulcio !== undefined);
        const job = { ACTIONS_ID_TOKEN_REQUEST_URL: server.oidcRequestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' };
        const identityToken = async (): Promise<string> =>
          who === 'person' ? server.emailToken('ana@example.com') : ((await ciIdentityToken(job))?.token ?? '');
        const services = { ...config, fulcio: config.fulcio };
        const bundles = await signStatements([approval(), buildVsa(approval())], {
          kind: 'keyless',
          services,
          identityToken,
        });
        const policy = policyOf([], {
          allowUntimestamped: false,
          roles: { security: { threshold: 1, approvers: [{ name: who, identities: [identities[who]] }] } },
        });
        const verdict = enforceApproval({
          lockfile: digests('lockfile'),
          packageSet: sample().packageSet.sha256,
          approvals: stored(...bundles),
          baseline: undefined,
          policy,
          policyDigest: POLICY_DIGEST,
          trustedRoot: () => parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot))),
          now: NOW,
          context: { repository: REPOSITORY, ref: undefined },
          surroundings: { shadowing: [], bypasses: [] },
        });
        assert.ok(verdict.approved, JSON.stringify(verdict));
        assert.equal(verdict.approvals[0]?.trustedTime, APPROVED_AT.toISOString());
      });
    }
  }

  test('is not signed with a token that the authority refuses, and the message does not hold it', async (t) => {
    const sigstore = await box(APPROVED_AT);
    const server = await sigstore.serve();
    t.after(() => server.close());
    const token = `${server.emailToken('ana@example.com')}x`;
    const services = { fulcio: server.fulcioUrl, log: undefined, timestampAuthority: undefined };
    await assert.rejects(
      signStatements([approval()], { kind: 'keyless', services, identityToken: async () => token }),
      (thrown: Error & { code?: string }) => thrown.code === 'ERR_SIGNING' && !thrown.message.includes(token),
    );
  });
});

describe('a signing configuration', () => {
  const service = (url: string, majorApiVersion: number, start = '2021-01-01T00:00:00Z', end?: string): object => ({
    url,
    majorApiVersion,
    validFor: { start, ...(end === undefined ? {} : { end }) },
    operator: 'test',
  });
  const base = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service('https://fulcio.example/', 1)],
    rekorTlogUrls: [service('https://rekor.example', 1), service('https://rekor2.example', 2, '2025-01-01T00:00:00Z')],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [service('https://tsa.example/ts', 1)],
    tsaConfig: { selector: 'ANY' },
  };
  const read = (changes: object): ReturnType<typeof parseSigningConfig> =>
    parseSigningConfig(Buffer.from(JSON.stringify({ ...base, ...changes })), NOW);

  test('gives the newest service in force of each kind', async () => {
    assert.deepEqual(await read({}), {
      fulcio: 'https://fulcio.example',
      log: { url: 'https://rekor2.example', majorApiVersion: 2 },
      timestampAuthority: 'https://tsa.example/ts',
    });
  });

  test('passes over services that have ended or have not begun', async () => {
    const ended = service('https://old.example', 2, '2025-02-01T00:00:00Z', '2026-01-01T00:00:00Z');
    const later = service('https://later.example', 2, '2027-01-01T00:00:00Z');
    const { log } = await read({ rekorTlogUrls: [...base.rekorTlogUrls, ended, later] });
    assert.equal(log?.url, 'https://rekor2.example');
  });

  const cases: readonly (readonly [why: string, changes: object])[] = [
    ['another media type', { mediaType: 'application/json' }],
    ['no certificate authority', { caUrls: [] }],
    ['a log of an unknown version only', { rekorTlogUrls: [service('https://rekor3.example', 3)] }],
    ['several logs at once, which nobody here can do', { rekorTlogConfig: { selector: 'ALL' } }],
  ];
  for (const [why, changes] of cases) {
    test(`is refused: ${why}`, () => assert.rejects(read(changes), { code: 'ERR_CONFIG' }));
  }
  test('is refused: no JSON', () => assert.rejects(parseSigningConfig(Buffer.from('{'), NOW), { code: 'ERR_CONFIG' }));
});
