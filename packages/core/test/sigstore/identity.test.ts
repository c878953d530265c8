import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ASN1Obj, type X509Certificate } from '@sigstore/core';
import { isGithubIssuer, readIdentity } from '../../src/sigstore/identity.ts';
import { BundleRefusal } from '../../src/sigstore/refusal.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const san = 'https://github.com/acme/widgets/.github/workflows/release.yml@refs/heads/main';
const at = (number: number): string => `1.3.6.1.4.1.57264.1.${number}`;

type Name = readonly [number, string | Uint8Array];

/** A certificate as far as identities look at it: the subject alternative names, by GeneralName tag. */
function certificate(...names: readonly Name[]): X509Certificate {
  const values = names.map(([tag, value]) =>
    Buffer.concat([Buffer.of(tag, Buffer.from(value).length), Buffer.from(value)]),
  );
  const sequence = Buffer.concat(values);
  assert.ok(sequence.length < 0x7e);
  const der = Buffer.concat([Buffer.of(0x04, sequence.length + 2, 0x30, sequence.length), sequence]);
  const extSubjectAltName = { valueObj: ASN1Obj.parseBuffer(der), otherName: () => undefined };
  return { extSubjectAltName } as unknown as X509Certificate;
}

function refusal(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (thrown) {
    assert.ok(thrown instanceof BundleRefusal && thrown.fault === 'identity');
    return thrown.message;
  }
}

const issuer: readonly [string, string] = [at(8), GITHUB];

describe('subject alternative names', () => {
  const accepted: readonly { name: Name; type: string }[] = [
    { name: [0x86, san], type: 'uri' },
    { name: [0x81, 'alice@example.com'], type: 'email' },
  ];
  for (const { name, type } of accepted) {
    test(type, () => {
      const identity = readIdentity(certificate(name), new Map([issuer]));
      assert.deepEqual([identity.san, identity.sanType], [name[1], type]);
    });
  }

  const refused: readonly { why: string; names: readonly Name[]; reason: RegExp }[] = [
    { why: 'none', names: [], reason: /exactly one/ },
    {
      why: 'two: readers differ in which they take',
      names: [
        [0x81, 'a@example.com'],
        [0x86, 'https://x.example'],
      ],
      reason: /exactly one/,
    },
    { why: 'a DNS name', names: [[0x82, 'example.com']], reason: /unknown type/ },
    { why: 'empty', names: [[0x86, '']], reason: /not printable ASCII/ },
    {
      why: 'a NUL, at which some stop reading',
      names: [[0x81, 'a@example.com\0.evil']],
      reason: /not printable ASCII/,
    },
    { why: 'a line break', names: [[0x86, 'https://x.example\n']], reason: /not printable ASCII/ },
    {
      why: 'an eighth bit that ASCII decoders drop',
      names: [[0x81, Buffer.from('e1406578', 'hex')]],
      reason: /not printable ASCII/,
    },
  ];
  for (const { why, names, reason } of refused) {
    test(`refuses ${why}`, () =>
      assert.match(
        refusal(() => readIdentity(certificate(...names), new Map([issuer]))),
        reason,
      ));
  }

  test('refuses a certificate without the extension', () => {
    const bare = { extSubjectAltName: undefined } as unknown as X509Certificate;
    assert.match(
      refusal(() => readIdentity(bare, new Map([issuer]))),
      /exactly one/,
    );
  });
});

describe('what old certificates say', () => {
  const leaf = certificate([0x86, san]);

  test('repository, ref, commit and trigger by their old extensions alone', () => {
    const old = new Map([
      [at(1), GITHUB],
      [at(2), 'push'],
      [at(3), 'c'.repeat(40)],
      [at(5), 'acme/widgets'],
      [at(6), 'refs/heads/main'],
    ]);
    const { repository, ref, commit, trigger, workflow, repositoryId } = readIdentity(leaf, old);
    assert.deepEqual(
      [repository, ref, commit, trigger],
      ['https://github.com/acme/widgets', 'refs/heads/main', 'c'.repeat(40), 'push'],
    );
    assert.deepEqual([workflow, repositoryId], ['.github/workflows/release.yml', undefined]);
  });

  test('owner and name make no URL without a server', () => {
    const elsewhere = new Map([
      [at(1), 'https://github.example.com/token'],
      [at(5), 'acme/widgets'],
    ]);
    assert.equal(readIdentity(leaf, elsewhere).repository, undefined);
  });

  test("another server's repository of the same name agrees, one of another name does not", () => {
    const uri = new Map([
      [at(8), 'https://github.example.com/token'],
      [at(12), 'https://github.example.com/acme/widgets'],
    ]);
    assert.equal(
      readIdentity(leaf, new Map([...uri, [at(5), 'acme/widgets']])).repository,
      'https://github.example.com/acme/widgets',
    );
    assert.match(
      refusal(() => readIdentity(leaf, new Map([...uri, [at(5), 'evil/widgets']]))),
      /two values of repository/,
    );
  });

  test('a workflow of another repository is not one of this', () => {
    const reusable = new Map([issuer, [at(12), 'https://github.com/acme/gadgets']]);
    assert.equal(readIdentity(leaf, reusable).workflow, undefined);
  });
});

test("GitHub's issuers", () => {
  for (const good of [GITHUB, `${GITHUB}/acme-corp`]) assert.ok(isGithubIssuer(good), good);
  const bad = [
    '',
    `${GITHUB}/`,
    `${GITHUB}/a/b`,
    `${GITHUB}.evil.example`,
    `${GITHUB}/a?x`,
    GITHUB.replace('https', 'http'),
    `${GITHUB}\n`,
  ];
  for (const issuerText of bad) assert.ok(!isGithubIssuer(issuerText), JSON.stringify(issuerText));
});
