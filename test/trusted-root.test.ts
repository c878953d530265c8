// A trusted root is validated before it is used: each vector is a root that @sigstore/protobuf-specs reads without a word.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { LocksealError, parseTrustedRoot } from '@lockseal/core';
import { createSigstore } from '@lockseal/testkit';
import { sharedDir } from './support/shared.ts';

type Members = Record<string, unknown>;
let root: Members;

before(async () => {
  root = { ...(await createSigstore()).trustedRoot };
});

/** The root with the member at the dotted path replaced, or deleted where the value is undefined. */
function withMember(memberPath: string, value: unknown): Members {
  const copy = structuredClone(root);
  const keys = memberPath.split('.');
  const last = keys.pop() ?? '';
  let node = copy;
  for (const key of keys) node = node[key] as Members;
  assert.ok(last in node || value !== undefined, `there is no ${memberPath}`);
  if (value === undefined) delete node[last];
  else node[last] = value;
  return copy;
}

function assertRefused(bytes: Uint8Array, reason: RegExp): void {
  assert.throws(
    () => parseTrustedRoot(bytes),
    (thrown) => thrown instanceof LocksealError && thrown.code === 'ERR_TRUSTED_ROOT' && reason.test(thrown.message),
  );
}

const otherKey =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==';

const vectors: readonly {
  readonly why: string;
  readonly path: string;
  readonly value: unknown;
  readonly reason: RegExp;
}[] = [
  { why: 'no media type', path: 'mediaType', value: undefined, reason: /mediaType is missing/ },
  {
    why: 'an unknown media type',
    path: 'mediaType',
    value: 'application/vnd.dev.sigstore.trustedroot.v0.9+json',
    reason: /mediaType is unknown/,
  },
  {
    why: 'no transparency log: nothing could be included anywhere',
    path: 'tlogs',
    value: [],
    reason: /tlogs is empty/,
  },
  {
    why: 'no certificate authority',
    path: 'certificateAuthorities',
    value: [],
    reason: /certificateAuthorities is empty/,
  },
  { why: 'no certificate log: no SCT could verify', path: 'ctlogs', value: [], reason: /ctlogs is empty/ },
  { why: 'no list of logs', path: 'tlogs', value: undefined, reason: /tlogs is missing/ },
  { why: 'a list that is none', path: 'ctlogs', value: {}, reason: /ctlogs is not a list/ },
  {
    why: 'more logs than anyone runs',
    path: 'tlogs',
    value: Array.from({ length: 65 }, () => ({})),
    reason: /has 65 elements, more than 64/,
  },
  {
    why: 'a log without validity would be trusted since 1970',
    path: 'tlogs.0.publicKey.validFor',
    value: undefined,
    reason: /tlogs\[0\]\.publicKey\.validFor is missing/,
  },
  {
    why: 'a log without start of validity',
    path: 'tlogs.1.publicKey.validFor',
    value: { end: '2030-01-01T00:00:00Z' },
    reason: /tlogs\[1\]\.publicKey\.validFor\.start is missing/,
  },
  {
    why: 'a certificate log without start of validity',
    path: 'ctlogs.0.publicKey.validFor',
    value: {},
    reason: /ctlogs\[0\]\.publicKey\.validFor\.start is missing/,
  },
  {
    why: 'an authority without start of validity',
    path: 'certificateAuthorities.0.validFor',
    value: {},
    reason: /certificateAuthorities\[0\]\.validFor\.start is missing/,
  },
  {
    why: 'a timestamp authority without start of validity',
    path: 'timestampAuthorities.0.validFor',
    value: {},
    reason: /timestampAuthorities\[0\]\.validFor\.start is missing/,
  },
  {
    why: 'a start that is no time',
    path: 'tlogs.0.publicKey.validFor',
    value: { start: 'yesterday' },
    reason: /start is not a time/,
  },
  {
    why: 'a start in local time',
    path: 'tlogs.0.publicKey.validFor',
    value: { start: '2021-01-01T00:00:00' },
    reason: /start is not a time/,
  },
  {
    why: 'an end before the start',
    path: 'tlogs.0.publicKey.validFor',
    value: { start: '2021-01-01T00:00:00Z', end: '2020-01-01T00:00:00Z' },
    reason: /ends before it starts/,
  },
  {
    why: 'a key that does not decode',
    path: 'tlogs.0.publicKey.rawBytes',
    value: 'AAAA',
    reason: /tlogs\[0\]\.publicKey\.rawBytes is not a public key/,
  },
  {
    why: 'a key in broken base64',
    path: 'tlogs.0.publicKey.rawBytes',
    value: 'A',
    reason: /rawBytes is not canonical base64/,
  },
  {
    why: "another log's key under this log's id",
    path: 'tlogs.0.publicKey.rawBytes',
    value: otherKey,
    reason: /tlogs\[0\]\.logId\.keyId is not the id of its key/,
  },
  {
    why: "another certificate log's key",
    path: 'ctlogs.0.publicKey.rawBytes',
    value: otherKey,
    reason: /ctlogs\[0\]\.logId\.keyId is not the id of its key/,
  },
  {
    why: 'a checkpoint key id of nothing',
    path: 'tlogs.0.checkpointKeyId',
    value: { keyId: 'AAAAAA==' },
    reason: /checkpointKeyId\.keyId is not the id/,
  },
  {
    why: "Rekor v2's id is over its name: another address is another log",
    path: 'tlogs.1.baseUrl',
    value: 'https://evil.example',
    reason: /tlogs\[1\]\.logId\.keyId is not the id of its key/,
  },
  {
    why: 'an empty chain',
    path: 'certificateAuthorities.0.certChain.certificates',
    value: [],
    reason: /certChain\.certificates is empty/,
  },
  {
    why: 'a chain of what is no certificate',
    path: 'certificateAuthorities.0.certChain.certificates',
    value: [{ rawBytes: 'AAAA' }],
    reason: /certificates\[0\]\.rawBytes is not an X\.509 certificate/,
  },
  {
    why: 'an empty chain of a timestamp authority',
    path: 'timestampAuthorities.0.certChain.certificates',
    value: [],
    reason: /certChain\.certificates is empty/,
  },
];

describe('trusted roots that cannot be used', () => {
  for (const { why, path: memberPath, value, reason } of vectors) {
    test(why, () => assertRefused(Buffer.from(JSON.stringify(withMember(memberPath, value))), reason));
  }

  test('what is no strict JSON', () => {
    assertRefused(Buffer.from(''), /Unexpected end of JSON input/);
    assertRefused(Buffer.from('{}'), /mediaType is missing/);
    assertRefused(Buffer.from('[]'), /the document is not an object/);
    assertRefused(Buffer.from('{"tlogs":[],"tlogs":[]}'), /"tlogs" occurs twice/);
    assertRefused(Buffer.from([0xff, 0xfe]), /not valid UTF-8/);
    assertRefused(Buffer.alloc(1024 * 1024 + 1, 0x20), /is larger than 1048576 bytes/);
  });
});

test('a root without timestamp authorities is usable: a log can vouch for the time', () => {
  assert.equal(
    parseTrustedRoot(Buffer.from(JSON.stringify(withMember('timestampAuthorities', undefined)))).authorities
      .timestampAuthorities.length,
    0,
  );
});

test('the public instance: every log, authority and key passes', (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const { authorities, sha256 } = parseTrustedRoot(
    fs.readFileSync(path.join(shared, 'corpus/trust/trusted_root.json')),
  );
  assert.equal(sha256.slice(0, 12), '6494e21ea73f');
  const { tlogs, ctlogs, certificateAuthorities, timestampAuthorities } = authorities;
  assert.deepEqual(
    [tlogs, ctlogs, certificateAuthorities, timestampAuthorities].map(({ length }) => length),
    [2, 2, 2, 1],
  );
});
