// The SBOM of a release, against the schema that CycloneDX publishes (a copy comes with the library that writes it).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import { renderSbom } from '../../packages/signer/src/index.ts';
import { approval, sample } from '../../packages/signer/test/support/sample.ts';

const library = createRequire(new URL('../../packages/signer/package.json', import.meta.url)).resolve(
  '@cyclonedx/cyclonedx-library',
);
const [root = ''] = library.split(`${path.sep}dist.`);
const schema = (name: string): object =>
  JSON.parse(readFileSync(path.join(root, 'res', 'schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;

const SCHEMAS = 'http://cyclonedx.org/schema/';

let validate: ValidateFunction;
before(() => {
  const formats = {
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)) && /T.*(?:Z|[+-]\d\d:\d\d)$/.test(text),
    'iri-reference': (text: string) => !/[\s<>"{}|\\^`]/.test(text),
    'idn-email': true,
  } as const;
  // The schema has words of its own (meta:enum, deprecated).
  const ajv = new Ajv({ strict: false, allErrors: true, formats });
  // Under the names by which the schema of documents refers to them.
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema({ ...schema(name), $id: `${SCHEMAS}${name}.SNAPSHOT.schema.json` });
  validate = ajv.compile(schema('bom-1.6'));
});

describe('an SBOM', () => {
  for (const names of [['ms', '@scope/tool'], ['a'], []]) {
    test(`is valid CycloneDX 1.6 with ${names.length} packages`, async () => {
      const text = await renderSbom(approval(sample('lockfile', names)));
      const isValid = validate(JSON.parse(text));
      assert.ok(isValid, JSON.stringify(validate.errors, null, 2));
    });
  }

  const broken: readonly (readonly [why: string, change: (bom: Record<string, unknown>) => void])[] = [
    ['a component has no name', (bom) => delete (bom['components'] as Record<string, unknown>[])[0]?.['name']],
    [
      'a digest is no digest',
      (bom) => Object.assign((bom['components'] as object[])[0] ?? {}, { hashes: [{ alg: 'SHA-512', content: 'x' }] }),
    ],
    ['a member is none of the format', (bom) => Object.assign(bom, { approved: true })],
    ['the time is none', (bom) => Object.assign(bom['metadata'] as object, { timestamp: 'today' })],
  ];
  for (const [why, change] of broken) {
    test(`would not be valid where ${why}`, async () => {
      const bom = JSON.parse(await renderSbom(approval())) as Record<string, unknown>;
      change(bom);
      assert.equal(validate(bom), false);
    });
  }
});
