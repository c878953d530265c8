import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { FINDING_CODES, type CheckResult, type Evidence } from '@lockseal/core';
import {
  ATTESTATION_SCHEMA,
  REPORT_SCHEMA,
  renderAttestationJson,
  renderJson,
  type InspectedAttestation,
  type Report,
} from '@lockseal/report';
import { evidenceOf, locked, signedChecks, verificationOf } from '../../../test/support/verification.ts';
import { empty, good, keyAttestation, rich, undecided, unverifiedAttestation, verifiedAttestation } from './sample.ts';

const folder = path.join(import.meta.dirname, '..', 'schema');
const read = (name: string): Record<string, unknown> => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
const ajv = new Ajv2020({ strict: true, allErrors: true });
const validReport = ajv.compile(read('report-v1.json'));
const validAttestation = ajv.compile(read('attestation-v1.json'));

function parsed(report: Report): Record<string, unknown> {
  const value: Record<string, unknown> = JSON.parse(renderJson(report));
  assert.ok(validReport(value), ajv.errorsText(validReport.errors));
  return value;
}

const statuses: readonly Exclude<CheckResult, { status: 'verified' }>[] = [
  { status: 'invalid', code: 'signature-invalid', reason: 'r' },
  { status: 'unavailable', error: 'ERR_NETWORK', reason: 'r' },
  { status: 'absent', reason: 'r' },
  { status: 'not-applicable', reason: 'r' },
];
const checkNames = Object.keys(signedChecks()) as (keyof Evidence['checks'])[];

describe('the report', () => {
  for (const [name, report] of Object.entries({ rich, good, undecided, empty })) {
    test(`${name} is valid, and the same bytes each time`, (t) => {
      parsed(report);
      const text = renderJson(report);
      assert.equal(renderJson(structuredClone(report)), text);
      const file = path.join(import.meta.dirname, 'golden', `${name}.json.txt`);
      t.assert.fileSnapshot(text, file, { serializers: [String] });
    });
  }

  for (const check of checkNames) {
    for (const result of statuses) {
      test(`${check} may be ${result.status}`, () => {
        const checks = signedChecks({ [check]: result });
        const value = parsed({ ...good, verification: verificationOf([evidenceOf(locked('a', '1.0.0'), { checks })]) });
        assert.deepEqual((value['evidence'] as { checks: object }[])[0]?.checks, { ...checks });
      });
    }
  }

  test('every code of the table is a valid code', () => {
    const observations = Object.keys(FINDING_CODES).map((code) => ({ code: code as keyof typeof FINDING_CODES }));
    parsed({ ...good, verification: verificationOf([evidenceOf(locked('a', '1.0.0'), { observations })]) });
  });

  test('members that the model gains do not leak into version 1', () => {
    const extra = { unheardOf: true };
    const { verification } = rich;
    parsed({
      ...rich,
      ...extra,
      verification: {
        ...verification,
        ...extra,
        lockfile: { ...verification.lockfile, ...extra },
        evidence: verification.evidence.map((one) => ({ ...one, ...extra })),
      },
      findings: rich.findings.map((one) => ({ ...one, ...extra })),
    });
  });

  test('untrusted text survives unchanged, and printing it is harmless', () => {
    const text = '\u001B[31m\u202E\u009B\u2028\u{E0041}\uFEFF\uD800 "\\ é';
    const json = renderJson({ ...good, warnings: [text] });
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(json, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]|[\p{Bidi_Control}\p{Zl}\p{Cf}]/u);
    assert.deepEqual((JSON.parse(json) as Report).warnings, [text]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        assert.deepEqual(parsed({ ...good, warnings: [any] })['warnings'], [any]);
      }),
    );
  });
});

describe('the attestation', () => {
  const samples: Record<string, InspectedAttestation> = { verifiedAttestation, unverifiedAttestation, keyAttestation };
  for (const [name, attestation] of Object.entries(samples)) {
    test(`${name} is valid, with the statement unchanged`, () => {
      const value: { statement: unknown } = JSON.parse(renderAttestationJson(attestation));
      assert.ok(validAttestation(value), ajv.errorsText(validAttestation.errors));
      assert.deepEqual(value.statement, attestation.statement);
    });
  }

  test('is one line, so that several make a stream', () => {
    assert.match(renderAttestationJson(verifiedAttestation), /^[^\n]+\n$/);
  });

  test('a payload that is no JSON is null', () => {
    const value: { statement: unknown } = JSON.parse(
      renderAttestationJson({ ...verifiedAttestation, statement: undefined }),
    );
    assert.ok(validAttestation(value));
    assert.equal(value.statement, null);
  });
});

describe('the schemas', () => {
  const schemas = { 'report-v1.json': REPORT_SCHEMA, 'attestation-v1.json': ATTESTATION_SCHEMA };
  for (const [file, id] of Object.entries(schemas)) {
    test(`${file} has the name that documents carry`, () => {
      const schema = read(file) as { $id: string; properties: { schema: unknown } };
      assert.equal(schema.$id, id);
      assert.deepEqual(schema.properties.schema, { const: id });
    });

    test(`${file} allows no member that it does not name, anywhere`, () => {
      assert.deepEqual(loose(read(file), file), []);
    });
  }

  const broken: readonly (readonly [why: string, change: (value: Record<string, unknown>) => void])[] = [
    ['an unknown member', (value) => (value['more'] = 1)],
    ['another schema name', (value) => (value['schema'] = 'https://lockseal.dev/schema/report/v2')],
    ['a missing verdict', (value) => delete value['verdict']],
    ['an unknown verdict', (value) => (value['verdict'] = 'safe')],
    ['a member deep inside', (value) => Object.assign((value['trust'] as { root: object }).root, { more: 1 })],
    ['a time without a zone', (value) => (value['verifiedAt'] = '2026-11-22T10:00:00')],
  ];
  for (const [why, change] of broken) {
    test(`report-v1.json refuses ${why}`, () => {
      const value = parsed(rich);
      change(value);
      assert.equal(validReport(value), false);
    });
  }
});

/** Places of object schemas that do not close themselves. */
function loose(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, additionalProperties } = schema as { type?: unknown; additionalProperties?: unknown };
  const here = type === 'object' && additionalProperties !== false ? [at] : [];
  return [...here, ...Object.entries(schema).flatMap(([key, inner]) => loose(inner, `${at}/${key}`))];
}
