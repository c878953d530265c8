// Holds the published schema, the reader and each other.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { policySchema, PRESETS } from '@lockseal/policy';
import { load } from './support/load.ts';

const file = path.join(import.meta.dirname, '../schema/policy-v1.json');
const validate = new Ajv2020({ strict: false }).compile(policySchema());

test('schema/policy-v1.json is what the reader reads; LOCKSEAL_UPDATE_SCHEMA=1 writes it', () => {
  const schema = policySchema();
  if (process.env['LOCKSEAL_UPDATE_SCHEMA'] === '1') fs.writeFileSync(file, JSON.stringify(schema, null, 2));
  assert.deepEqual(JSON.parse(fs.readFileSync(file, 'utf8')), schema);
});

/** What both must take, and what both must refuse. */
const documents: readonly (readonly [why: string, text: string, good: boolean])[] = [
  ...[...PRESETS].map(([name, text]) => [`the preset ${name}`, text, true] as const),
  ['the least', 'version: 1', true],
  ['levels', 'version: 1\nrules: {source: error, deprecated: off}', true],
  ['options', 'version: 1\nrules: {release-age: {level: warn, minAge: P3D, except: ["@acme/*"]}}', true],
  ['a list where one text will do', 'version: 1\nextends: [baseline, ./x.yaml]', true],
  ['scripts', `version: 1\nrules: {install-scripts: {allow: [{package: a@^1, sha256: ${'a'.repeat(64)}}]}}`, true],
  ['an identity', 'version: 1\nidentities: {a: {issuer: i, repository: r, ref: {pattern: ^x$}}}', true],
  ['two identities', 'version: 1\nidentities: {a: [{issuer: i, san: r}, {issuer: j, san: r}]}', true],
  ['a custom rule', 'version: 1\ncustom: [{name: a, when: pkg.direct, message: m, packages: a}]', true],
  ['a waiver', 'version: 1\nwaivers: [{package: a, rule: source, reason: r, who: w, expires: "2026-12-01"}]', true],
  ['trust', 'version: 1\ntrust: {origins: [tuf], maxAge: P30D}', true],
  [
    'an override',
    'version: 1\noverrides: [{packages: [a, b], rules: {source: {registries: ["https://r.test/"]}}}]',
    true,
  ],
  ['no version', 'rules: {}', false],
  ['an unknown key', 'version: 1\nrulez: {}', false],
  ['an unknown rule', 'version: 1\nrules: {sources: error}', false],
  ['an unknown level', 'version: 1\nrules: {source: bad}', false],
  ['an unknown option', 'version: 1\nrules: {source: {minAge: P1D}}', false],
  ['a bad duration', 'version: 1\nrules: {release-age: {minAge: 3d}}', false],
  ['a bad registry', 'version: 1\nregistries: [r.test]', false],
  ['something to extend that is no text', 'version: 1\nextends: 3', false],
  ['a waiver without an end', 'version: 1\nwaivers: [{package: a, rule: source, reason: r, who: w}]', false],
  ['an override without packages', 'version: 1\noverrides: [{rules: {}}]', false],
  ['an identity without an issuer', 'version: 1\nidentities: {a: {repository: r}}', false],
  ['a short digest', 'version: 1\nrules: {install-scripts: {allow: [{package: a, sha256: abc}]}}', false],
];

describe('schema and reader agree', () => {
  for (const [why, text, good] of documents) {
    test(`${good ? 'take' : 'refuse'} ${why}`, async () => {
      const read = await load(text, { './x.yaml': 'version: 1' });
      assert.equal(read.status === 'ok', good, JSON.stringify(read.status === 'invalid' && read.problems));
      assert.equal(validate(parse(text)), good, JSON.stringify(validate.errors));
    });
  }
});
