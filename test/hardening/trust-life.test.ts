// What becomes of what was signed when those who vouch for it change: a log is sharded, an authority replaced, npm's key
// rotated. A trusted root that still holds the old one, with its end, keeps old signatures and refuses new ones by it.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { parseTrustedRoot, verifyBundle, type TrustedRootMaterial } from '@lockseal/core';
import {
  createRegistry,
  createSigstore,
  emailIdentity,
  type JsonObject,
  type LogKind,
  type PublishOptions,
  type SigstoreBox,
} from '@lockseal/testkit';
import { stored } from '../../packages/signer/test/support/files.ts';
import { approval, APPROVED_AT, digests, POLICY_DIGEST } from '../../packages/signer/test/support/sample.ts';
import { policyOf, REPOSITORY, sample } from '../../packages/signer/test/support/sample.ts';
import { enforceApproval, type BundleJson } from '../../packages/signer/src/index.ts';
import { LoopbackVerifier } from '../support/loopback-verification.ts';

const ISSUER = 'https://accounts.example.com';
const DAY = 24 * 60 * 60_000;
const REFUSED = 'approval-bundle-invalid approvers-too-few';
/** All signatures are of APPROVED_AT, all verdicts of a month later. */
const NOW = new Date(APPROVED_AT.getTime() + 30 * DAY);
const BEFORE = new Date(APPROVED_AT.getTime() - DAY);
const LATER = new Date(APPROVED_AT.getTime() + 10 * DAY);

const MEMBERS = ['tlogs', 'certificateAuthorities', 'ctlogs', 'timestampAuthorities'] as const;
type Member = (typeof MEMBERS)[number];

/** What happened to an old service: it is listed until an end, or no more. */
type Fate = { readonly endedAt: Date } | 'dropped';

const old = await createSigstore({ clock: () => APPROVED_AT });
const next = await createSigstore({ clock: () => LATER });

/** The root after `changed` moved from the old instance to the next one, which goes by the same names. */
function rootAfter(changed: readonly Member[], fate: Fate): TrustedRootMaterial {
  const members = changed.map((member): [Member, readonly JsonObject[]] => {
    const kept = fate === 'dropped' ? [] : listed(old, member).map((service) => ended(service, fate.endedAt));
    return [member, [...kept, ...listed(next, member)]];
  });
  return parseTrustedRoot(Buffer.from(JSON.stringify({ ...old.trustedRoot, ...Object.fromEntries(members) })));
}

function listed({ trustedRoot }: SigstoreBox, member: Member): readonly JsonObject[] {
  return trustedRoot[member] as readonly JsonObject[];
}

/** Logs keep their validity beside the key, authorities at the top. */
function ended(service: JsonObject, at: Date): JsonObject {
  const validFor = { start: '2021-01-01T00:00:00Z', end: at.toISOString() };
  const { publicKey } = service as { readonly publicKey?: JsonObject };
  return publicKey === undefined ? { ...service, validFor } : { ...service, publicKey: { ...publicKey, validFor } };
}

function signApproval(box: SigstoreBox, log: LogKind): BundleJson {
  const signer = { type: 'certificate', identity: emailIdentity('ana@example.com', ISSUER) } as const;
  return box.signStatement(approval(), signer, { log });
}

/** `approved`, or the codes of why not. */
function judge(bundle: object, root: TrustedRootMaterial, now: Date = NOW): string {
  const approvers = [{ name: 'ana', identities: [{ issuer: ISSUER, san: 'ana@example.com' }] }];
  const roles = { security: { threshold: 1, approvers } };
  const verdict = enforceApproval({
    lockfile: digests('lockfile'),
    packageSet: sample().packageSet.sha256,
    approvals: stored(bundle),
    baseline: undefined,
    policy: policyOf([], { allowUntimestamped: false, maxAge: 'P60D', roles }),
    policyDigest: POLICY_DIGEST,
    trustedRoot: () => root,
    now,
    context: { repository: REPOSITORY, ref: 'refs/heads/main' },
    surroundings: { shadowing: [], bypasses: [] },
  });
  return verdict.approved ? 'approved' : verdict.failures.map(({ code }) => code).join(' ');
}

const CHANGES: readonly (readonly [what: string, log: LogKind, changed: readonly Member[]])[] = [
  ['a new shard of Rekor 1', 'rekor-v1-dsse', ['tlogs']],
  ['a new shard of Rekor 2', 'rekor-v2', ['tlogs']],
  ['a new certificate authority', 'rekor-v1-dsse', ['certificateAuthorities']],
  ['a new certificate transparency log', 'rekor-v1-dsse', ['ctlogs']],
  ['a new timestamp authority', 'rekor-v2', ['timestampAuthorities']],
  ['everything new, Rekor 1', 'rekor-v1-dsse', MEMBERS],
  ['everything new, Rekor 2', 'rekor-v2', MEMBERS],
];

for (const [what, log, changed] of CHANGES) {
  describe(what, () => {
    const bundle = signApproval(old, log);
    const provenance = old.provenance({ name: 'widgets', version: '1.0.0', sha512: 'ab'.repeat(64), log });
    const fates: readonly (readonly [why: string, fate: Fate, holds: boolean])[] = [
      ['the old one is kept, and ended after the signature: it holds', { endedAt: LATER }, true],
      ['the old one had ended before the signature: refused', { endedAt: BEFORE }, false],
      ['the old one is no longer listed: refused', 'dropped', false],
    ];
    for (const [why, fate, holds] of fates) {
      test(why, () => {
        const root = rootAfter(changed, fate);
        assert.equal(judge(bundle, root), holds ? 'approved' : REFUSED);
        assert.equal(verifyBundle(provenance, root).status, holds ? 'verified' : 'invalid');
      });
    }
    test('what is signed by the new one holds only where the root knows it', () => {
      const own = signApproval(next, log);
      if (changed.length === MEMBERS.length)
        assert.equal(judge(own, rootAfter(changed, { endedAt: BEFORE })), 'approved');
      assert.equal(judge(own, parseTrustedRoot(Buffer.from(JSON.stringify(old.trustedRoot)))), REFUSED);
    });
  });
}
describe('a clock that is ten years wrong', () => {
  const root = rootAfter(MEMBERS, { endedAt: LATER });
  const years = (count: number): Date => new Date(NOW.getTime() + count * 365 * DAY);

  for (const log of ['rekor-v1-dsse', 'rekor-v2'] as const) {
    test(`approvals are as old as the own clock says, counted from the trusted time (${log})`, () => {
      const bundle = signApproval(old, log);
      assert.equal(judge(bundle, root, years(10)), 'approval-expired approval-too-old approvers-too-few');
      assert.equal(judge(bundle, root, years(-10)), 'approval-from-future approvers-too-few');
    });
    test(`bundles are judged by the clocks of log and authority alone (${log})`, (t) => {
      const bundle = old.provenance({ name: 'widgets', version: '1.0.0', sha512: 'ab'.repeat(64), log });
      for (const count of [10, -10]) {
        t.mock.timers.enable({ apis: ['Date'], now: years(count) });
        assert.equal(verifyBundle(bundle, root).status, 'verified');
        assert.equal(verifyBundle(bundle, rootAfter(MEMBERS, { endedAt: BEFORE })).status, 'invalid');
        t.mock.timers.reset();
      }
    });
  }
});

describe("a rotation of the key of npm's registry", async () => {
  const sigstore = await createSigstore({ clock: () => NOW });
  const box = createRegistry({ sigstore, signs: false });
  const renewed = sigstore.addRegistryKey({ validFrom: LATER });
  const publish = (name: string, publishedAt: Date, evidence: PublishOptions['evidence'] = {}): void =>
    void box.publish({ name, version: '1.0.0', publishedAt, evidence });
  box.addKey({ validUntil: LATER });
  publish('before', APPROVED_AT);
  publish('after', NOW);
  publish('mixed', NOW, { publishAttestation: { registryKey: renewed } });
  publish('backdated', APPROVED_AT, { publishAttestation: { registryKey: renewed, at: NOW } });
  publish('unlogged', NOW, { provenance: false, publishAttestation: false });
  box.addKey({ validFrom: LATER });
  publish('renewed', NOW);
  const registry = await box.serve();
  after(() => registry.close());
  const verifier = await LoopbackVerifier.create(sigstore);

  const cases: readonly (readonly [why: string, name: string, expected: readonly string[]])[] = [
    ['signed and logged by the old key before its end: holds for ever', 'before', []],
    ['signed by the new key: holds', 'renewed', []],
    ['attested and signed by the old key after its end', 'after', ['publish-attestation-invalid']],
    ['attested by the new key, signed by the old one after its end', 'mixed', ['signature-key-expired']],
    ['the same, and the registry says that it is older', 'backdated', ['signature-key-expired']],
    // Only the registry could say when, and it could say anything: what is missing is what convicts.
    ['signed by the old key, and no log', 'unlogged', ['provenance-missing', 'publish-attestation-missing']],
  ];
  for (const [why, name, expected] of cases) {
    test(why, async () => {
      const project = { name: 'project', version: '1.0.0', dependencies: { [name]: '1.0.0' } };
      const lockfile = JSON.stringify(box.lockfile('npm-v3', project, { registry: registry.url }));
      const { verdict, codes } = await verifier.verify({ url: registry.url, lockfile });
      assert.deepEqual(codes, expected);
      assert.equal(verdict === 'good', expected.length === 0);
    });
  }
});
