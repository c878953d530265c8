// Real dist.signatures of npm's public registry.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { checkRegistrySignature, sha512FromIntegrity, type RegistryKey, type SignedVersion } from '@lockseal/core';
import { readKeysTarget } from './support/bundles.ts';
import { sharedDir } from './support/shared.ts';

interface Packument {
  readonly name: string;
  readonly version?: string;
  readonly time?: Readonly<Record<string, string>>;
  readonly versions?: Readonly<Record<string, Packument>>;
  readonly dist?: { readonly integrity: string; readonly signatures: SignedVersion['signatures'] };
}

test('real registry signatures verify, and fail when one character changes', (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const corpus = path.join(shared, 'corpus');
  const read = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(corpus, file), 'utf8'));
  const keys = readKeysTarget(read('trust/npm-registry-keys.tuf.json'));
  const { packuments } = read('index.json') as { packuments: readonly { local: string; signaturesValid: number }[] };
  for (const { local, signaturesValid } of packuments) {
    const versions = signedVersions(read(local) as Packument, keys);
    assert.equal(versions.length, signaturesValid, local);
    versions.forEach((version) => assertBound(version, local));
  }
});

function signedVersions(packument: Packument, keys: readonly RegistryKey[]): SignedVersion[] {
  const manifests = packument.versions === undefined ? [packument] : Object.values(packument.versions);
  return manifests.flatMap(({ name, version = '', dist }) => {
    const sha512 = sha512FromIntegrity(dist?.integrity);
    if (dist === undefined || sha512 === undefined) return [];
    const publishedAt = packument.time?.[version];
    return [{ name, version, sha512, signatures: dist.signatures, keys, trustedTime: undefined, publishedAt }];
  });
}

function assertBound(signed: SignedVersion, where: string): void {
  const message = `${where} ${signed.version}`;
  const check = checkRegistrySignature(signed);
  assert.equal(check.status, 'verified', message);
  const flip = (text: string): string => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
  const [signature] = signed.signatures;
  assert.ok(signature, message);
  const altered: readonly Partial<SignedVersion>[] = [
    { name: `${signed.name}a` },
    { version: flip(signed.version) },
    { sha512: flip(signed.sha512) },
    {
      signatures: [
        {
          ...signature,
          sig: `${signature.sig.slice(0, 20)}${signature.sig[20] === 'A' ? 'B' : 'A'}${signature.sig.slice(21)}`,
        },
      ],
    },
  ];
  for (const change of altered) {
    const broken = checkRegistrySignature({ ...signed, ...change });
    assert.ok(
      broken.status === 'invalid' && broken.code === 'signature-invalid',
      `${message} ${Object.keys(change).join()}`,
    );
  }
}
