// Everything that somebody between maker and user can do to an evidence pack, and what comes of it. Nobody pins the
// pack here unless it is said: a pinned pack that was touched is refused whole, whatever was done to it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  attestationsIn,
  bundleIn,
  compress,
  digestOf,
  documentIn,
  keysIn,
  lineOf,
  openEvidenceProject,
  repack,
  textOf,
  TRUST,
  unpack,
  type EvidenceProject,
  type Line,
  type Unpacked,
} from './support/evidence-project.ts';

let project: EvidenceProject;
let digest: string;

before(async () => {
  project = await openEvidenceProject();
  const packed = await project.run(['evidence', 'pack', '-o', 'good.pack', '--tarballs', ...TRUST]);
  assert.equal(packed.exitCode, 0, packed.stderr);
  digest = digestOf(textOf(project.file('good.pack')));
  await project.disconnect();
});
after(() => project.close());

interface Outcome {
  readonly exitCode: number;
  /** What is printed on either stream. */
  readonly shows: RegExp;
}

/** Under a pack of these bytes; by default with the trust that the user gives, and without a pin. */
async function verify(
  bytes: Uint8Array,
  options: readonly string[] = TRUST,
): Promise<{ exitCode: number; text: string }> {
  fs.writeFileSync(project.file('bad.pack'), bytes);
  const run = await project.run(['verify', '--verbose', '--offline', '--no-cache', '--evidence=bad.pack', ...options]);
  return { exitCode: run.exitCode, text: run.stdout + run.stderr };
}

/** Flips the last bit of base64 bytes in the middle, so that they stay base64. */
function flip(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64');
}

/** By somebody who does not know the format: bytes of the file, or of what it unpacks to. */
const BLUNT: readonly (readonly [why: string, edit: (file: Buffer) => Uint8Array, outcome: Outcome])[] = [
  ['an empty file', () => new Uint8Array(), { exitCode: 3, shows: /ERR_EVIDENCE_PACK.*cannot be unpacked/ }],
  [
    'cut off',
    (file) => file.subarray(0, file.length - 1),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK.*cannot be unpacked/ },
  ],
  ['cut in half', (file) => file.subarray(0, file.length / 2), { exitCode: 3, shows: /ERR_EVIDENCE_PACK/ }],
  [
    'something after its end',
    (file) => Buffer.concat([file, Buffer.from('x')]),
    { exitCode: 3, shows: /follows after its end/ },
  ],
  ['two packs in one file', (file) => Buffer.concat([file, file]), { exitCode: 3, shows: /follows after its end/ }],
  ['not compressed', () => Buffer.from(textOf(project.file('good.pack'))), { exitCode: 3, shows: /ERR_EVIDENCE_PACK/ }],
  [
    'another kind of file',
    () => compress('{"hello":1}\n'),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK.*format is missing/ },
  ],
  [
    'a last line without a line feed',
    () => compress(textOf(project.file('good.pack')).trimEnd()),
    { exitCode: 3, shows: /last line is cut off/ },
  ],
  [
    'a line dropped',
    () => compress(textOf(project.file('good.pack')).split('\n').toSpliced(3, 1).join('\n')),
    { exitCode: 3, shows: /not the one that its header names/ },
  ],
  [
    'a letter changed',
    () => compress(textOf(project.file('good.pack')).replace('"name":"debug"', '"name":"debuh"')),
    { exitCode: 3, shows: /"documents" is not the one/ },
  ],
];

/** By somebody who knows the format and writes a header that fits. */
const SKILFUL: readonly (readonly [why: string, edit: (pack: Unpacked) => void, outcome: Outcome])[] = [
  ['nothing changed', () => undefined, { exitCode: 0, shows: /3 +build provenance|proven +3/ }],
  [
    'a bit of the payload of provenance',
    (pack) => {
      const envelope = bundleIn(pack, 'debug', /slsa/).dsseEnvelope;
      const { base64 } = envelope.payload as { readonly base64: string };
      envelope.payload = { base64: base64.replace('refs/', 'refz/') };
    },
    { exitCode: 1, shows: /provenance-invalid/ },
  ],
  [
    'a bit of the signature of provenance',
    (pack) => {
      const [signature] = bundleIn(pack, 'debug', /slsa/).dsseEnvelope.signatures;
      signature.sig = flip(signature.sig);
    },
    { exitCode: 1, shows: /contradicted +1[^]*provenance-invalid/ },
  ],
  [
    'a bit of the proof of inclusion',
    (pack) => {
      const [entry] = bundleIn(pack, 'debug', /slsa/).verificationMaterial.tlogEntries;
      entry.inclusionProof.rootHash = flip(entry.inclusionProof.rootHash);
    },
    { exitCode: 1, shows: /contradicted +1[^]*provenance-invalid/ },
  ],
  [
    'a bit of the publish attestation',
    (pack) => {
      const [signature] = bundleIn(pack, 'express', /publish/).dsseEnvelope.signatures;
      signature.sig = flip(signature.sig);
    },
    { exitCode: 1, shows: /contradicted +1[^]*publish-attestation-invalid/ },
  ],
  [
    'bundles swapped between packages',
    (pack) => {
      const [a, b] = [lineOf(pack, 'attestations', 'debug'), lineOf(pack, 'attestations', 'express')];
      [a.value, b.value] = [b.value, a.value];
    },
    { exitCode: 1, shows: /contradicted +2/ },
  ],
  [
    'whole answers swapped between packages',
    (pack) => {
      const [a, b] = [lineOf(pack, 'documents', 'debug'), lineOf(pack, 'documents', 'express')];
      [a.value, b.value] = [b.value, a.value];
    },
    { exitCode: 1, shows: /contradicted +2/ },
  ],
  [
    'a bundle dropped from an answer',
    (pack) => void attestationsIn(pack, 'debug').pop(),
    // The registry announces no number of bundles: what is left still counts, and a policy that demands provenance refuses.
    { exitCode: 0, shows: /proven +2[^]*signed +2/ },
  ],
  [
    'all bundles dropped from an answer',
    (pack) => void (lineOf(pack, 'attestations', 'debug').value = { absent: 'there are none' }),
    // As from a mirror that strips them: told, and refused by a policy that demands them.
    { exitCode: 0, shows: /attestations-withheld/ },
  ],
  [
    'an answer dropped',
    (pack) => void pack.lines.splice(pack.lines.indexOf(lineOf(pack, 'attestations', 'debug')), 1),
    { exitCode: 3, shows: /ERR_EVIDENCE_MISSING[^]*attestations debug@2\.6\.9/ },
  ],
  [
    'a package dropped',
    (pack) => void (pack.lines = pack.lines.filter(({ key }) => key[1] !== 'ms')),
    { exitCode: 3, shows: /ERR_EVIDENCE_MISSING[^]*documents ms@2\.0\.0/ },
  ],
  [
    'the signature of a version',
    (pack) => {
      const [signature] = documentIn(pack, 'ms').dist.signatures;
      signature.sig = flip(signature.sig);
    },
    { exitCode: 1, shows: /contradicted +1[^]*signature-invalid/ },
  ],
  [
    'the digest of a version',
    (pack) => {
      const { dist } = documentIn(pack, 'ms');
      dist.integrity = `sha512-${flip(dist.integrity.slice(7))}`;
    },
    { exitCode: 1, shows: /contradicted +1[^]*integrity-mismatch/ },
  ],
  [
    'an edge in a manifest',
    (pack) => void (documentIn(pack, 'debug').manifest.dependencies = [['native', '^1.0.0']]),
    { exitCode: 1, shows: /contradicted +1[^]*edge-forged/ },
  ],
  [
    'the name in a manifest',
    (pack) => void (documentIn(pack, 'debug').manifest.dependencies = [['ms', '1.0.0']]),
    { exitCode: 1, shows: /edge-/ },
  ],
  [
    "the keys: the user's own count",
    (pack) => {
      for (const key of keysIn(pack)) key.spki = flip(key.spki);
    },
    { exitCode: 0, shows: /proven +3/ },
  ],
  [
    'a key added by which something is signed',
    (pack) => {
      const keys = keysIn(pack);
      keys.push(...keys.slice(0, 1).map((key) => ({ ...key, keyid: 'SHA256:mine', origin: 'registry' })));
    },
    { exitCode: 3, shows: /ERR_EVIDENCE_UNPINNED[^]*the keys of / },
  ],
  [
    'the trusted root: the user gave one',
    (pack) => void (lineOf(pack, 'trust').value = { trustedRoot: { text: '{}', origin: 'file' } }),
    { exitCode: 0, shows: /proven +3/ },
  ],
  [
    'an answer given twice',
    (pack) => void pack.lines.splice(3, 0, structuredClone(pack.lines[3] as Line)),
    { exitCode: 3, shows: /is there twice or out of order/ },
  ],
  [
    'answers out of order',
    (pack) => void pack.lines.reverse(),
    { exitCode: 3, shows: /is there twice or out of order/ },
  ],
  [
    'a format of the future',
    (pack) => void (pack.header.format = 'https://lockseal.dev/format/evidence-pack/v2'),
    { exitCode: 3, shows: /ERR_EVIDENCE_VERSION/ },
  ],
  [
    'another format',
    (pack) => void (pack.header.format = 'https://example.com/pack/v1'),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK.*no evidence pack/ },
  ],
  [
    'a member in the header that nothing defines',
    (pack) => void Object.assign(pack.header, { more: true }),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK.*more is a member that the format does not define/ },
  ],
  [
    'a member in an answer that nothing defines',
    (pack) => void Object.assign(documentIn(pack, 'ms'), { more: true }),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK[^]*more is a member that the format does not define/ },
  ],
  [
    'a part that nothing defines',
    (pack) => void (lineOf(pack, 'documents', 'ms').part = 'others'),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK.*does not begin with a key and a part/ },
  ],
  [
    'an answer of two kinds',
    (pack) => void Object.assign(lineOf(pack, 'documents', 'ms').value as object, { absent: 'no' }),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK[^]*must be of one kind/ },
  ],
  [
    'an error that nobody knows',
    (pack) => void (lineOf(pack, 'documents', 'ms').value = { unavailable: { error: 'OK', reason: '' } }),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK[^]*is no error code/ },
  ],
  [
    'a dependency twice',
    (pack) => {
      documentIn(pack, 'debug').manifest.dependencies = [
        ['ms', '2.0.0'],
        ['ms', '3.0.0'],
      ];
    },
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK[^]*has a name twice/ },
  ],
  [
    'base64 nested to swell',
    (pack) => {
      let nested: unknown = 'x'.repeat(100);
      for (let level = 0; level < 30; level++) nested = { base64: nested };
      bundleIn(pack, 'debug', /slsa/).dsseEnvelope.payload = nested;
    },
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK[^]*nested more than 4 levels/ },
  ],
  [
    'a bundle with members of its own under the name of base64',
    (pack) => void (bundleIn(pack, 'debug', /slsa/).dsseEnvelope.payload = { base64: ['no text'] }),
    { exitCode: 3, shows: /ERR_EVIDENCE_PACK[^]*neither text nor json/ },
  ],
];

describe('a pack that was damaged', () => {
  for (const [why, edit, { exitCode, shows }] of BLUNT) {
    test(`${why}: exit code ${exitCode}`, async () => {
      const found = await verify(edit(fs.readFileSync(project.file('good.pack'))));
      assert.match(found.text, shows);
      assert.equal(found.exitCode, exitCode);
    });
  }

  test('in any one byte: refused, or still the same content', async () => {
    const good = fs.readFileSync(project.file('good.pack'));
    for (let at = 0; at < good.length; at += Math.ceil(good.length / 20)) {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      const found = await verify(bytes);
      assert.match(found.text, /ERR_EVIDENCE_(?:PACK|VERSION|TOO_LARGE)/, `byte ${at}`);
      assert.equal(found.exitCode, 3);
    }
  });
});

describe('a pack that was rewritten', () => {
  for (const [why, edit, { exitCode, shows }] of SKILFUL) {
    test(`${why}: exit code ${exitCode}`, async () => {
      const pack = unpack(project.file('good.pack'));
      edit(pack);
      const found = await verify(compress(repack(pack)));
      assert.match(found.text, shows);
      assert.equal(found.exitCode, exitCode, found.text);
    });

    test(`${why}: refused whole where the pack is pinned`, async () => {
      const pack = unpack(project.file('good.pack'));
      edit(pack);
      const text = repack(pack);
      if (digestOf(text) === digest) return;
      const found = await verify(compress(text), [`--evidence-digest=sha256:${digest}`]);
      assert.match(found.text, /ERR_EVIDENCE_DIGEST/);
      assert.equal(found.exitCode, 3);
    });
  }

  const whole = (change: (text: string) => string | Uint8Array): Uint8Array =>
    compress(change(repack(unpack(project.file('good.pack')))));
  const HOSTILE: readonly (readonly [why: string, bytes: () => Uint8Array, shows: RegExp])[] = [
    [
      'a key twice in the header',
      () => whole((text) => text.replace('{"format"', '{"format":"x","format"')),
      /duplicate|twice/,
    ],
    [
      'bytes that are no UTF-8 in the header',
      () => whole((text) => Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from(`"}\n${text}`)])),
      /not valid UTF-8/,
    ],
    [
      'a header that is deep',
      () => whole((text) => `${'['.repeat(100)}${']'.repeat(100)}\n${text}`),
      /ERR_EVIDENCE_PACK/,
    ],
    ['an empty line', () => whole((text) => `${text}\n`), /does not begin with a key and a part/],
    ['no line at all', () => compress('\n'), /ERR_EVIDENCE_PACK/],
    [
      'a key that is no ASCII',
      () => whole((text) => text.replace('"debug","2.6.9"],"part":"documents"', '"dеbug","2.6.9"],"part":"documents"')),
      /has a key that is none/,
    ],
  ];
  for (const [why, bytes, shows] of HOSTILE) {
    test(`${why}: exit code 3`, async () => {
      const found = await verify(bytes());
      assert.match(found.text, /ERR_EVIDENCE_PACK/);
      assert.match(found.text, shows);
      assert.equal(found.exitCode, 3);
    });
  }

  test('an answer nested a thousand deep: that package is undecided', async () => {
    const pack = unpack(project.file('good.pack'));
    let deep: unknown = 'x';
    for (let level = 0; level < 1000; level++) deep = [deep];
    lineOf(pack, 'documents', 'ms').value = { value: deep };
    const found = await verify(compress(repack(pack)));
    assert.match(found.text, /ERR_EVIDENCE_PACK[^]*not strict JSON/);
    assert.equal(found.exitCode, 3);
  });
});

describe('whom a pack makes believe', () => {
  const rootless = ['--registry-keys=keys.json'];

  test('its own trusted root counts for nothing unless it is pinned', async () => {
    const found = await verify(fs.readFileSync(project.file('good.pack')), rootless);
    assert.match(found.text, /ERR_TRUSTED_ROOT The evidence pack was made with another trusted root than yours/);
    assert.equal(found.exitCode, 3);
    const pinned = await verify(fs.readFileSync(project.file('good.pack')), [`--evidence-digest=sha256:${digest}`]);
    assert.equal(pinned.exitCode, 0, pinned.text);
  });

  test('a root that the user gives counts before the one in a pinned pack', async () => {
    const other = await openEvidenceProject();
    fs.copyFileSync(other.file('root.json'), project.file('other-root.json'));
    await other.close();
    const options = [`--evidence-digest=sha256:${digest}`, '--trusted-root=other-root.json'];
    const found = await verify(fs.readFileSync(project.file('good.pack')), options);
    assert.match(found.text, /contradicted +3/);
    assert.equal(found.exitCode, 1);
  });

  test('what was read in tarballs counts for nothing unless the pack is pinned', async () => {
    const good = fs.readFileSync(project.file('good.pack'));
    const found = await verify(good, [...TRUST, '--tarballs']);
    assert.match(found.text, /ERR_EVIDENCE_UNPINNED/);
    assert.equal(found.exitCode, 3);
    const pinned = await verify(good, [`--evidence-digest=sha256:${digest}`, '--tarballs']);
    assert.match(pinned.text, /edges +4 by tarball/);
    assert.equal(pinned.exitCode, 0);
  });

  test('evidence from one registry answers for no other', async () => {
    const found = await verify(fs.readFileSync(project.file('good.pack')), [
      ...TRUST,
      '--registry=https://npm.example/',
    ]);
    assert.match(found.text, /ERR_EVIDENCE_MISSING[^]*of https:\/\/npm\.example\//);
    assert.notEqual(found.exitCode, 0);
  });
});
