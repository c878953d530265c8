// Runs the bundle-verify cases of sigstore-conformance: https://github.com/sigstore/sigstore-conformance
// A case is a folder; its name ends in _fail where verification must fail.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { refusalOf } from '../scripts/conformance/refusal.ts';
import { conformanceCases } from './support/conformance-cases.ts';
import { sharedDir } from './support/shared.ts';

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
  const cases = conformanceCases(shared);
  assert.ok(cases.length >= 50, `only ${cases.length} cases`);
  for (const { name, expectation } of cases) {
    const sha256 = createHash('sha256').update(expectation.artifact).digest();
    for (const [mode, artifact] of [
      ['path', expectation.artifact],
      ['digest', { sha256 }],
    ] as const) {
      await t.test(`${name}, by ${mode}`, () => {
        const refusal = refusalOf({ ...expectation, artifact });
        if (name.endsWith('_fail'))
          assert.match(refusal ?? 'accepted', REASONS.get(name) ?? /^a reason is missing here$/);
        else assert.equal(refusal, undefined);
      });
    }
  }
});
