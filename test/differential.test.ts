// lockseal's verification of bundles against @sigstore/verify as it comes, over every bundle at hand and damaged copies.
// `npm run test:differential` does the same with more of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './support/differential.ts';
import { mintedCases, sharedCases } from './support/known-bundles.ts';
import { compareAll, compareDamaged } from './support/run-differential.ts';
import { sharedDir } from './support/shared.ts';

test('every real bundle gets the verdict that Sigstore gives it, or a stricter one by a named rule', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const cases = sharedCases(shared);
  const { counts, disagreements } = await compareAll(cases);
  assert.deepEqual(disagreements, []);
  assert.ok(cases.length >= 85, `only ${cases.length} bundles`);
  assert.ok((counts.get('both-accept') ?? 0) >= 40, `only ${counts.get('both-accept')} are accepted`);
  assert.ok((counts.get('both-refuse') ?? 0) >= 40, `only ${counts.get('both-refuse')} are refused`);
});

test('so does every damaged copy of a real bundle', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const { counts, disagreements } = await compareDamaged(sharedCases(shared), 200, 20_260_101);
  assert.deepEqual(disagreements, []);
  assert.ok((counts.get('both-refuse') ?? 0) >= 80, 'the damage does too little');
});

test('so does every damaged copy of a minted bundle', async () => {
  const cases = await mintedCases();
  const whole = await compareAll(cases);
  assert.deepEqual([...whole.counts], [['both-accept', cases.length]]);
  const { counts, disagreements } = await compareDamaged(cases, 200, 20_260_102);
  assert.deepEqual(disagreements, []);
  assert.ok((counts.get('both-refuse') ?? 0) >= 80, 'the damage does too little');
});

test('a certificate that is DER and yet none is refused alike on every way', async () => {
  const [minted] = await mintedCases();
  assert.ok(minted !== undefined);
  for (const der of ['3000', '30023000', '300430003000', '3006300030003000', '040130', '3009a0030201023000300003']) {
    const bundle = structuredClone(minted.bundle) as { verificationMaterial: { certificate: { rawBytes: string } } };
    bundle.verificationMaterial.certificate.rawBytes = Buffer.from(der, 'hex').toString('base64');
    assert.deepEqual(await compare({ ...minted, bundle }), { status: 'both-refuse' }, der);
  }
});
