import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { bundleToJSON, type Bundle } from '@sigstore/bundle';
import { SigningConfig } from '@sigstore/protobuf-specs';
import {
  bundleBuilderFromSigningConfig,
  CIContextProvider,
  DSSEBundleBuilder,
  FulcioSigner,
  MessageSignatureBundleBuilder,
  RekorWitness,
  TSAWitness,
  type Signer,
  type Witness,
} from '@sigstore/sign';
import { initTUF } from '@sigstore/tuf';
import { createSigstore, type BundleJson } from '@lockseal/testkit';
import { stockVerify } from '../support/verify.ts';

const box = await createSigstore();
const listed = box.addRegistryKey();
const server = await box.serve();
after(() => server.close());

const statement = { data: Buffer.from('{"_type":"x"}'), type: 'application/vnd.in-toto+json' };
/** The stock serialiser's type has every member; ours tells which may be absent. */
const toJson = (bundle: Bundle): BundleJson => JSON.parse(JSON.stringify(bundleToJSON(bundle))) as BundleJson;
const once = { retry: 0, timeout: 5000 };
const rekor = (entryType: 'intoto' | 'dsse'): Witness =>
  new RekorWitness({ rekorBaseURL: server.rekorUrl, entryType, ...once });
const rekorV2 = (): Witness => new RekorWitness({ rekorBaseURL: server.rekorV2Url, majorApiVersion: 2, ...once });
const tsa = (): Witness => new TSAWitness({ tsaBaseURL: server.tsaUrl, ...once });
const fulcio = (token = server.buildToken()): Signer =>
  new FulcioSigner({ fulcioBaseURL: server.fulcioUrl, identityProvider: { getToken: async () => token }, ...once });

/** A signer with the listed registry key, so that stock verification finds it by its hint. */
const keySigner: Signer = {
  sign: async (data) => ({
    signature: sign('sha256', data, listed.privateKey),
    key: {
      $case: 'publicKey',
      publicKey: String(listed.publicKey.export({ type: 'spki', format: 'pem' })),
      hint: listed.keyid,
    },
  }),
};

const WITNESSES: [string, () => Witness[]][] = [
  ['Rekor v1 intoto', () => [rekor('intoto')]],
  ['Rekor v1 dsse', () => [rekor('dsse')]],
  ['Rekor v1 dsse and TSA', () => [rekor('dsse'), tsa()]],
  ['Rekor v2 and TSA', () => [rekorV2(), tsa()]],
];

for (const [name, witnesses] of WITNESSES) {
  for (const certificateChain of [false, true]) {
    test(`the stock client signs an envelope: Fulcio, ${name}, ${certificateChain ? 'bundle 0.2' : 'bundle 0.3'}`, async () => {
      const builder = new DSSEBundleBuilder({ signer: fulcio(), witnesses: witnesses(), certificateChain });
      const bundle = toJson(await builder.create(statement));
      assert.match(
        String(stockVerify(box, bundle).identity?.subjectAlternativeName),
        /release\.yml@refs\/heads\/main$/,
      );
    });
  }

  test(`the stock client signs a message: Fulcio, ${name}`, async () => {
    const builder = new MessageSignatureBundleBuilder({ signer: fulcio(), witnesses: witnesses() });
    const bundle = toJson(await builder.create({ data: Buffer.from('hello') }));
    assert.doesNotThrow(() => stockVerify(box, bundle, Buffer.from('hello')));
    assert.throws(() => stockVerify(box, bundle, Buffer.from('hullo')));
  });
}

for (const entryType of ['intoto', 'dsse'] as const) {
  test(`the stock client signs an envelope: local key, Rekor v1 ${entryType}`, async () => {
    const builder = new DSSEBundleBuilder({ signer: keySigner, witnesses: [rekor(entryType)] });
    const bundle = toJson(await builder.create(statement));
    assert.doesNotThrow(() => stockVerify(box, bundle));
  });
}

for (const generation of [1, 2] as const) {
  test(`the stock client follows the signing configuration with Rekor v${generation}`, async () => {
    const builder = bundleBuilderFromSigningConfig({
      signingConfig: SigningConfig.fromJSON(server.signingConfig(generation)),
      identityProvider: { getToken: async () => server.emailToken('someone@example.com') },
      bundleType: 'dsseEnvelope',
    });
    const bundle = toJson(await builder.create(statement));
    assert.equal(stockVerify(box, bundle).identity?.subjectAlternativeName, 'someone@example.com');
  });
}

test('the token endpoint answers as that of GitHub Actions', async (t) => {
  t.after(() => {
    delete process.env.ACTIONS_ID_TOKEN_REQUEST_URL;
    delete process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
  });
  process.env.ACTIONS_ID_TOKEN_REQUEST_URL = server.oidcRequestUrl;
  process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN = 'job';
  const token = await new CIContextProvider('sigstore').getToken();
  const builder = new DSSEBundleBuilder({ signer: fulcio(token), witnesses: [rekor('dsse')] });
  const bundle = toJson(await builder.create(statement));
  assert.doesNotThrow(() => stockVerify(box, bundle));
});

const REFUSED: [string, () => Promise<unknown>][] = [
  [
    'a token of another issuer',
    async () => {
      const other = await (await createSigstore()).serve();
      return fulcio(other.buildToken()).sign(statement.data);
    },
  ],
  [
    'a token that was changed',
    () => fulcio(server.buildToken().replace(/\.[^.]{9}/, '.eyJhIjoxM')).sign(statement.data),
  ],
  [
    'an envelope that does not verify',
    () => {
      const { privateKey }: { privateKey: KeyObject } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const signer: Signer = {
        sign: async (data) => ({ ...(await keySigner.sign(data)), signature: sign('sha256', data, privateKey) }),
      };
      return new DSSEBundleBuilder({ signer, witnesses: [rekor('dsse')] }).create(statement);
    },
  ],
  [
    'a bare key sent to Rekor v2 as a certificate',
    () => new DSSEBundleBuilder({ signer: keySigner, witnesses: [rekorV2(), tsa()] }).create(statement),
  ],
];

for (const [name, attempt] of REFUSED) {
  test(`the services refuse ${name}`, async () => {
    await assert.rejects(attempt);
  });
}

async function tufClient(t: TestContext): Promise<(target: string) => Promise<string>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'lockseal-tuf-'));
  t.after(() => rm(directory, { recursive: true }));
  const rootPath = path.join(directory, 'root.json');
  await writeFile(rootPath, server.tuf.rootJson);
  const options = { mirrorURL: server.tufUrl, rootPath, cachePath: path.join(directory, 'cache'), retry: 0 };
  return async (target) => (await initTUF(options)).getTarget(target);
}

test('the TUF repository serves the trusted root and the npm keys, also after rotation and refresh', async (t) => {
  const target = await tufClient(t);
  assert.deepEqual(JSON.parse(await target('trusted_root.json')), box.trustedRoot);
  assert.deepEqual(JSON.parse(await target('registry.npmjs.org/keys.json')), box.keysTarget());
  const late = box.addRegistryKey();
  server.tuf.refresh();
  server.tuf.rotateRoot();
  const { keys } = JSON.parse(await target('registry.npmjs.org/keys.json')) as { keys: { keyId: string }[] };
  assert.ok(keys.some(({ keyId }) => keyId === late.keyid));
});

test('an expired TUF timestamp is refused by the stock client', async (t) => {
  server.tuf.expire('timestamp', new Date('2021-06-01T00:00:00Z'));
  server.tuf.refresh();
  await assert.rejects(
    (await tufClient(t))('trusted_root.json'),
    /TUF_REFRESH_METADATA_ERROR|expired|error refreshing/,
  );
});
