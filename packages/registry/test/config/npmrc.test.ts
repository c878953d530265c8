import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LocksealError } from '@lockseal/core';
import { npmLayer, parseNpmrc, replaceVariables } from '../../src/config/npmrc.ts';

describe('variables, as npm replaces them', () => {
  for (const [text, expected] of [
    ['${A}', 'a'],
    ['x${A}y${A}', 'xaya'],
    ['${UNSET}', '${UNSET}'],
    ['${UNSET?}', ''],
    ['${A?}', 'a'],
    ['\\${A}', '${A}'],
    ['\\\\${A}', '\\a'],
    ['${}', '${}'],
    ['$A', '$A'],
  ] as const) {
    test(`${text} -> ${expected}`, () => assert.equal(replaceVariables(text, { A: 'a' }), expected));
  }

  test('in keys too', () => {
    assert.deepEqual([...parseNpmrc('//${H}/:_authToken=t', { H: 'a.test' })], [['//a.test/:_authToken', ['t']]]);
  });
});

test('any text gives settings or a coded error that holds none of the values', () => {
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('registry', '//a.test/:_authToken', 'ca[]', '__proto__', 'strict-ssl'), fc.string())
      .map(([k, v]) => `${k}=${v}`),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n');
      try {
        npmLayer('.npmrc', parseNpmrc(text, {}), text);
      } catch (error) {
        assert.ok(error instanceof LocksealError);
      }
      assert.equal(Object.getPrototypeOf({}), Object.prototype);
    }),
  );
});
