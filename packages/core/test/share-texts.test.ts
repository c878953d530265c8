import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTextSharing } from '../src/share-texts.ts';

test('plain data says the same with shared texts, however deep', () => {
  const data = fc.object({ maxDepth: 4, withNullPrototype: false });
  fc.assert(
    fc.property(fc.array(data, { maxLength: 6 }), (all) => {
      const shareTexts = createTextSharing();
      const before = structuredClone(all);
      for (const each of all) shareTexts(each);
      assert.deepEqual(all, before);
    }),
  );
});

test('maps and bytes are left alone', () => {
  const shareTexts = createTextSharing();
  const data = { table: new Map([['a', 'b']]), nothing: undefined, none: null, count: 1 };
  shareTexts(data);
  assert.deepEqual(data, { table: new Map([['a', 'b']]), nothing: undefined, none: null, count: 1 });
});

test('more texts than are remembered are still right', () => {
  const shareTexts = createTextSharing();
  for (let number = 0; number < 10_000; number += 1) {
    const data = { issuer: 'the same', digest: `digest ${number}` };
    shareTexts(data);
    assert.deepEqual(data, { issuer: 'the same', digest: `digest ${number}` });
  }
});
