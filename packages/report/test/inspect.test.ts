import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ansiStyle, renderAttestation, type InspectedAttestation } from '@lockseal/report';
import { keyAttestation, unverifiedAttestation, verifiedAttestation } from './sample.ts';

describe('golden', () => {
  const cases: Record<string, string> = {
    'attestation-verified': renderAttestation(verifiedAttestation),
    'attestation-verified-colour': renderAttestation(verifiedAttestation, { style: ansiStyle(), columns: 120 }),
    'attestation-unverified': renderAttestation(unverifiedAttestation),
    'attestation-key': renderAttestation(keyAttestation),
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, (t) => {
      t.assert.fileSnapshot(text, path.join(import.meta.dirname, 'golden', `${name}.txt`), { serializers: [String] });
    });
  }
});

describe('an unverified attestation', () => {
  const text = renderAttestation(unverifiedAttestation);
  const lines = text.split('\n');

  test('says so first, and why', () => {
    assert.equal(lines[0], 'x UNVERIFIED');
    assert.match(lines[1] ?? '', /provenance-invalid: no subject/);
  });

  test('only claims: no heading says otherwise', () => {
    const headings = lines.slice(3).filter((line) => /^\S/.test(line) && line !== 'bundle');
    assert.ok(headings.length >= 4);
    for (const heading of headings) assert.match(heading, / \(claimed\)$/);
  });

  test('never holds the word of the other outcome', () => {
    assert.doesNotMatch(text, /\bVERIFIED/);
  });
});

describe('a statement of any shape is rendered', () => {
  const shapes: readonly unknown[] = [
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { subject: {} },
    { subject: [null, { digest: 1 }, { name: {}, digest: { sha512: {} } }] },
    { predicateType: 'https://slsa.dev/provenance/v1' },
    { predicateType: 'https://slsa.dev/provenance/v1', predicate: { buildDefinition: [], runDetails: 3 } },
    { predicateType: 'https://slsa.dev/provenance/v0.2', predicate: null },
    { predicateType: 'constructor', predicate: {} },
    JSON.parse('{"predicateType": "__proto__", "predicate": {"__proto__": {"name": "x"}}}'),
  ];
  for (const statement of shapes) {
    test(JSON.stringify(statement) ?? 'undefined', () => {
      assert.match(renderAttestation({ ...verifiedAttestation, statement }), /VERIFIED[^]*\nsays\n {2}predicate/);
    });
  }

  test('thousands of subjects are counted, not listed', () => {
    const subject = Array.from({ length: 5000 }, () => ({ name: 'a', digest: {} }));
    const text = renderAttestation({ ...verifiedAttestation, statement: { subject } });
    assert.match(text, /and 4980 more \(use --json\)/);
  });
});

test('hostile text never reaches the terminal as more than text', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u001B[2J', '\u202E', '::error::x', '\n'));
  const attestation = fc
    .record({ text, statement: fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), fc.constant(undefined)) })
    .map((given): InspectedAttestation => ({
      ...unverifiedAttestation,
      source: given.text,
      check: { status: 'unverified', code: undefined, reason: given.text },
      signer: { type: 'key', keyid: given.text, origin: undefined },
      signedAt: given.text,
      statement: {
        ...unverifiedAttestation,
        predicateType: given.text,
        subject: [{ name: given.text }, given.statement],
      },
    }));
  fc.assert(
    fc.property(attestation, (one) => {
      const shown = renderAttestation(one);
      assert.doesNotMatch(shown, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]/u);
      assert.doesNotMatch(shown, /^\s*::/m);
    }),
  );
});
