import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fromTable, tableText, type Table } from '../../src/json/table.ts';

interface Row {
  readonly a: fc.JsonValue | undefined;
  readonly b: fc.JsonValue | undefined;
}

describe('rows as a table', () => {
  test('come back as they were, through text', () => {
    const member = fc.option(fc.jsonValue({ noUnicodeString: false }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.record({ a: member, b: member })), (rows: Row[]) => {
        const table = parsed(tableText(rows, ['a', 'b']));
        const expected = rows.map(({ a, b }) => ({ a: plain(a), b: plain(b) }));
        assert.deepEqual(fromTable<Row>(table, ['a', 'b']), expected);
      }),
    );
  });

  test('hold each value once, and one object for it', () => {
    const rows = Array.from({ length: 3 }, () => ({ a: { same: true }, b: 'same' }));
    const table = parsed(tableText(rows, ['a', 'b']));
    assert.deepEqual(table.values, [{ same: true }, 'same']);
    const [first, , last] = fromTable<(typeof rows)[number]>(table, ['a', 'b']);
    assert.equal(first?.a, last?.a);
  });

  test('hold no member that nobody named, and every named one of every row', () => {
    const rows: { a?: number; b?: number }[] = [{ a: 1, b: 2 }, {}];
    assert.deepEqual(fromTable(parsed(tableText(rows, ['b'])), ['b']), [{ b: 2 }, { b: undefined }]);
    assert.deepEqual(fromTable(parsed(tableText([], ['b'])), ['b']), []);
  });
});

function parsed(text: string): Table {
  return JSON.parse(text) as Table;
}

/** JSON has no -0. */
function plain(value: fc.JsonValue | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
