// docs/security-testing.md promises, and says which test holds it to that: every row of its tables names one that is
// there, every test of this folder is named, and every defence of scripts/defences/table.ts is still where it was.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { DEFENCES } from '../../scripts/defences/table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = fs.readFileSync(path.join(root, 'docs/security-testing.md'), 'utf8');

interface Row {
  readonly attack: string;
  readonly promise: string;
  readonly tests: readonly string[];
}

/** Of the tables whose columns are attack (or event), promise, test and figure. */
function rowsOf(text: string): readonly Row[] {
  const tables = text
    .split(/\n(?!\|)/)
    .filter((block) => /^\n?\| (?:attack|event) \| promise \| test \|/.test(block.trim()));
  return tables.flatMap((table) => {
    const [, , ...lines] = table.trim().split('\n');
    return lines.map((line) => {
      const [, attack = '', promise = '', tests = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return { attack, promise, tests: Array.from(tests.matchAll(/`([^`]+)`/g), ([, file = '']) => file) };
    });
  });
}

describe('docs/security-testing.md', () => {
  const rows = rowsOf(page);

  test('has its tables', () => assert.ok(rows.length >= 50, `${rows.length} rows`));

  for (const { attack, promise, tests } of rows) {
    test(`${attack}: is promised something, and names tests that are there`, () => {
      assert.notEqual(promise, '');
      assert.ok(tests.length > 0, 'a row names a test');
      for (const file of tests) assert.ok(fs.existsSync(path.join(root, file)), file);
    });
  }

  test('names every test of this folder', () => {
    const files = fs.readdirSync(import.meta.dirname).filter((name) => /\.(?:test|heavy)\.ts$/.test(name));
    const missing = files.filter((name) => !page.includes(`\`test/hardening/${name}\``));
    assert.deepEqual(missing, []);
  });
});

describe('the defences that are taken away', () => {
  for (const { promise, file, find, replace, test: tested } of DEFENCES) {
    test(`${promise}: is there once, and tested by a file that the page names`, () => {
      const text = fs.readFileSync(path.join(root, file), 'utf8');
      assert.equal(text.split(find).length, 2, `${file} has it once`);
      assert.notEqual(find, replace);
      assert.ok(fs.existsSync(path.join(root, tested)));
      assert.ok(page.includes(`\`${tested}\``), `${tested} is in no row`);
    });
  }
});
