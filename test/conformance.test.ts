// Runs the bundle-verify cases of sigstore-conformance: https://github.com/sigstore/sigstore-conformance
// A case is a folder; its name ends in _fail where verification must fail.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  LocksealError,
  matchIdentity,
  parseStatement,
  parseTrustedRoot,
  verifyBundle,
  type BundleKey,
} from '@lockseal/core';
import { createHash, createPublicKey } from 'node:crypto';
import { sharedDir } from './support/shared.ts';

const SAN =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';

/** What each failing case fails for; a case that starts to fail for something else has stopped to test what it is for. */
const REASONS: ReadonlyMap<string, RegExp> = new Map([
  ['bundle-empty-certificate-chain_fail', /certificates is empty$/],
  ['bundle-from-wrong-instance_fail', /^the signing certificate is not from a trusted authority/],
  ['bundle-malformed-json_fail', /^Unterminated string in JSON/],
  ['bundle-negative-log-index_fail', /logIndex is not a whole number/],
  ['bundle-with-root-cert_fail', /inclusionProof\.checkpoint is missing$/],
  ['checkpoint-bad-keyhint_fail', /invalid checkpoint signature$/],
  ['dsse-invalid-sig_fail', /^the log entry is of something else/],
  ['dsse-mismatch-envelope_fail', /^the log entry is of something else/],
  ['inclusion-proof-corrupted-hash_fail', /calculated root hash does not match/],
  ['integrated-time-in-future_fail', /^the signing certificate is not from a trusted authority, or was not valid/],
  ['intoto-expired-certificate_fail', /^the signing certificate is not from a trusted authority, or was not valid/],
  ['intoto-log-entry-mismatch_fail', /^the log entry is of something else/],
  ['intoto-set-outside-signing-cert-validity_fail', /^the signing certificate .* or was not valid/],
  ['intoto-tsa-timestamp-outside-cert-validity_fail', /^the signing certificate .* or was not valid/],
  ['invalid-checkpoint-signature_fail', /invalid checkpoint signature$/],
  ['invalid-ct-key_fail', /SCT verification failed$/],
  ['invalid-inclusion-proof_fail', /inclusionProof\.checkpoint is missing$/],
  ['managed-key-no-key_fail', /^the signing key is not trusted/],
  ['message-digest-mismatch_fail', /sha256 is not the one that was signed$/],
  ['rekor2-checkpoint-missing-log-signature_fail', /no signatures found in checkpoint$/],
  ['rekor2-checkpoint-missing-root-hash_fail', /too few lines in checkpoint/],
  ['rekor2-checkpoint-missing-size_fail', /too few lines in checkpoint/],
  ['rekor2-checkpoint-no-matching-signature_fail', /invalid checkpoint signature$/],
  ['rekor2-dsse-invalid-sig_fail', /^the log entry is of something else/],
  ['rekor2-dsse-mismatch-sig_fail', /^the log entry is of something else/],
  ['rekor2-no-inclusion-proof_fail', /inclusionProof is wrong/],
  ['rekor2-timestamp-outside-trust-root-tsa-validity_fail', /^no trusted time of signing is proved/],
  ['rekor2-timestamp-outside-tsa-cert-validity_fail', /^no trusted time of signing is proved/],
  ['rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail', /^no trusted time of signing is proved/],
  ['rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail', /^no trusted time of signing is proved/],
  ['rekor2-timestamp-with-incorrect-time_fail', /signedTimestamp is not canonical base64$/],
  ['signature-mismatch_fail', /^the log entry is of something else/],
  ['trust-root-tlog-missing-validity-start_fail', /tlogs\[1\]\.publicKey\.validFor\.start is missing$/],
  ['wrong-hashedrekord-artifact_fail', /^the log entry is of something else/],
  ['wrong-hashedrekord-cert-and-sig_fail', /^the log entry is of something else/],
  ['wrong-material_fail', /sha256 is not the one that was signed$/],
]);

test('sigstore-conformance: bundle-verify', async (t: TestContext) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const root = path.join(shared, 'conformance/bundle-verify');
  const cases = fs.readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.ok(cases.length >= 50, `only ${cases.length} cases`);
  for (const { name } of cases) {
    await t.test(name, () => {
      const refusal = verifyCase(root, name, path.join(shared, 'corpus/trust/trusted_root.json'));
      if (name.endsWith('_fail'))
        assert.match(refusal ?? 'accepted', REASONS.get(name) ?? /^a reason is missing here$/);
      else assert.equal(refusal, undefined);
    });
  }
});

/** Why the case is refused, or undefined. Plays the part of the suite's command line. */
function verifyCase(root: string, name: string, publicRoot: string): string | undefined {
  const read = (file: string): Buffer | undefined => {
    const full = path.join(root, name, file);
    return fs.existsSync(full) ? fs.readFileSync(full) : undefined;
  };
  const artifact = read('artifact') ?? fs.readFileSync(path.join(root, 'a.txt'));
  const key = read('key.pub');
  try {
    const bundle: unknown = JSON.parse(read('bundle.sigstore.json')?.toString() ?? '');
    const trust = parseTrustedRoot(read('trusted_root.json') ?? fs.readFileSync(publicRoot));
    const verdict = verifyBundle(bundle, trust, { artifact, keys: key === undefined ? [] : [namedBy(bundle, key)] });
    if (verdict.status === 'invalid') return verdict.reason;
    const { content, signer } = verdict;
    if (content.kind === 'dsse' && !isSubject(content.payloadType, content.payload, artifact)) return 'no such subject';
    if (signer.kind === 'key') return key === undefined ? 'signed with a key' : undefined;
    const expected = { san: read('identity')?.toString() ?? SAN, issuer: read('issuer')?.toString() ?? ISSUER };
    const [mismatch] = matchIdentity(signer.identity, expected);
    return mismatch === undefined ? undefined : `${mismatch.field} is ${mismatch.found ?? 'missing'}`;
  } catch (thrown) {
    if (thrown instanceof LocksealError || thrown instanceof SyntaxError) return thrown.message;
    throw thrown;
  }
}

/** The suite names no hint: the key is meant for whatever the bundle names. */
function namedBy(bundle: unknown, pem: Buffer): BundleKey {
  const { verificationMaterial } = bundle as { verificationMaterial: { publicKey?: { hint?: string } } };
  const spki = createPublicKey(pem).export({ format: 'der', type: 'spki' }).toString('base64');
  const hint = verificationMaterial.publicKey?.hint ?? '';
  return { hint, spki, validFrom: undefined, validUntil: undefined };
}

function isSubject(payloadType: string, payload: Uint8Array, artifact: Uint8Array): boolean {
  const parsed = parseStatement(payloadType, payload);
  if (parsed.status !== 'ok') return false;
  const digests = ['sha256', 'sha512'].map((algorithm) => [
    algorithm,
    createHash(algorithm).update(artifact).digest('hex'),
  ]);
  return parsed.statement.subjects.some((subject) =>
    digests.some(([algorithm, hex]) => subject.digests.get(algorithm ?? '') === hex),
  );
}
