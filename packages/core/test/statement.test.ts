import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bindSubject, parseStatement, STATEMENT_PAYLOAD_TYPE, type Statement } from '@lockseal/core';

const sha512 = 'ab'.repeat(64);
const other = 'cd'.repeat(64);
const purl = 'pkg:npm/%40acme/widgets@1.2.3';
const genuine = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: purl, digest: { sha512 } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: { a: 1 },
};

function parse(statement: unknown, payloadType = STATEMENT_PAYLOAD_TYPE): ReturnType<typeof parseStatement> {
  return parseStatement(
    payloadType,
    Buffer.from(typeof statement === 'string' ? statement : JSON.stringify(statement)),
  );
}

function parsed(statement: unknown): Statement {
  const result = parse(statement);
  assert.ok(result.status === 'ok', JSON.stringify(result));
  return result.statement;
}

describe('parseStatement', () => {
  test('both versions, with and without predicate', () => {
    for (const type of ['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1']) {
      const { predicateType, subjects, predicate } = parsed({ ...genuine, _type: type });
      assert.equal(predicateType, genuine.predicateType);
      assert.deepEqual(subjects, [{ name: purl, digests: new Map([['sha512', sha512]]) }]);
      assert.equal(predicate.member('a').value, 1);
    }
    assert.deepEqual(parsed({ ...genuine, predicate: undefined }).predicate.value, {});
  });

  const refused: readonly { why: string; statement: unknown; reason: RegExp }[] = [
    { why: 'no JSON', statement: 'x', reason: /^the statement is not strict JSON/ },
    {
      why: 'a key twice',
      statement: JSON.stringify(genuine).replace('{', '{"subject":[],'),
      reason: /"subject" occurs twice/,
    },
    { why: 'a list', statement: [], reason: /is not an object/ },
    { why: 'no type', statement: { ...genuine, _type: undefined }, reason: /_type is missing/ },
    {
      why: 'an unknown type',
      statement: { ...genuine, _type: 'https://in-toto.io/Statement/v0.9' },
      reason: /of no known version/,
    },
    {
      why: 'a type with a slash more',
      statement: { ...genuine, _type: 'https://in-toto.io/Statement/v1/' },
      reason: /of no known version/,
    },
    {
      why: 'no predicate type',
      statement: { ...genuine, predicateType: undefined },
      reason: /predicateType is missing/,
    },
    {
      why: 'a predicate type that is no text',
      statement: { ...genuine, predicateType: 1 },
      reason: /predicateType is not a string/,
    },
    { why: 'no subjects', statement: { ...genuine, subject: undefined }, reason: /subject is missing/ },
    { why: 'an empty list of subjects', statement: { ...genuine, subject: [] }, reason: /subject is empty/ },
    {
      why: 'a subject without digest',
      statement: { ...genuine, subject: [{ name: purl }] },
      reason: /subject\[0\]\.digest is missing/,
    },
    {
      why: 'a digest that is no text',
      statement: { ...genuine, subject: [{ name: purl, digest: { sha512: 1 } }] },
      reason: /sha512 is not a string/,
    },
    {
      why: 'a digest cut short',
      statement: { ...genuine, subject: [{ name: purl, digest: { sha512: 'ab' } }] },
      reason: /is not a sha512/,
    },
    {
      why: 'a name that is no text',
      statement: { ...genuine, subject: [{ name: {}, digest: { sha512 } }] },
      reason: /subject\[0\]\.name is not a string/,
    },
    {
      why: 'more subjects than anyone has',
      statement: { ...genuine, subject: Array.from({ length: 4097 }, () => genuine.subject[0]) },
      reason: /has 4097 elements/,
    },
  ];
  for (const { why, statement, reason } of refused) {
    test(`refuses ${why}`, () => {
      const result = parse(statement);
      assert.ok(result.status === 'malformed');
      assert.match(result.reason, reason);
    });
  }

  for (const type of [
    'application/json',
    'application/vnd.in-toto',
    'APPLICATION/VND.IN-TOTO+JSON',
    `${STATEMENT_PAYLOAD_TYPE};v=1`,
    '',
  ]) {
    test(`refuses the payload type ${JSON.stringify(type)}`, () => {
      assert.deepEqual(parse(genuine, type), {
        status: 'malformed',
        reason: `the payload type is ${JSON.stringify(type)}`,
      });
    });
  }
});

describe('bindSubject', () => {
  const named = (name: string | undefined, digest: object = { sha512 }): object => ({ name, digest });
  const vectors: readonly { why: string; subjects: readonly object[]; expected: string }[] = [
    { why: 'name and digest', subjects: [named(purl)], expected: 'bound' },
    { why: 'among others', subjects: [named('pkg:npm/a@1.0.0', { sha512: other }), named(purl)], expected: 'bound' },
    { why: 'the same subject twice', subjects: [named(purl), named(purl)], expected: 'bound' },
    { why: 'the right name, other bytes', subjects: [named(purl, { sha512: other })], expected: 'other-digest' },
    {
      why: 'the right name, another algorithm',
      subjects: [named(purl, { sha256: 'ab'.repeat(32) })],
      expected: 'other-digest',
    },
    { why: 'the right bytes, another name', subjects: [named('pkg:npm/a@1.0.0')], expected: 'other-name' },
    { why: 'the right bytes, no name', subjects: [named(undefined)], expected: 'other-name' },
    { why: 'another spelling of the name', subjects: [named('pkg:npm/@acme/widgets@1.2.3')], expected: 'other-name' },
    { why: 'another case of the name', subjects: [named(purl.toUpperCase())], expected: 'other-name' },
    { why: 'a name with something after it', subjects: [named(`${purl}?x=y`)], expected: 'other-name' },
    { why: 'neither', subjects: [named('pkg:npm/a@1.0.0', { sha512: other })], expected: 'unrelated' },
    {
      why: 'both, on different subjects',
      subjects: [named(purl, { sha512: other }), named('pkg:npm/a@1.0.0')],
      expected: 'other-digest',
    },
    {
      why: 'the name with these and with other bytes',
      subjects: [named(purl), named(purl, { sha512: other })],
      expected: 'conflicting',
    },
    {
      why: 'the name with these bytes and with none',
      subjects: [named(purl), named(purl, {})],
      expected: 'conflicting',
    },
  ];
  for (const { why, subjects, expected } of vectors) {
    test(why, () => {
      const binding = bindSubject(parsed({ ...genuine, subject: subjects }), purl, sha512);
      assert.equal(binding.status === 'bound' ? 'bound' : binding.fault, expected);
    });
  }
});
