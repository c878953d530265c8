// Inputs that are too much: what bounds each, the code that says so, and how long that took (told as a diagnostic). What
// takes more than a second or a hundred megabytes is in resources.heavy.ts.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  createBundleVerifier,
  LocksealError,
  parseApprovalPolicy,
  parseStatement,
  parseTrustedRoot,
  STATEMENT_PAYLOAD_TYPE,
  type ErrorCode,
} from '@lockseal/core';
import { MAX_LOCKFILE_BYTES, readLockfile } from '@lockseal/lockfile';
import { loadPolicy } from '@lockseal/policy';
import { parseRegistryKeys, readTarball } from '@lockseal/registry';
import { createSigstore, emailIdentity, type BundleJson } from '@lockseal/testkit';
import { parseAttestations } from '../../packages/registry/src/sources/attestations.ts';
import { boilHistory } from '../../packages/registry/src/sources/history.ts';
import { cutVersion } from '../../packages/registry/src/sources/packument.ts';
import { parseVersionDocument } from '../../packages/registry/src/sources/version-document.ts';
import { makePackage, makeTgz, type TarEntry } from '../../packages/registry/test/support/tarball.ts';
import { parseApprovals, parseLocksealStatement } from '../../packages/signer/src/index.ts';
import { rootBytes } from '../support/bundles.ts';

const MiB = 1024 * 1024;
const encoder = new TextEncoder();
const deep = (open: string, close: string, levels: number): string => open.repeat(levels) + close.repeat(levels);
const list = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join();

const lock = (file: string, text: string) => (): unknown => readLockfile(file, encoder.encode(text));
const tarball =
  (...entries: readonly TarEntry[]) =>
  (): Promise<unknown> =>
    readTarball(chunks(makePackage(entries)));

async function* chunks(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const box = await createSigstore();
const verifier = createBundleVerifier(parseTrustedRoot(rootBytes(box)), []);
const genuine = box.signStatement({}, { type: 'certificate', identity: emailIdentity('ana@example.com') });
const { verificationMaterial: material, dsseEnvelope: envelope } = genuine;
const rawBytes = material.certificate?.rawBytes ?? '';

/** A bundle with some of its parts exchanged; why it is refused. */
const bundle = (changes: object) => (): unknown => {
  const verdict = verifier.verify({ ...genuine, ...changes } satisfies Partial<BundleJson>);
  assert.ok(verdict.status === 'invalid');
  throw new LocksealError('ERR_BUNDLE_MALFORMED', verdict.reason);
};
const inMaterial = (changes: object): (() => unknown) => bundle({ verificationMaterial: { ...material, ...changes } });

/** Constructed DER in constructed DER, as deep as it takes. */
function deepDer(levels: number): string {
  let der = Buffer.from([0x05, 0x00]);
  for (let level = 0; level < levels; level += 1) {
    const length = Buffer.from([0x83, der.length >> 16, (der.length >> 8) & 0xff, der.length & 0xff]);
    der = Buffer.concat([Buffer.of(0x30), length, der]);
  }
  return der.toString('base64');
}

const version = { name: 'a', version: '1.0.0', namedRegistry: undefined };
const document = (dist: object): Uint8Array => encoder.encode(JSON.stringify({ name: 'a', version: '1.0.0', dist }));
const statement = (changes: object): Uint8Array =>
  encoder.encode(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [],
      predicateType: 'x',
      predicate: {},
      ...changes,
    }),
  );
const subjects = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}`, digest: { sha256: 'ab'.repeat(32) } }));

function malformed(parsed: { readonly status?: string; readonly kind?: string; readonly reason?: string }): never {
  assert.equal(parsed.status ?? parsed.kind, 'malformed');
  throw new LocksealError('ERR_STATEMENT', parsed.reason ?? '');
}

async function policy(text: string): Promise<never> {
  const loaded = await loadPolicy({ file: 'lockseal.yaml', text }, { now: 0, read: async () => undefined });
  assert.ok(loaded.status === 'invalid');
  throw new LocksealError('ERR_CONFIG', loaded.problems[0]?.message ?? '');
}

interface Row {
  readonly what: string;
  readonly run: () => unknown;
  readonly code: ErrorCode;
  /** What the message must tell, where the code alone could come from something else. */
  readonly says?: RegExp;
}

const LOCKFILES: readonly Row[] = [
  ...['package-lock.json', 'bun.lock', 'deno.lock', 'vlt-lock.json'].map((file) => ({
    what: `${file}: a million brackets in each other`,
    run: lock(file, `{"lockfileVersion":3,"version":"5","nodes":${deep('[', ']', 1_000_000)}}`),
    code: 'ERR_LOCKFILE_TOO_LARGE' as const,
  })),
  {
    what: 'package-lock.json: objects in each other, 65 of them',
    run: lock(
      'package-lock.json',
      `{"lockfileVersion":3,"packages":{},"x":${deep('{"a":', '}', 65).replace('}', '0}')}}`,
    ),
    code: 'ERR_LOCKFILE_TOO_LARGE',
  },
  {
    what: 'pnpm-lock.yaml: a hundred thousand brackets in each other',
    run: lock('pnpm-lock.yaml', `lockfileVersion: '9.0'\nx: ${deep('[', ']', 100_000)}\n`),
    code: 'ERR_LOCKFILE_TOO_LARGE',
  },
  {
    what: 'pnpm-lock.yaml: mappings in each other by indentation',
    run: lock(
      'pnpm-lock.yaml',
      `lockfileVersion: '9.0'\n${list(1000, (i) => `${' '.repeat(i)}a:\n`).replaceAll(',', '')}`,
    ),
    code: 'ERR_LOCKFILE_TOO_LARGE',
  },
  {
    what: 'yarn.lock: flow mappings in each other',
    run: lock('yarn.lock', `__metadata:\n  version: 8\nx: ${deep('{a: ', '}', 10_000)}\n`),
    code: 'ERR_LOCKFILE_TOO_LARGE',
  },
  {
    what: 'pnpm-lock.yaml: aliases of aliases, a billion nodes',
    run: lock(
      'pnpm-lock.yaml',
      `a: &a [x]\n${list(9, (i) => `b${i}: &b${i} [${'*a,'.repeat(10)}]\n`).replaceAll(/^,/gm, '')}`,
    ),
    code: 'ERR_LOCKFILE_YAML_ANCHOR',
  },
  {
    what: 'yarn.lock: a string of 10 MiB, for which a regular expression runs out of stack',
    run: lock('yarn.lock', `# yarn lockfile v1\n\na@1:\n  version "${'x'.repeat(10 * MiB)}"\n`),
    code: 'ERR_LOCKFILE_TOO_LARGE',
  },
  {
    what: 'yarn.lock: a string of just less than the bound is no trouble',
    run: lock('yarn.lock', `# yarn lockfile v1\n\na@1:\n  version "${'\\\\'.repeat(MiB / 2 - 20)}"\n`),
    code: 'ERR_LOCKFILE_FIELD',
  },
  {
    what: 'one byte more than 64 MiB',
    run: () => readLockfile('package-lock.json', Buffer.alloc(MAX_LOCKFILE_BYTES + 1, ' ')),
    code: 'ERR_LOCKFILE_TOO_LARGE',
  },
];

const TARBALLS: readonly Row[] = [
  {
    what: 'a gzip bomb: 16 MiB of nothing in 16 KB',
    run: tarball({ path: 'package/zeros', body: Buffer.alloc(16 * MiB) }),
    code: 'ERR_RESPONSE_TOO_LARGE',
    says: /1000 times its packed size/,
  },
  {
    what: 'gzip in gzip in gzip',
    run: () => readTarball(chunks(gzipSync(gzipSync(makePackage())))),
    code: 'ERR_TARBALL_UNREADABLE',
    says: /compressed twice/,
  },
  {
    what: 'a path of 5,000 characters in a PAX header',
    run: tarball({ path: 'package/x', pax: { path: `package/${'x'.repeat(5000)}` } }),
    code: 'ERR_RESPONSE_TOO_LARGE',
    says: /characters in a path/,
  },
  {
    what: 'a package.json of 5 MiB',
    run: () => readTarball(chunks(makePackage([], { name: 'a', version: '1.0.0', x: noise(5 * MiB) }))),
    code: 'ERR_RESPONSE_TOO_LARGE',
    says: /bytes in package\.json/,
  },
  {
    what: 'no package.json: it is a link to /etc/passwd',
    run: () =>
      readTarball(chunks(makeTgz([{ path: 'package/package.json', type: 'SymbolicLink', linkpath: '/etc/passwd' }]))),
    code: 'ERR_TARBALL_UNREADABLE',
    says: /no package\.json/,
  },
  {
    what: 'no package.json: it climbs out of its folder',
    run: () => readTarball(chunks(makeTgz([{ path: 'package/../../package.json', body: '{}' }]))),
    code: 'ERR_TARBALL_UNREADABLE',
    says: /no package\.json/,
  },
];

const ANSWERS: readonly Row[] = [
  {
    what: 'a hundred signatures and one',
    run: () => parseVersionDocument(document({ signatures: subjects(101) }), version),
    code: 'ERR_RESPONSE_INVALID',
    says: /over 100 items/,
  },
  {
    what: 'a document of one version of 20,001 dependencies',
    run: () =>
      parseVersionDocument(
        encoder.encode(
          `{"name":"a","version":"1.0.0","dist":{},"dependencies":{${list(20_001, (i) => `"d${i}":"*"`)}}}`,
        ),
        version,
      ),
    code: 'ERR_RESPONSE_INVALID',
  },
  {
    what: '101 attestations',
    run: () => parseAttestations(encoder.encode(JSON.stringify({ attestations: Array(101).fill({}) })), 'it'),
    code: 'ERR_RESPONSE_INVALID',
    says: /over 100 attestations/,
  },
  {
    what: 'an attestation of a hundred thousand brackets',
    run: () =>
      parseAttestations(
        encoder.encode(`{"attestations":[{"predicateType":"x","bundle":{"a":${deep('[', ']', 100_000)}}}]}`),
        'it',
      ),
    code: 'ERR_RESPONSE_INVALID',
  },
  {
    what: 'a packument of a hundred thousand brackets, for its history',
    run: () => boilHistory(chunks(encoder.encode(`{"versions":{"1.0.0":${deep('[', '', 100_000)}`))),
    code: 'ERR_RESPONSE_INVALID',
  },
  {
    what: 'a version in a packument that is larger than its bound',
    run: () => cutVersion(chunks(encoder.encode(`{"versions":{"1.0.0":"${'x'.repeat(2 * MiB)}"}}`)), '1.0.0', MiB),
    code: 'ERR_RESPONSE_INVALID',
  },
  {
    what: '1,001 registry keys',
    run: () => {
      try {
        return parseRegistryKeys({ keys: Array(1001).fill({}) }, 'registry');
      } catch (thrown) {
        throw new LocksealError('ERR_KEYS', String(thrown));
      }
    },
    code: 'ERR_KEYS',
    says: /more than 1000 keys/,
  },
];

const BUNDLES: readonly Row[] = [
  {
    what: 'a chain of 5,000 certificates',
    run: inMaterial({ certificate: undefined, x509CertificateChain: { certificates: Array(5000).fill({ rawBytes }) } }),
    code: 'ERR_BUNDLE_MALFORMED',
    says: /has 5000 elements, more than 10/,
  },
  {
    what: 'a certificate of 10,000 sequences in each other',
    run: inMaterial({ certificate: { rawBytes: deepDer(10_000) } }),
    code: 'ERR_BUNDLE_MALFORMED',
  },
  {
    what: 'a certificate of 1 MiB',
    run: inMaterial({ certificate: { rawBytes: Buffer.alloc(MiB, 0x30).toString('base64') } }),
    code: 'ERR_BUNDLE_MALFORMED',
    says: /longer than/,
  },
  {
    what: 'a timestamp of 10,000 sequences in each other',
    run: inMaterial({ timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: deepDer(10_000) }] } }),
    code: 'ERR_BUNDLE_MALFORMED',
  },
  {
    what: '10,000 signatures in an envelope',
    run: bundle({ dsseEnvelope: { ...envelope, signatures: Array(10_000).fill(envelope?.signatures[0]) } }),
    code: 'ERR_BUNDLE_MALFORMED',
    says: /more than 8/,
  },
  {
    what: '10,000 entries of the log',
    run: inMaterial({ tlogEntries: Array(10_000).fill(material.tlogEntries[0]) }),
    code: 'ERR_BUNDLE_MALFORMED',
    says: /more than 8/,
  },
  {
    what: 'a payload of 17 MiB',
    run: bundle({ dsseEnvelope: { ...envelope, payload: Buffer.alloc(17 * MiB).toString('base64') } }),
    code: 'ERR_BUNDLE_MALFORMED',
    says: /longer than/,
  },
  {
    what: 'a trusted root of 2 MiB',
    run: () => parseTrustedRoot(Buffer.alloc(2 * MiB, ' ')),
    code: 'ERR_TRUSTED_ROOT',
  },
];

const APPROVALS: readonly Row[] = [
  {
    what: '4,097 subjects',
    run: () => malformed(parseStatement(STATEMENT_PAYLOAD_TYPE, statement({ subject: subjects(4097) }))),
    code: 'ERR_STATEMENT',
    says: /more than 4096/,
  },
  {
    what: 'a predicate of a million brackets',
    run: () =>
      malformed(
        parseLocksealStatement(
          STATEMENT_PAYLOAD_TYPE,
          encoder.encode(`{"_type":"x","subject":[],"predicateType":"y","predicate":${deep('[', ']', 1_000_000)}}`),
        ),
      ),
    code: 'ERR_STATEMENT',
  },
  {
    what: '10,001 lines',
    run: () => parseApprovals(encoder.encode(list(10_001, (i) => `{"a":${i}}\n`).replaceAll(',', '')), 'x'),
    code: 'ERR_APPROVALS_TOO_LARGE',
    says: /too large/,
  },
  {
    what: 'a line of 33 MiB',
    run: () => parseApprovals(Buffer.concat([Buffer.alloc(33 * MiB, ' '), Buffer.from('\n')]), 'x'),
    code: 'ERR_APPROVALS_TOO_LARGE',
  },
  {
    what: 'more roles than anybody has',
    run: () =>
      parseApprovalPolicy({
        roles: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`r${i}`, { threshold: 1, keys: [] }])),
      }),
    code: 'ERR_CONFIG',
  },
  {
    what: 'a policy of more than 1 MiB',
    run: () => policy(' '.repeat(MiB + 1)),
    code: 'ERR_CONFIG',
    says: /longer than/,
  },
  {
    what: 'a policy of aliases of aliases',
    run: () => policy(`a: &a [x]\n${list(9, (i) => `b${i}: &b${i} [${'*a,'.repeat(10)}]\n`).replaceAll(/^,/gm, '')}`),
    code: 'ERR_CONFIG',
    says: /anchor|alias/i,
  },
  { what: 'a policy of brackets', run: () => policy(`version: ${deep('[', ']', 5000)}`), code: 'ERR_CONFIG' },
];

/** Text that does not compress, so that no other bound is met first. */
function noise(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length);
}

async function refused(t: TestContext, { run, code, says }: Row): Promise<void> {
  const start = performance.now();
  const thrown: unknown = await Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  t.diagnostic(`${code} after ${Math.round(performance.now() - start)} ms`);
  assert.ok(thrown instanceof LocksealError, thrown instanceof Error ? thrown.stack : 'nothing was thrown');
  assert.equal(thrown.code, code, thrown.message);
  if (says !== undefined) assert.match(`${thrown.message} ${thrown.details.expected} ${thrown.details.found}`, says);
}

for (const [name, rows] of Object.entries({ LOCKFILES, TARBALLS, ANSWERS, BUNDLES, APPROVALS })) {
  describe(`too much, in ${name.toLowerCase()}`, () => {
    for (const row of rows) test(row.what, { timeout: 60_000 }, (t) => refused(t, row));
  });
}

test('a package.json of brackets is read: nothing walks down what nothing looks at', { timeout: 60_000 }, async () => {
  const body = `{"name":"a","version":"1.0.0","noise":"${noise(20_000)}","x":${deep('[', ']', 500_000)}}`;
  const facts = await readTarball(chunks(makeTgz([{ path: 'package/package.json', body }])));
  assert.equal(facts.manifest.name, 'a');
});

describe('PAX headers and long names cannot hide a file or move another', () => {
  const manifest = { path: 'package/package.json', body: '{"name":"good","version":"1.0.0"}' };
  const evil = '{"name":"evil","version":"6.6.6"}';
  const cases: readonly (readonly [why: string, entries: readonly TarEntry[], name: string])[] = [
    ['a later entry renamed to package.json wins, as npm extracts it', [manifest, renamed('package/x', evil)], 'evil'],
    ['a global header names no entry', [{ ...manifest, globalPax: { path: 'package/other' } }], 'good'],
    ['a path that climbs is written nowhere', [manifest, renamed('package/../package/package.json', evil)], 'good'],
    ['an absolute path is written nowhere', [manifest, { path: '/package/package.json', body: evil }], 'good'],
    [
      'a link of that name is none of its bytes',
      [manifest, { path: 'package/package.json', type: 'Link', linkpath: 'package/evil.json' }],
      'good',
    ],
    ['a device of that name is no file', [manifest, { path: 'package/package.json', type: 'BlockDevice' }], 'good'],
  ];
  for (const [why, entries, name] of cases) {
    test(why, async () => {
      const facts = await readTarball(chunks(makeTgz(entries)));
      assert.equal(facts.manifest.name, name);
      assert.ok(facts.oddities.length > 0, 'it is told that something is odd');
    });
  }

  function renamed(header: string, body: string): TarEntry {
    const path = header.includes('..') ? header : 'package/package.json';
    return { path: 'package/plain', body, pax: { path } };
  }
});
