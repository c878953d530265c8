import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { installScriptsOf, parseManifest } from '@lockseal/core';

const of = (scripts: Readonly<Record<string, string>>, hasBindingGyp = false): ReturnType<typeof installScriptsOf> =>
  installScriptsOf(parseManifest({ name: 'a', version: '1.0.0', scripts }, 'package.json'), {
    proof: 'tarball',
    hasBindingGyp,
  });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('install scripts', () => {
  for (const [why, scripts, gyp, names] of [
    ['none', {}, false, []],
    ['those that do not run at installation', { test: 'x', prepare: 'y', prepublishOnly: 'z' }, false, []],
    [
      'in the order in which they run',
      { postinstall: 'c', install: 'b', preinstall: 'a' },
      false,
      ['preinstall', 'install', 'postinstall'],
    ],
    ['a binding.gyp alone', {}, true, ['binding.gyp']],
    ['a binding.gyp and what comes after', { postinstall: 'c' }, true, ['postinstall', 'binding.gyp']],
    ['a binding.gyp that an install script replaces', { install: 'b' }, true, ['install']],
    ['a binding.gyp that a preinstall script replaces', { preinstall: 'a' }, true, ['preinstall']],
  ] as const) {
    test(why, () => assert.deepEqual(of(scripts, gyp).names, names));
  }

  test('have one digest: of the canonical JSON of names and texts', () => {
    assert.equal(of({ postinstall: 'c', install: 'b' }).sha256, sha256('{"install":"b","postinstall":"c"}'));
    assert.equal(of({}, true).sha256, sha256('{"binding.gyp":"node-gyp rebuild"}'));
    assert.equal(of({ test: 'x' }).sha256, undefined);
  });

  test('have another digest with another text, name or order of texts', () => {
    const digests = [
      of({ install: 'a' }),
      of({ install: 'b' }),
      of({ postinstall: 'a' }),
      of({ install: 'a', postinstall: 'b' }),
      of({ install: 'b', postinstall: 'a' }),
    ];
    assert.equal(new Set(digests.map(({ sha256: digest }) => digest)).size, digests.length);
  });

  test('tell what they run, and how that is known', () => {
    const { texts, proof } = of({ postinstall: 'c', preinstall: 'a' });
    assert.deepEqual([texts, proof], [['a', 'c'], 'tarball']);
  });
});
