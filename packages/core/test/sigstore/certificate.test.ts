import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { X509Certificate } from '@sigstore/core';
import { Certificate } from '../../src/sigstore/certificate.ts';

const NONE: Buffer<ArrayBuffer> = Buffer.alloc(0);

/** A leaf, the intermediate that signed it, and the root: as Fulcio issues them. */
const pem = fs.readFileSync(new URL('../fixtures/certificate-chain.pem', import.meta.url), 'utf8');
const [leaf = NONE, intermediate = NONE, root = NONE] = pem
  .split('-----END CERTIFICATE-----')
  .map((each) => Buffer.from(each.replace('-----BEGIN CERTIFICATE-----', ''), 'base64'));

/** One byte of the subject public key changed, which leaves all else as it was. */
function withOtherKey(der: Buffer): Buffer<ArrayBuffer> {
  const { publicKey } = X509Certificate.parse(Buffer.from(der));
  const copy = Buffer.from(der);
  const at = copy.indexOf(publicKey) + publicKey.length - 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

test('signatures are verified as the library verifies them', async () => {
  const ders = { leaf, intermediate, root, 'altered leaf': withOtherKey(leaf), 'altered root': withOtherKey(root) };
  for (const [name, der] of Object.entries(ders)) {
    for (const [by, issuer] of Object.entries(ders)) {
      const expected = attempt(() => X509Certificate.parse(Buffer.from(der)).verify(X509Certificate.parse(issuer)));
      const certificate = Certificate.fromDer(der);
      const signer = Certificate.fromDer(issuer);
      assert.equal(
        attempt(() => certificate.verify(signer)),
        expected,
        `${name} by ${by}`,
      );
      assert.equal(
        attempt(() => certificate.verify(signer)),
        expected,
        `${name} by ${by}, asked again`,
      );
      assert.equal(
        attempt(() => Certificate.fromDer(der).verify(X509Certificate.parse(issuer))),
        expected,
      );
      const ahead = Certificate.fromDer(der);
      await ahead.verifyAhead(signer);
      assert.equal(
        attempt(() => ahead.verify(signer)),
        expected,
        `${name} by ${by}, ahead`,
      );
    }
  }
});

function attempt(verify: () => boolean): boolean | 'throws' {
  try {
    return verify();
  } catch {
    return 'throws';
  }
}

test('an answer about one issuer is none about another, even of the same name and key id', async () => {
  const certificate = Certificate.fromDer(leaf);
  await certificate.verifyAhead(Certificate.fromDer(intermediate));
  assert.equal(certificate.verify(Certificate.fromDer(intermediate)), true);
  assert.equal(attempt(() => certificate.verify(Certificate.fromDer(withOtherKey(intermediate)))) === true, false);
  assert.equal(certificate.verify(Certificate.fromDer(root)), false);
});

test('a certificate is its own issuer only where it has signed itself', () => {
  assert.equal(Certificate.fromDer(root).verify(), true);
  assert.equal(Certificate.fromDer(leaf).verify(), false);
});

test('a clone can lose an extension, as the check of SCTs needs it, and the certificate keeps it', () => {
  for (const der of [leaf, intermediate, root]) {
    const [ours, stock] = [Certificate.fromDer(der), X509Certificate.parse(der)];
    for (let index = 0; index < stock.extensions.length; index += 1) {
      const [shorter, expected] = [ours.clone(), stock.clone()];
      shorter.extensions.splice(index, 1);
      expected.extensions.splice(index, 1);
      assert.deepEqual(shorter.tbsCertificate.toDER(), expected.tbsCertificate.toDER());
    }
    assert.deepEqual(ours.root.toDER(), der);
    assert.equal(ours.equals(stock), true);
    assert.equal(ours.equals(X509Certificate.parse(withOtherKey(der))), false);
  }
});

test('what is not DER is no certificate', () => {
  assert.throws(() => Certificate.fromDer(Buffer.of(0x30, 0x80)), RangeError);
  assert.throws(() => Certificate.fromDer(Buffer.concat([leaf, Buffer.of(0)])), RangeError);
});
