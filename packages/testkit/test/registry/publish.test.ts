import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';
import { createRegistry, createSigstore, packTarball, type PublishOptions, type Published } from '@lockseal/testkit';
import { stockVerify } from '../support/verify.ts';

const sigstore = await createSigstore();
const registry = createRegistry({ sigstore });

interface Listed {
  readonly path: string;
  readonly type: string;
  readonly content: string;
}

/** The entries one after the other, with nothing interpreted but the pax header's path. */
function listed(tarball: Buffer): Listed[] {
  const archive = gunzipSync(tarball);
  const entries: Listed[] = [];
  let longPath: string | undefined;
  for (let offset = 0; offset < archive.length;) {
    const header = new Header(archive, offset);
    if (header.nullBlock) break;
    const content = archive.subarray(offset + 512, offset + 512 + (header.size ?? 0)).toString();
    offset += 512 + Math.ceil((header.size ?? 0) / 512) * 512;
    if (header.type === 'ExtendedHeader') {
      longPath = Pax.parse(content).path;
      continue;
    }
    entries.push({ path: longPath ?? header.path ?? '', type: header.type, content });
    longPath = undefined;
  }
  return entries;
}

test('a tarball holds package.json and the files, and is the same each time', async () => {
  const options: PublishOptions = {
    name: 'plain',
    version: '1.0.0',
    files: { 'lib/a.js': 'a' },
    dependencies: { b: '^1.0.0' },
  };
  const first = registry.publish(options);
  const second = createRegistry({ sigstore }).publish(options);
  assert.equal(first.integrity, second.integrity);
  const entries = listed(first.tarball);
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['package/package.json', 'package/lib/a.js'],
  );
  assert.deepEqual(JSON.parse(entries[0]?.content ?? ''), first.manifest);
});

test('digests are those of the bytes', () => {
  const { tarball, sha512, integrity, shasum } = registry.publish({ name: 'digest', version: '1.0.0' });
  assert.equal(sha512, createHash('sha512').update(tarball).digest('hex'));
  assert.equal(integrity, `sha512-${createHash('sha512').update(tarball).digest('base64')}`);
  assert.equal(shasum, createHash('sha1').update(tarball).digest('hex'));
});

test('a long path survives in a pax header', async () => {
  const path = `package/${'deep/'.repeat(40)}file.js`;
  assert.deepEqual(listed(packTarball([{ path, content: 'x' }])), [{ path, type: 'File', content: 'x' }]);
});

test('hostile entries go into the archive as they are', async () => {
  const entries = [
    { path: 'package/link', type: 'SymbolicLink', linkpath: '/etc/passwd' },
    { path: '../outside.js', content: 'x' },
    { path: 'package/package.json', content: '{"name":"other"}' },
  ] as const;
  const { tarball } = registry.publish({ name: 'hostile', version: '1.0.0', files: {}, entries });
  const paths = listed(tarball).map(({ path }) => path);
  assert.deepEqual(paths, ['package/package.json', 'package/link', '../outside.js', 'package/package.json']);
});

test('the registry signature verifies with the key of its id, and only over the right integrity', () => {
  const published = registry.publish({ name: '@acme/signed', version: '2.0.0' });
  const [signature] = published.signatures;
  const [key] = registry.keys;
  assert.ok(signature && key);
  assert.equal(signature.keyid, `SHA256:${createHash('sha256').update(key.spki).digest('base64').replace('=', '')}`);
  const publicKey = createPublicKey({ key: key.spki, type: 'spki', format: 'der' });
  const holds = (text: string): boolean =>
    verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature.sig, 'base64'));
  assert.ok(holds(`@acme/signed@2.0.0:${published.integrity}`));
  assert.ok(!holds(`@acme/signed@2.0.1:${published.integrity}`));
});

test('attestations verify, and speak of the published bytes', () => {
  const published = registry.publish({ name: '@acme/attested', version: '2.0.0' });
  assert.deepEqual(
    published.attestations.map(({ predicateType }) => predicateType),
    ['https://github.com/npm/attestation/tree/main/specs/publish/v0.1', 'https://slsa.dev/provenance/v1'],
  );
  for (const { predicateType, bundle } of published.attestations) {
    assert.doesNotThrow(() => stockVerify(sigstore, bundle));
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope?.payload ?? '', 'base64').toString());
    assert.equal(statement.predicateType, predicateType);
    assert.deepEqual(statement.subject, [
      { name: 'pkg:npm/%40acme/attested@2.0.0', digest: { sha512: published.sha512 } },
    ]);
  }
});

const EVIDENCE: [string, PublishOptions['evidence'], { signatures: number; attestations: number }][] = [
  ['everything by default', undefined, { signatures: 1, attestations: 2 }],
  ['no signature', { signature: false }, { signatures: 0, attestations: 2 }],
  ['no publish attestation', { publishAttestation: false }, { signatures: 1, attestations: 1 }],
  ['no provenance', { provenance: false }, { signatures: 1, attestations: 1 }],
  ['nothing', { signature: false, publishAttestation: false, provenance: false }, { signatures: 0, attestations: 0 }],
];

for (const [name, evidence, expected] of EVIDENCE) {
  test(`evidence: ${name}`, () => {
    const published = registry.publish({ name: 'chosen', version: '1.0.0', ...(evidence && { evidence }) });
    assert.equal(published.signatures.length, expected.signatures);
    assert.equal(published.attestations.length, expected.attestations);
  });
}

test('evidence may be damaged while it is minted', () => {
  const evidence = { publishAttestation: { tamper: 'set' }, provenance: { tamper: 'certificate' } } as const;
  const { attestations } = registry.publish({ name: 'damaged', version: '1.0.0', evidence });
  for (const { bundle } of attestations) assert.throws(() => stockVerify(sigstore, bundle));
});

test('a registry that signs nothing still carries the provenance that publishers bring', () => {
  const silent = createRegistry({ sigstore, signs: false });
  const published: Published = silent.publish({ name: 'a', version: '1.0.0' });
  assert.deepEqual([silent.keys.length, published.signatures.length, published.attestations.length], [0, 0, 1]);
});

test('a new key signs what is published after it was made', () => {
  const rotating = createRegistry({ sigstore });
  const before = rotating.publish({ name: 'a', version: '1.0.0' });
  const key = rotating.addKey();
  const later = rotating.publish({ name: 'a', version: '1.0.1' });
  assert.notEqual(before.signatures[0]?.keyid, key.keyid);
  assert.equal(later.signatures[0]?.keyid, key.keyid);
});
