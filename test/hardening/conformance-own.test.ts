// Cases in the manner of sigstore-conformance that the suite does not have: each is minted by a Sigstore of our own and
// goes through the same client as the suite's, by path and by digest.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { parseTrustedRoot, verifyBundle } from '@lockseal/core';
import {
  createRegistryKey,
  createSigstore,
  emailIdentity,
  type BundleJson,
  type Signer,
  type SigstoreServer,
} from '@lockseal/testkit';
import { parseSigningConfig } from '../../packages/signer/src/index.ts';
import { signArtifact } from '../../packages/signer/src/sign/sign-artifact.ts';
import { parseRequest } from '../../scripts/conformance/arguments.ts';
import { refusalOf, type Expectation } from '../../scripts/conformance/refusal.ts';

const SAN = 'ana@example.com';
const ISSUER = 'https://accounts.example.com';
const STATEMENT = 'https://in-toto.io/Statement/v1';

const artifact = Buffer.from('a lockfile, say');
const sha256 = createHash('sha256').update(artifact).digest();
const box = await createSigstore();
const trustedRoot = Buffer.from(JSON.stringify(box.trustedRoot));
const ana: Signer = { type: 'certificate', identity: emailIdentity(SAN) };
const holder = createRegistryKey({ usages: ['npm:attestations'] });
const byKey: Signer = { type: 'key', key: holder };
const identity = { kind: 'identity', san: SAN, issuer: ISSUER } as const;
const publicKey = {
  kind: 'key',
  pem: Buffer.from(`-----BEGIN PUBLIC KEY-----\n${holder.spki.toString('base64')}\n-----END PUBLIC KEY-----\n`),
} as const;

const subject = (digest: object): object => ({ name: 'a.txt', digest });
const good = subject({ sha256: sha256.toString('hex') });
const other = subject({ sha256: 'ab'.repeat(32) });
const statement = (...subjects: readonly object[]): object => ({
  _type: STATEMENT,
  subject: subjects,
  predicateType: 'https://example.com/predicate/v1',
  predicate: {},
});
const dsse = (value: unknown, signer: Signer = ana, options = {}): BundleJson =>
  box.signStatement(value, signer, options);
const message = (signer: Signer = ana, options = {}): BundleJson => box.signMessage(artifact, signer, options);

interface Case {
  readonly why: string;
  readonly bundle: BundleJson | string;
  readonly signer?: Expectation['signer'];
  /** undefined: the bundle is as expected. */
  readonly refused?: RegExp;
}

const cases: readonly Case[] = [
  { why: 'a file, signed by the one expected', bundle: message() },
  { why: 'a file, logged in a Rekor 2', bundle: message(ana, { log: 'rekor-v2-hashedrekord' }) },
  { why: 'a file, signed with the key expected', bundle: message(byKey), signer: publicKey },
  { why: 'a statement about the file', bundle: dsse(statement(good)) },
  { why: 'a statement about another file and then this one', bundle: dsse(statement(other, good)) },
  { why: 'a statement, signed with the key expected', bundle: dsse(statement(good), byKey), signer: publicKey },
  {
    why: 'a statement about another file: the signature holds, the subject does not',
    bundle: dsse(statement(other)),
    refused: /^no such subject$/,
  },
  {
    why: 'a statement that has the right name and a weak digest only',
    bundle: dsse(statement(subject({ sha1: 'aa'.repeat(20) }))),
    refused: /^no such subject$/,
  },
  {
    why: 'a digest under the name of another algorithm',
    bundle: dsse(statement(subject({ sha512: sha256.toString('hex') }))),
    refused: /^no such subject$/,
  },
  { why: 'a statement about nothing', bundle: dsse(statement()), refused: /^no such subject$/ },
  {
    why: 'a Statement of a version to come',
    bundle: dsse({ ...statement(good), _type: 'https://in-toto.io/Statement/v2' }),
    refused: /^no such subject$/,
  },
  {
    why: 'a payload that is of another type, although it looks like a statement',
    bundle: dsse(statement(good), ana, { payloadType: 'application/json' }),
    refused: /^no such subject$/,
  },
  {
    why: 'another person at the same issuer',
    bundle: message({ type: 'certificate', identity: emailIdentity('mallory@example.com') }),
    refused: /^san is mallory@example\.com$/,
  },
  {
    why: 'a person whose address begins with the expected one',
    bundle: message({ type: 'certificate', identity: emailIdentity(`${SAN}.evil.example`) }),
    refused: /^san is ana@example\.com\.evil\.example$/,
  },
  {
    why: 'an address that a pattern would take for the expected one',
    bundle: message({ type: 'certificate', identity: emailIdentity('anaXexample.com') }),
    refused: /^san is anaXexample\.com$/,
  },
  {
    why: 'the right person at another issuer',
    bundle: message(),
    signer: { ...identity, issuer: `${ISSUER}/` },
    refused: /^issuer is/,
  },
  { why: 'a key where a person is expected', bundle: message(byKey), refused: /^the signing key is not trusted/ },
  {
    why: 'a person where a key is expected',
    bundle: message(),
    signer: publicKey,
    refused: /signed with a certificate$/,
  },
  {
    why: 'a certificate for TLS servers, which must not sign code',
    bundle: message(ana, { certificate: { extendedKeyUsage: '1.3.6.1.5.5.7.3.1' } }),
    refused: /^the signing certificate is not for code signing/,
  },
  {
    why: 'a certificate without a signed certificate timestamp: nobody could have noticed it',
    bundle: message(ana, { certificate: { sct: false } }),
    refused: /SCT/,
  },
  {
    why: 'a certificate that had ended when the log took the entry in',
    bundle: message(ana, { certificate: { notBefore: new Date('2026-01-01'), notAfter: new Date('2026-01-02') } }),
    refused: /was not valid at that time/,
  },
  ...[
    'application/vnd.dev.sigstore.bundle.v0.4+json',
    'application/vnd.dev.sigstore.bundle.v9.9+json',
    'application/vnd.dev.sigstore.bundle.v0.3+jsonX',
    'application/vnd.dev.sigstore.bundle+json;version=0.4',
    'application/json',
    '',
  ].map((mediaType) => ({
    why: `the unknown media type "${mediaType}"`,
    bundle: { ...message(), mediaType },
    refused: /mediaType is unknown/,
  })),
  {
    why: 'a key twice, the second of which most readers would take',
    bundle: JSON.stringify(message()).replace('{"mediaType"', '{"mediaType":"x","mediaType"'),
    refused: /^the key/i,
  },
  { why: 'no log entry at all', bundle: message(ana, { log: 'none' }), refused: /log/ },
];

describe('a bundle is judged as expected', () => {
  for (const { why, bundle, signer = identity, refused } of cases) {
    for (const [mode, given] of [
      ['path', artifact],
      ['digest', { sha256 }],
    ] as const) {
      test(`${refused === undefined ? 'accepted' : 'refused'}, by ${mode}: ${why}`, () => {
        const bytes = Buffer.from(typeof bundle === 'string' ? bundle : JSON.stringify(bundle));
        const refusal = refusalOf({ bundle: bytes, trustedRoot, artifact: given, signer });
        if (refused === undefined) assert.equal(refusal, undefined);
        else assert.match(refusal ?? 'accepted', refused);
      });
    }
  }
});

describe('the digest of a file that is not at hand', () => {
  const trust = parseTrustedRoot(trustedRoot);
  const verdictOf = (verifySignature: () => boolean, digest: Uint8Array = sha256): string => {
    const verdict = verifyBundle(message(), trust, { artifact: { sha256: digest, verifySignature } });
    return verdict.status === 'verified' ? verdict.status : verdict.fault;
  };

  test('is believed only as far as the arithmetic says', () => {
    assert.equal(
      verdictOf(() => true),
      'verified',
    );
    assert.equal(
      verdictOf(() => false),
      'signature',
    );
    assert.equal(
      verdictOf(() => {
        throw new Error('the curve is not supported');
      }),
      'unreadable',
    );
  });

  test('of another file is refused before any arithmetic', () => {
    const never = (): boolean => assert.fail('the signature was looked at');
    assert.equal(verdictOf(never, Buffer.alloc(32)), 'artifact');
  });
});

describe('signing by the protocol', () => {
  const inFolder = async (t: TestContext): Promise<{ server: SigstoreServer; write: Write }> => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-conformance-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const server = await box.serve();
    t.after(() => server.close());
    const write = (name: string, content: string | Uint8Array): string => {
      fs.writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    };
    return { server, write };
  };

  test('a statement is signed, and verified by its digest, by the entry point', { timeout: 60_000 }, async (t) => {
    const { server, write } = await inFolder(t);
    const [root, bundle] = [write('root.json', trustedRoot), write('bundle.json', '')];
    const config = write('config.json', JSON.stringify(server.signingConfig(1)));
    const token = ['--in-toto', '--identity-token', server.emailToken(SAN, ISSUER), '--bundle', bundle];
    const what = write('statement.json', JSON.stringify(statement(good)));
    const sign = ['sign-bundle', ...token, '--trusted-root', root, '--signing-config', config, what];
    assert.deepEqual(await run(sign), { code: 0, said: '' });
    const who = ['--certificate-identity', SAN, '--certificate-oidc-issuer', ISSUER, '--trusted-root', root];
    const verify = ['verify-bundle', '--bundle', bundle, ...who];
    assert.deepEqual(await run([...verify, `sha256:${sha256.toString('hex')}`]), { code: 0, said: '' });
    const refused = await run([...verify, `sha256:${'ab'.repeat(32)}`]);
    assert.deepEqual(refused, { code: 1, said: 'refused: no such subject\n' });
  });

  for (const rekor of [1, 2] as const) {
    test(`a file is signed, and verified by its digest: Rekor ${rekor}`, async (t) => {
      const { server } = await inFolder(t);
      const config = await parseSigningConfig(Buffer.from(JSON.stringify(server.signingConfig(rekor))), new Date());
      const services = { ...config, fulcio: server.fulcioUrl };
      const identityToken = async (): Promise<string> => server.emailToken(SAN, ISSUER);
      const bundle = Buffer.from(
        JSON.stringify(await signArtifact(artifact, { kind: 'keyless', services, identityToken })),
      );
      assert.equal(refusalOf({ bundle, trustedRoot, artifact: { sha256 }, signer: identity }), undefined);
    });
  }

  const wrong: readonly (readonly [why: string, args: readonly string[], said: RegExp])[] = [
    ['no identity: never taken for any', ['verify-bundle', '--bundle', 'b', 'f'], /certificate-identity is missing/],
    [
      'an identity and a key',
      ['verify-bundle', '--bundle', 'b', '--key', 'k', '--certificate-identity', 'i', 'f'],
      /either/,
    ],
    ['an empty identity', ['verify-bundle', '--bundle', 'b', '--certificate-identity', '', 'f'], /identity is missing/],
    ['an option of no protocol', ['verify-bundle', '--insecure', 'f'], /--insecure/],
    ['two files', ['verify-bundle', '--bundle', 'b', '--key', 'k', 'f', 'g'], /one file/],
    ['no command', [], /one file|no command/],
  ];
  for (const [why, args, said] of wrong)
    test(`wrong usage: ${why}`, () => assert.throws(() => parseRequest(args), said));
});

type Write = (name: string, content: string | Uint8Array) => string;

async function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const script = path.resolve(import.meta.dirname, '../../scripts/conformance.ts');
  const child = spawn(process.execPath, ['--conditions=@lockseal/source', script, ...args]);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}
