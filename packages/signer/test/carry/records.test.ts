import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { JsonNode, ShapeError, type DeclaredDependencies } from '@lockseal/core';
import { decodeRecords, encodeRecords } from '../../src/carry/records.ts';
import { fromRequirements, toRequirements } from '../../src/carry/recorded.ts';
import { encodeStatement, readPackageRecords } from '../../src/index.ts';
import { approval, sample } from '../support/sample.ts';

const table = fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 }).map((each) => new Map(Object.entries(each)));
const names = fc.array(fc.string(), { maxLength: 3 });
const declared: fc.Arbitrary<DeclaredDependencies> = fc.record(
  {
    dependencies: table,
    optionalDependencies: table,
    peerDependencies: table,
    optionalPeers: names,
    bundleDependencies: names,
    usesGyp: fc.boolean(),
  },
  { noNullPrototype: true },
);

const packed = (text: string | Uint8Array): string => deflateSync(text).toString('base64');
const decode = (text: unknown, count: number): unknown => decodeRecords(new JsonNode(text, 'records'), count);

describe('what approvals record of manifests', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.option(declared, { nil: null }), { maxLength: 4 }), (all) => {
        const records = all.map((each) => each && { requires: toRequirements(each), reach: ['direct dev'] });
        const read = decodeRecords(new JsonNode(encodeRecords(records), 'records'), all.length);
        assert.deepEqual(
          read.map((each) => each && fromRequirements(each.requires)),
          all,
        );
      }),
    );
  });

  test('keeps names that objects have of their own', () => {
    const requires = {
      dependencies: Object.fromEntries([
        ['__proto__', '1'],
        ['constructor', '2'],
      ]),
    };
    const [record] = decodeRecords(new JsonNode(encodeRecords([{ requires }]), 'records'), 1);
    assert.deepEqual(
      [...fromRequirements(record?.requires ?? {}).dependencies],
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    );
  });

  const bad: readonly (readonly [why: string, text: unknown, count: number])[] = [
    ['no text', 1, 1],
    ['no base64', '*', 1],
    ['nothing', '', 0],
    ['no zlib stream', Buffer.from('{}').toString('base64'), 1],
    ['another compression', gzipSync('[null]').toString('base64'), 1],
    ['a stream that is cut off', packed('[null]').slice(0, 8), 1],
    ['a stream that grows beyond all bounds', packed(Buffer.alloc(65 * 1024 * 1024, ' ')), 1],
    ['no list', packed('{}'), 0],
    ['fewer than packages', packed('[null]'), 2],
    ['more than packages', packed('[null,null]'), 1],
    ['a record without requirements', packed('[{}]'), 1],
    ['a specifier that is no text', packed('[{"requires":{"dependencies":{"ms":1}}}]'), 1],
    ['a flag that is none', packed('[{"requires":{"usesGyp":false}}]'), 1],
    ['a way that is no text', packed('[{"requires":{},"reach":[1]}]'), 1],
  ];
  for (const [why, text, count] of bad) {
    test(`is refused where it is ${why}`, () => {
      assert.throws(() => decode(text, count), ShapeError);
    });
  }

  test('is refused with a code where JSON is read differently by others', () => {
    const statement = approval({ ...sample('lockfile', ['ms']), registryKeys: '89'.repeat(32) });
    const { packageSet } = statement.predicate;
    for (const records of [packed('[null,]'), packed('[{"requires":{},"requires":{}}]'), 'x']) {
      const predicate = { ...statement.predicate, packageSet: { ...packageSet, records } };
      assert.throws(() => readPackageRecords(encodeStatement({ ...statement, predicate })), { code: 'ERR_STATEMENT' });
    }
  });

  test('is missing from an approval that nothing can be carried from', () => {
    const statement = approval(sample('lockfile', ['ms', 'tool']));
    assert.equal(statement.predicate.packageSet.records, undefined);
    assert.deepEqual(readPackageRecords(encodeStatement(statement)), [null, null]);
  });
});
