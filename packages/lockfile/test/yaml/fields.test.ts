import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError, type ErrorCode } from '@lockseal/core';
import { readFields, type Fields } from '../../src/yaml/fields.ts';

const read = (text: string): Fields => readFields({ path: 'f.yaml', text, linesBefore: 0 }).fields;

describe('Fields', () => {
  const wrong: readonly (readonly [why: string, text: string, get: (fields: Fields) => unknown, line: number])[] = [
    ['a mapping for text', 'a:\n  b: c\n', (fields) => fields.text('a'), 1],
    ['nothing for text', 'x: y\na:\n', (fields) => fields.text('a'), 2],
    ['text for a mapping', 'x: y\na: b\n', (fields) => fields.child('a'), 2],
    ['a list for a mapping', 'a: [b]\n', (fields) => fields.child('a'), 1],
    ['a mapping for a list', 'a: {b: c}\n', (fields) => fields.list('a'), 1],
    ['a list of lists', 'a: [[b]]\n', (fields) => fields.list('a'), 1],
    ['a table of mappings', 'a:\n  b:\n    c: d\n', (fields) => fields.table('a'), 2],
    ['a flag that is neither', 'a: yes\n', (fields) => fields.flag('a'), 1],
    ['texts for mappings', 'a: [b]\n', (fields) => fields.items('a'), 1],
  ];
  for (const [why, text, get, line] of wrong) {
    test(`refuses ${why} and says where`, () => {
      assert.throws(() => get(read(text)), refusal('ERR_LOCKFILE_FIELD', line));
    });
  }

  for (const text of ['', 'a\n', '- a\n', "'a'\n"]) {
    test(`refuses a document that is no mapping: ${JSON.stringify(text)}`, () => {
      assert.throws(() => read(text), refusal('ERR_LOCKFILE_FIELD', 1));
    });
  }

  test('does not find what JavaScript objects inherit', () => {
    const fields = read('a: b\n');
    assert.equal(fields.has('constructor'), false);
    assert.equal(fields.text('toString'), undefined);
  });

  test('finds keys in any order, however they are written', () => {
    const rest = Array.from({ length: 30 }, (_, index) => `k${index}:\n  x: y\n`).join('');
    const fields = read(`'q@1': a\n"d": b\n? e\n: c\n5: five\n${rest}`);
    const lineOf = (key: string): number | undefined => fields.position(key)?.line;
    assert.deepEqual(['k29', 'd', 'q@1', 'k0', 'e', '5', 'none'].map(lineOf), [64, 2, 1, 6, 3, 5, undefined]);
    assert.deepEqual(fields.child('k3')?.position('x'), { line: 13, column: 3 });
  });

  test('reads each shape', () => {
    const fields = read('t: b\nf: true\nl: [a, b]\none: a\nm:\n  x: y\ni:\n  - k: v\n');
    assert.equal(fields.text('t'), 'b');
    assert.equal(fields.flag('f'), true);
    assert.equal(fields.flag('missing'), false);
    assert.deepEqual(fields.list('l'), ['a', 'b']);
    assert.deepEqual(fields.list('one'), ['a']);
    assert.deepEqual([...fields.table('m')], [['x', 'y']]);
    assert.deepEqual(
      fields.items('i').map((item) => item.text('k')),
      ['v'],
    );
  });
});

function refusal(code: ErrorCode, line: number): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof LocksealError, String(thrown));
    assert.deepEqual([thrown.code, thrown.details.position?.line], [code, line]);
    return true;
  };
}
