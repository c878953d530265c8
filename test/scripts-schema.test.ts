// What `lockseal scripts --json` prints, against the schema that is published for it: the document of the transcript, which a
// real run printed, and one with everything that can be unknown.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { scriptsJson, type ScriptReport } from '../packages/cli/src/scripts/render-scripts.ts';

const root = path.join(import.meta.dirname, '..');
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const schema = JSON.parse(read('packages/report/schema/scripts-v1.json')) as Record<string, unknown>;
const isValid = new Ajv2020({ allErrors: true, strict: true }).compile(schema);

type Document = { packages: Record<string, unknown>[] } & Record<string, unknown>;

/** The one JSON document of the transcript, with its placeholders filled. */
function printed(): Document {
  const [, text = ''] = /^(\| \{\n(?:\| .*\n)*?\| \}\n)/m.exec(read('test/cli/scripts.txt')) ?? [];
  return JSON.parse(text.replaceAll(/^\| /gm, '').replaceAll('[DIGEST]', 'a'.repeat(64))) as Document;
}

const UNKNOWN: ScriptReport = {
  lockfile: { path: 'yarn.lock', sha256: 'a'.repeat(64) },
  policy: undefined,
  entries: 2,
  packages: [
    {
      name: 'forked',
      version: undefined,
      purl: 'pkg:npm/forked',
      path: undefined,
      entries: 1,
      proof: 'lockfile',
      scripts: [{ name: 'prepare and install scripts', text: undefined }],
      sha256: undefined,
      commit: 'c'.repeat(40),
      permit: {
        sha256: undefined,
        commit: 'c'.repeat(40),
        network: [],
        outputs: undefined,
        env: ['CC'],
        timeout: 1,
        memory: 1,
      },
    },
  ],
  unread: [{ name: 'lost', version: undefined, path: ['.', 'lost'], reason: 'status 404' }],
};

describe('the schema of `lockseal scripts --json`', () => {
  test('knows what a run prints', () => {
    const document = printed();
    assert.equal(document.packages.length, 3);
    assert.ok(isValid(document), JSON.stringify(isValid.errors));
  });

  test('knows what is not known', () => {
    assert.ok(isValid(JSON.parse(scriptsJson(UNKNOWN))), JSON.stringify(isValid.errors));
  });

  const broken: readonly (readonly [why: string, change: (document: Document) => void])[] = [
    ['an unknown member', (document) => (document['more'] = 1)],
    ['an unknown member of a package', ({ packages: [first] }) => Object.assign(first ?? {}, { more: 1 })],
    ['another schema', (document) => (document['schema'] = 'https://lockseal.dev/schema/scripts/v2')],
    ['no policy, instead of null', (document) => delete document['policy']],
    ['a digest that is none', ({ packages: [first] }) => Object.assign(first ?? {}, { sha256: 'abc' })],
    ['a proof that nobody gives', ({ packages: [first] }) => Object.assign(first ?? {}, { proof: 'hearsay' })],
    ['grants that lack one', ({ packages: [first] }) => Object.assign(first ?? {}, { grants: { network: [] } })],
    ['a package without a script', ({ packages: [first] }) => Object.assign(first ?? {}, { scripts: [] })],
  ];
  for (const [why, change] of broken) {
    test(`refuses ${why}`, () => {
      const document = printed();
      change(document);
      assert.equal(isValid(document), false);
    });
  }

  test('has the name that documents carry', () => {
    assert.equal(schema['$id'], printed()['schema']);
  });
});
