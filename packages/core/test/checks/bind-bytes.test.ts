import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bindBytes } from '../../src/checks/bind-bytes.ts';
import { checkRegistryAgreement } from '../../src/checks/registry-agreement.ts';
import type { Pin, PublishedEntry } from '../../src/model/lockfile.ts';
import type { Manifest, TarballExtra, TarballFacts, VersionDocument } from '../../src/model/manifest.ts';
import type { EvidenceSource, Fetched, TarballRequest } from '../../src/ports.ts';

const SHA512 = '5'.repeat(128);
const SHA1 = '1'.repeat(40);
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const integrity = (text: string, of: 'tarball' | 'tar' = 'tarball'): Pin => ({ kind: 'integrity', text, of });
const strong = integrity(`sha512-${base64(SHA512)}`);
const weak = integrity(`sha1-${base64(SHA1)}`);

const manifest = { name: 'a', version: '1.0.0' } as Manifest;
const known = { sha512: SHA512, sha1: SHA1, tarSha512: '7'.repeat(128), manifest, list: [], yarnZip: new Map() };

/** A source that tells of a tarball what it is asked for, and nothing else. */
function askedOf(): { source: EvidenceSource; asked: TarballRequest[] } {
  const asked: TarballRequest[] = [];
  const tarball = async (request: TarballRequest): Promise<Fetched<TarballFacts>> => {
    asked.push(request);
    const has = (extra: TarballExtra): boolean => request.extras?.includes(extra) ?? true;
    const told = {
      sha1: has('sha1') ? known.sha1 : undefined,
      tarSha512: has('tarSha512') ? known.tarSha512 : undefined,
      list: has('list') ? known.list : undefined,
    };
    return { status: 'ok', value: { ...known, ...told } as unknown as TarballFacts };
  };
  return { source: { tarball } as unknown as EvidenceSource, asked };
}

function entryOf(pin: Pin): PublishedEntry {
  const source = { type: 'registry', url: undefined, namedRegistry: undefined };
  return { id: 'a', name: 'a', version: '1.0.0', pin, source } as unknown as PublishedEntry;
}

function published(dist: { readonly integrity?: string; readonly shasum?: string }): Fetched<VersionDocument> {
  return { status: 'ok', value: { manifest, dist: { signatures: [], ...dist } } as unknown as VersionDocument };
}

const modern = published({ integrity: `sha512-${base64(SHA512)}`, shasum: SHA1 });
const old = published({ shasum: SHA1 });

describe('what is asked of a tarball beside its sha512 and its contents', () => {
  const none = { kind: 'none' } as const;
  const yarn: Pin = { kind: 'yarn-checksum', sha512: SHA512, cacheKey: '10c0', lockfileCacheKey: undefined };
  const cases: readonly (readonly [string, Pin, Fetched<VersionDocument>, boolean, readonly TarballExtra[]])[] = [
    ['nothing where sha512 says it all', strong, modern, false, []],
    ['its files where they are compared', strong, modern, true, ['list']],
    ['its sha1 where that is pinned', weak, modern, false, ['sha1']],
    ['its sha1 where the registry knows nothing else', strong, old, false, ['sha1']],
    ['its sha1 where the registry knows nothing', strong, published({}), false, ['sha1']],
    ['its sha1 where the registry gives another hash', strong, published({ integrity: 'md5-xx' }), false, ['sha1']],
    ['no md5, which is compared with nothing', integrity(`md5-${base64('0'.repeat(32))}`), modern, false, []],
    [
      'the sha512 of the tar where that is pinned',
      integrity(`sha512-${base64(SHA512)}`, 'tar'),
      modern,
      false,
      ['tarSha512'],
    ],
    ["nothing more for Yarn's zip", yarn, modern, false, []],
    ['nothing more where nothing is pinned', none, modern, false, []],
  ];
  for (const [what, pin, document, keepsFiles, expected] of cases) {
    test(what, async () => {
      const { source, asked } = askedOf();
      await bindBytes(entryOf(pin), document, { source, tarballs: 'all', keepsFiles: () => keepsFiles });
      assert.deepEqual(asked[0]?.extras, expected);
    });
  }
});

describe('everything is decided by what was asked', () => {
  const cases: readonly (readonly [string, Pin, Fetched<VersionDocument>, string])[] = [
    ['a sha512 pin', strong, modern, 'verified'],
    ['a sha1 pin', weak, modern, 'verified'],
    ['another sha1', integrity(`sha1-${base64('2'.repeat(40))}`), modern, 'invalid'],
    ['the tar', integrity(`sha512-${base64('7'.repeat(128))}`, 'tar'), modern, 'verified'],
    ['another tar', integrity(`sha512-${base64('8'.repeat(128))}`, 'tar'), modern, 'invalid'],
    ['a sha512 pin of an old publication', strong, old, 'verified'],
    ['an old publication of other bytes', strong, published({ shasum: '2'.repeat(40) }), 'invalid'],
    ['a registry that gives no hash', strong, published({}), 'unavailable'],
  ];
  for (const [what, pin, document, expected] of cases) {
    test(`${what}: ${expected}`, async () => {
      const { source } = askedOf();
      const entry = entryOf(pin);
      const bytes = await bindBytes(entry, document, { source, tarballs: 'all' });
      const map = { default: 'https://registry.npmjs.org/', scopes: new Map(), named: new Map(), mirrors: [] };
      assert.equal(checkRegistryAgreement(entry, document, bytes, map).result.status, expected);
    });
  }

  test('a hash that nobody computed is never the one that nobody gave', async () => {
    const { source } = askedOf();
    const entry = entryOf(strong);
    const bytes = await bindBytes(entry, modern, { source, tarballs: 'all' });
    assert.equal(bytes.tarball?.sha1, undefined);
    const map = { default: 'https://registry.npmjs.org/', scopes: new Map(), named: new Map(), mirrors: [] };
    for (const document of [published({}), old]) {
      assert.equal(checkRegistryAgreement(entry, document, bytes, map).result.status, 'unavailable');
    }
  });
});
