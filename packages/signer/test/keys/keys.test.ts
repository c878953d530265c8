import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { commandSigner, fromDigestSigner, generateKey, keyHint, loadPrivateKey } from '../../src/index.ts';
import { signChecked } from '../../src/sign/signer.ts';

const DATA = Buffer.from('to be signed');

function coded(code: string, message?: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof LocksealError, String(thrown));
    assert.equal(thrown.code, code);
    if (message !== undefined)
      assert.match(`${thrown.message} ${thrown.details.found} ${thrown.details.hint}`, message);
    return true;
  };
}

describe('generated keys', () => {
  for (const algorithm of ['P-256', 'P-384', 'Ed25519'] as const) {
    for (const passphrase of [undefined, 'correct horse']) {
      test(`${algorithm}, ${passphrase === undefined ? 'plain' : 'encrypted'}, sign what verifies elsewhere`, async () => {
        const key = generateKey(algorithm, passphrase);
        assert.match(key.privateKey, passphrase === undefined ? /BEGIN PRIVATE KEY/ : /BEGIN ENCRYPTED PRIVATE KEY/);
        const signature = await loadPrivateKey(key.privateKey, 'key.pem', passphrase).sign(DATA);
        const digest = algorithm === 'Ed25519' ? null : 'sha256';
        assert.ok(verify(digest, DATA, createPublicKey(key.publicKey), signature));
        assert.equal(key.hint, keyHint(createPublicKey(key.publicKey)));
      });
    }
  }
});

describe('keys that cannot be used', () => {
  const encrypted = generateKey('P-256', 'right').privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
  const sec1 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' });
  const cases: readonly (readonly [why: string, pem: string, passphrase: string | undefined, expected: RegExp])[] = [
    ['nothing at all', '', undefined, /no private key/],
    ['a public key', generateKey('P-256').publicKey, undefined, /PUBLIC KEY/],
    ['SEC 1 instead of PKCS#8', sec1.toString(), undefined, /openssl pkcs8/],
    ['a passphrase is missing', encrypted, undefined, /no passphrase/],
    ['the passphrase is wrong', encrypted, 'wrong', /cannot be decrypted/],
    ['RSA', rsa.toString(), undefined, /rsa/],
    ['another curve', k1.export({ type: 'pkcs8', format: 'pem' }).toString(), undefined, /secp256k1/],
    ['the body is damaged', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', undefined, /decoded/],
    ['larger than any key', `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(20_000)}`, undefined, /no private key/],
  ];
  for (const [why, pem, passphrase, expected] of cases) {
    test(why, () => {
      assert.throws(() => loadPrivateKey(pem, 'key.pem', passphrase), coded('ERR_SIGNING_KEY', expected));
    });
  }

  test('the message never holds the key', () => {
    const body = generateKey('P-256').privateKey.split('\n')[1] ?? '';
    const damaged = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
    assert.throws(
      () => loadPrivateKey(damaged, 'key.pem'),
      (thrown: unknown) => thrown instanceof LocksealError && !JSON.stringify(thrown).includes(body.slice(0, 20)),
    );
  });
});

describe('a command that signs a digest', { skip: process.platform === 'win32' && 'runs shell scripts' }, () => {
  async function script(
    t: TestContext,
    text: string,
  ): Promise<{ program: string; publicKey: ReturnType<typeof createPublicKey> }> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'lockseal-'));
    t.after(() => rm(directory, { recursive: true }));
    const key = generateKey('P-256');
    await writeFile(path.join(directory, 'key.pem'), key.privateKey);
    const program = path.join(directory, 'sign');
    await writeFile(program, `#!/bin/sh\n${text.replaceAll('KEY', path.join(directory, 'key.pem'))}\n`);
    await chmod(program, 0o755);
    return { program, publicKey: createPublicKey(key.publicKey) };
  }
  const node = (code: string): string => `exec '${process.execPath}' -e "${code}"`;

  test('signs: the digest comes on standard input, the signature goes out in base64', async (t) => {
    const { program, publicKey } = await script(t, 'openssl pkeyutl -sign -inkey KEY | base64');
    const signer = commandSigner({ command: [program], publicKey });
    assert.ok(verify('sha256', DATA, publicKey, await signChecked(signer, DATA)));
  });

  const cases: readonly (readonly [why: string, text: string, expected: RegExp])[] = [
    ['fails', 'exit 3', /exit code 3/],
    ['prints nothing', 'cat >/dev/null', /not base64/],
    ['prints something else', 'echo "no key here!"', /not base64/],
    ['prints without end', node("for(let i=0;i<40;i++)process.stdout.write('A'.repeat(1000))"), /bytes of output/],
    ['takes too long', 'exec sleep 20', /ended by SIGTERM/],
  ];
  for (const [why, text, expected] of cases) {
    test(`is refused when it ${why}`, async (t) => {
      const { program, publicKey } = await script(t, text);
      const signer = commandSigner({ command: [program], publicKey, timeoutMs: 2000 });
      await assert.rejects(signer.sign(DATA), coded('ERR_SIGNING', expected));
    });
  }

  test('is refused when there is no such program, and nothing is waited for', async () => {
    const publicKey = createPublicKey(generateKey('P-256').publicKey);
    const signer = commandSigner({ command: ['/nowhere/lockseal-sign'], publicKey });
    const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const before = timers();
    await assert.rejects(signer.sign(DATA), coded('ERR_SIGNING', /ENOENT/));
    assert.equal(timers(), before);
  });

  test('is found out when it signs with another key', async () => {
    const other = loadPrivateKey(generateKey('P-256').privateKey, 'key.pem');
    const publicKey = createPublicKey(generateKey('P-256').publicKey);
    await assert.rejects(
      signChecked({ publicKey, sign: (data) => other.sign(data) }, DATA),
      coded('ERR_SIGNING', /does not verify/),
    );
  });

  test('cannot hold an Ed25519 key, which signs no digest', () => {
    const publicKey = createPublicKey(generateKey('Ed25519').publicKey);
    const signDigest = async (): Promise<Uint8Array> => new Uint8Array(64);
    assert.throws(() => fromDigestSigner({ publicKey, signDigest }), coded('ERR_SIGNING_KEY', /ed25519/));
  });
});
