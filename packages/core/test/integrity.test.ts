import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  checkPin,
  createHasher,
  createIntegrityStream,
  parseIntegrity,
  sha512FromIntegrity,
  type HashAlgorithm,
  type LockfileFormat,
  type ParsedIntegrity,
  type Pin,
} from '@lockseal/core';

const bytes = Buffer.from('lockseal');
const digest = (algorithm: string, data: Uint8Array = bytes): Buffer => createHash(algorithm).update(data).digest();
const sri = (algorithm: string, data?: Uint8Array): string =>
  `${algorithm}-${digest(algorithm, data).toString('base64')}`;
const hex = (algorithm: string): string => digest(algorithm).toString('hex');
const other = sri('sha512', Buffer.from('other'));

interface Vector {
  readonly why: string;
  readonly text: string | undefined;
  readonly expected: ParsedIntegrity;
}

const malformed = (reason: string): ParsedIntegrity => ({ kind: 'malformed', reason });
const vectors: readonly Vector[] = [
  { why: 'sha512', text: sri('sha512'), expected: { kind: 'ok', algorithm: 'sha512', hex: hex('sha512') } },
  { why: 'sha384', text: sri('sha384'), expected: { kind: 'ok', algorithm: 'sha384', hex: hex('sha384') } },
  { why: 'sha256', text: sri('sha256'), expected: { kind: 'ok', algorithm: 'sha256', hex: hex('sha256') } },
  {
    why: 'the strongest of several counts',
    text: `${sri('sha1')} ${sri('sha512')}`,
    expected: { kind: 'ok', algorithm: 'sha512', hex: hex('sha512') },
  },
  {
    why: 'several weaker ones beside it do no harm',
    text: `${sri('sha1')} ${sri('sha512')} ${sri('sha1', Buffer.of(1))}`,
    expected: { kind: 'ok', algorithm: 'sha512', hex: hex('sha512') },
  },
  {
    why: 'space around',
    text: ` ${sri('sha512')}\n`,
    expected: { kind: 'ok', algorithm: 'sha512', hex: hex('sha512') },
  },
  { why: 'no member', text: undefined, expected: { kind: 'missing' } },
  { why: 'empty: ssri gives null, npm installs anything', text: '', expected: { kind: 'missing' } },
  { why: 'blank', text: ' \t\n', expected: { kind: 'missing' } },
  {
    why: 'sha1 alone is broken, yet tells bytes apart',
    text: sri('sha1'),
    expected: { kind: 'weak', algorithm: 'sha1', hex: hex('sha1') },
  },
  { why: 'md5 alone', text: sri('md5'), expected: { kind: 'weak', algorithm: 'md5', hex: hex('md5') } },
  {
    why: 'md5 and sha1: the stronger of the broken',
    text: `${sri('md5')} ${sri('sha1')}`,
    expected: { kind: 'weak', algorithm: 'sha1', hex: hex('sha1') },
  },
  {
    why: 'two sha512: either would pass',
    text: `${sri('sha512')} ${other}`,
    expected: { kind: 'ambiguous', algorithm: 'sha512' },
  },
  {
    why: 'one sha512 twice: nobody writes that',
    text: `${sri('sha512')} ${sri('sha512')}`,
    expected: { kind: 'ambiguous', algorithm: 'sha512' },
  },
  {
    why: 'two sha1',
    text: `${sri('sha1')} ${sri('sha1', Buffer.of(1))}`,
    expected: { kind: 'ambiguous', algorithm: 'sha1' },
  },
  {
    why: 'an unknown algorithm alone is no integrity at all',
    text: 'sha3-AAAA',
    expected: { kind: 'unknown-algorithm', algorithm: 'sha3' },
  },
  {
    why: 'an unknown algorithm beside a good one',
    text: `${sri('sha512')} whirlpool-AAAA`,
    expected: { kind: 'unknown-algorithm', algorithm: 'whirlpool' },
  },
  {
    why: 'upper case is another name',
    text: sri('sha512').replace('sha', 'SHA'),
    expected: { kind: 'unknown-algorithm', algorithm: 'SHA512' },
  },
  {
    why: 'a name that every object has',
    text: 'constructor-AAAA',
    expected: { kind: 'unknown-algorithm', algorithm: 'constructor' },
  },
  { why: 'ssri parses this as a hash', text: 'sha512-!!!', expected: malformed('not of the form algorithm-base64') },
  { why: 'no digest', text: 'sha512-', expected: malformed('not of the form algorithm-base64') },
  {
    why: 'hex instead of base64, with a colon',
    text: `sha512:${hex('sha512')}`,
    expected: malformed('not of the form algorithm-base64'),
  },
  {
    why: 'options, which package managers ignore',
    text: `${sri('sha512')}?x`,
    expected: malformed('not of the form algorithm-base64'),
  },
  { why: 'base64 of the URL alphabet', text: 'sha512-____', expected: malformed('not of the form algorithm-base64') },
  { why: 'too short', text: 'sha512-AAAA', expected: malformed('3 bytes where sha512 has 64') },
  {
    why: "another algorithm's digest",
    text: sri('sha256').replace('sha256', 'sha512'),
    expected: malformed('32 bytes where sha512 has 64'),
  },
  { why: 'padding left out', text: sri('sha512').replace(/=+$/, ''), expected: malformed('not canonical base64') },
  {
    why: 'stray bits in the last character',
    text: sri('sha512').replace(/.==$/, 'B=='),
    expected: malformed('not canonical base64'),
  },
  {
    why: 'a malformed weaker hash beside a good one',
    text: `sha1-AAAA ${sri('sha512')}`,
    expected: malformed('3 bytes where sha1 has 20'),
  },
  { why: 'longer than anything real', text: 'A'.repeat(1025), expected: malformed('longer than 1024 characters') },
];

describe('parseIntegrity', () => {
  for (const { why, text, expected } of vectors) {
    test(why, () => {
      assert.deepEqual(parseIntegrity(text), expected);
      const isSha512 = expected.kind === 'ok' && expected.algorithm === 'sha512';
      assert.equal(sha512FromIntegrity(text), isSha512 ? expected.hex : undefined);
    });
  }

  test('never throws, and what it accepts is what it prints', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `sha512-${text}`),
        ),
        (text) => {
          const parsed = parseIntegrity(text);
          if (parsed.kind !== 'ok') return;
          assert.ok(text.includes(Buffer.from(parsed.hex, 'hex').toString('base64')));
        },
      ),
    );
  });

  test('a digest survives the way through text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (raw) => {
        assert.equal(
          sha512FromIntegrity(`sha512-${Buffer.from(raw).toString('base64')}`),
          Buffer.from(raw).toString('hex'),
        );
      }),
    );
  });
});

describe('checkPin', () => {
  const sha512 = hex('sha512');
  const yarn = (cacheKey: string | undefined, lockfileCacheKey: string | undefined, checksum = sha512): Pin => ({
    kind: 'yarn-checksum',
    cacheKey,
    lockfileCacheKey,
    sha512: checksum,
  });
  const integrity = (text: string): Pin => ({ kind: 'integrity', text, of: 'tarball' });
  const pins: readonly { why: string; pin: Pin; format: LockfileFormat; status: string; codes: readonly string[] }[] = [
    { why: 'a good hash', pin: integrity(sri('sha512')), format: 'npm', status: 'verified', codes: [] },
    {
      why: 'a good hash of the tar inside',
      pin: { kind: 'integrity', text: sri('sha512'), of: 'tar' },
      format: 'vlt',
      status: 'verified',
      codes: [],
    },
    { why: 'nothing', pin: { kind: 'none' }, format: 'npm', status: 'absent', codes: ['integrity-missing'] },
    {
      why: 'nothing, in Yarn Berry',
      pin: { kind: 'none' },
      format: 'yarn-berry',
      status: 'absent',
      codes: ['checksum-missing'],
    },
    {
      why: 'nothing, in Yarn 1',
      pin: { kind: 'none' },
      format: 'yarn-classic',
      status: 'absent',
      codes: ['integrity-missing'],
    },
    { why: 'empty text', pin: integrity(''), format: 'npm', status: 'absent', codes: ['integrity-missing'] },
    {
      why: 'malformed text',
      pin: integrity('sha512-!!!'),
      format: 'npm',
      status: 'invalid',
      codes: ['integrity-malformed'],
    },
    { why: 'sha1', pin: integrity(sri('sha1')), format: 'npm', status: 'invalid', codes: ['integrity-weak'] },
    {
      why: 'two hashes',
      pin: integrity(`${sri('sha512')} ${other}`),
      format: 'npm',
      status: 'invalid',
      codes: ['integrity-ambiguous'],
    },
    {
      why: 'an unknown algorithm',
      pin: integrity('sha3-AAAA'),
      format: 'npm',
      status: 'invalid',
      codes: ['integrity-unknown-algorithm'],
    },
    { why: "the lockfile's cache key", pin: yarn('10c0', '10c0'), format: 'yarn-berry', status: 'verified', codes: [] },
    {
      why: 'a bare checksum, of Yarn 2 and 3',
      pin: yarn(undefined, '8'),
      format: 'yarn-berry',
      status: 'verified',
      codes: [],
    },
    {
      why: 'another cache key: Yarn never compares it',
      pin: yarn('9', '10c0'),
      format: 'yarn-berry',
      status: 'invalid',
      codes: ['checksum-unverifiable'],
    },
    {
      why: 'a cache key where the lockfile gives none',
      pin: yarn('10c0', undefined),
      format: 'yarn-berry',
      status: 'invalid',
      codes: ['checksum-unverifiable'],
    },
    {
      why: 'a checksum in upper case',
      pin: yarn('10c0', '10c0', sha512.toUpperCase()),
      format: 'yarn-berry',
      status: 'invalid',
      codes: ['integrity-malformed'],
    },
    {
      why: 'a checksum cut short',
      pin: yarn('10c0', '10c0', 'abc'),
      format: 'yarn-berry',
      status: 'invalid',
      codes: ['integrity-malformed'],
    },
    {
      why: 'a sha256 in hex',
      pin: { kind: 'sha256', hex: hex('sha256') },
      format: 'deno',
      status: 'verified',
      codes: [],
    },
    {
      why: 'a sha256 that is none',
      pin: { kind: 'sha256', hex: 'zz' },
      format: 'deno',
      status: 'invalid',
      codes: ['integrity-malformed'],
    },
  ];
  for (const { why, pin, format, status, codes } of pins) {
    test(why, () => {
      const check = checkPin(pin, format);
      assert.equal(check.result.status, status);
      assert.deepEqual(check.codes, codes);
      if (check.result.status === 'invalid') assert.deepEqual([check.result.code], codes);
    });
  }
});

describe('hashing', () => {
  const algorithms: readonly HashAlgorithm[] = ['sha512', 'sha256', 'sha1', 'md5'];
  const expected = new Map(algorithms.map((algorithm) => [algorithm, hex(algorithm)]));

  test('several algorithms at once, in chunks', () => {
    const hasher = createHasher(algorithms);
    hasher.update(bytes.subarray(0, 3));
    hasher.update(bytes.subarray(3));
    assert.deepEqual(hasher.digest(), expected);
  });

  test('a stream passes bytes on and has digests once it has ended', async () => {
    const { stream, digests } = createIntegrityStream(algorithms);
    assert.equal(digests(), undefined);
    stream.write(bytes.subarray(0, 3));
    stream.end(bytes.subarray(3));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
    assert.deepEqual(Buffer.concat(chunks), bytes);
    assert.deepEqual(digests(), expected);
  });
});
