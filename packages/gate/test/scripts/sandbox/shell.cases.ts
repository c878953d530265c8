import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { launcherText, quote } from '../../../src/scripts/sandbox/shell.ts';

describe('a quoted word', () => {
  test('is read by a shell as it was', () => {
    const words = fc.array(
      fc.string({ unit: 'binary', maxLength: 20 }).filter((word) => !word.includes('\0')),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(words, (all) => {
        const printed = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${all.map(quote).join(' ')}`], {
          encoding: 'buffer',
        });
        // What is no Unicode text is written as a replacement by whoever passes it on, on both sides.
        const expected = all.map((word) => `${Buffer.from(word).toString()}\0`).join('');
        assert.equal(printed.stdout.toString(), expected);
      }),
      { numRuns: 6 },
    );
  });

  test('whatever shells make of it otherwise', () => {
    const words = ['', ' ', "'", '$(touch x)', '`x`', 'a\nb', '!x', '*', '~', '\\'];
    const printed = spawnSync('/bin/sh', ['-c', `printf '%s|' ${words.map(quote).join(' ')}`], { encoding: 'utf8' });
    assert.equal(printed.stdout, words.map((word) => `${word}|`).join(''));
  });
});

test('the launcher tells its number, closes that descriptor, and becomes the command', () => {
  const text = launcherText(['/usr/bin/env', "it's"], ['ulimit -c 0']);
  assert.equal(text, `#!/bin/sh\necho $$ >&3\nexec 3>&-\nulimit -c 0\nexec /usr/bin/env 'it'\\''s' /bin/sh "$@"\n`);
});
