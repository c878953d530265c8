import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyOfReference, parseDepPath, withoutSuffix, type DepPath, type KeyStyle } from '../../src/pnpm/dep-path.ts';

const version = (text: string, registry?: string): DepPath['slot'] => ({ type: 'version', version: text, registry });

describe('parseDepPath', () => {
  const keys: readonly (readonly [
    style: KeyStyle,
    key: string,
    name: string | undefined,
    slot: DepPath['slot'],
    hash?: string,
  ])[] = [
    [5, '/ms/2.1.3', 'ms', version('2.1.3')],
    [5, '/@s/n/1.0.0', '@s/n', version('1.0.0')],
    [5, '/react-dom/18.3.1_react@18.3.1', 'react-dom', version('18.3.1')],
    [5, '/@s/n_x/1.0.0-a.1_@t+u@1.0.0+v@2.0.0', '@s/n_x', version('1.0.0-a.1')],
    [5, '/x/1.0.0_abcdefghijklmnopqrstuvwxyz', 'x', version('1.0.0')],
    [5, 'registry.example.com/ms/2.1.3', 'ms', version('2.1.3', 'registry.example.com')],
    [5, 'localhost:4873/@s/n/1.0.0', '@s/n', version('1.0.0', 'localhost:4873')],
    [
      5,
      'github.com/u/r/0123456789abcdef0123456789abcdef01234567',
      undefined,
      { type: 'other', text: 'github.com/u/r/0123456789abcdef0123456789abcdef01234567' },
    ],
    [5, 'file:local/dir_x', undefined, { type: 'location', text: 'file:local/dir_x' }],
    [6, '/ms@2.1.3', 'ms', version('2.1.3')],
    [6, '/@s/n@1.0.0(@t/u@1.0.0)(v@2.0.0(w@3.0.0))', '@s/n', version('1.0.0')],
    [6, '/ms@2.1.3(patch_hash=abc)(x@1.0.0)', 'ms', version('2.1.3'), 'abc'],
    [6, 'file:local/dir(react@18.3.1)', undefined, { type: 'location', text: 'file:local/dir' }],
    [
      6,
      '@codeload.github.com/u/r/tar.gz/abc',
      undefined,
      { type: 'other', text: '@codeload.github.com/u/r/tar.gz/abc' },
    ],
    [9, 'ms@2.1.3', 'ms', version('2.1.3')],
    [9, '@s/n@1.0.0-rc.1(a@1.0.0)', '@s/n', version('1.0.0-rc.1')],
    [9, 'x@1.0.0+build.5', 'x', version('1.0.0+build.5')],
    [9, 'ms@work:2.1.3', 'ms', version('2.1.3', 'work')],
    [9, 'node@runtime:26.7.0', 'node', { type: 'runtime', version: '26.7.0' }],
    [9, 'l@file:dir(1)/x', 'l', { type: 'location', text: 'file:dir(1)/x' }],
    [9, 'r@https://example.com/a.tgz', 'r', { type: 'location', text: 'https://example.com/a.tgz' }],
    [9, 'g@git+ssh://git@example.com/r.git#abc', 'g', { type: 'other', text: 'git+ssh://git@example.com/r.git#abc' }],
    [9, 'x@1.0', 'x', { type: 'other', text: '1.0' }],
    [9, 'x@v1.0.0', 'x', { type: 'other', text: 'v1.0.0' }],
  ];
  for (const [style, key, name, slot, patchHash] of keys) {
    test(`style ${style}: ${key}`, () => assert.deepEqual(parseDepPath(key, style), { name, slot, patchHash }));
  }

  const malformed: readonly (readonly [KeyStyle, string])[] = [
    [5, '/ms'],
    [5, '/@s/n'],
    [6, '/ms'],
    [6, '/@s'],
    [9, 'ms'],
    [9, '@s/n'],
    [9, '@s'],
    [9, ''],
  ];
  for (const [style, key] of malformed) {
    test(`style ${style} has no such key: '${key}'`, () => assert.equal(parseDepPath(key, style), undefined));
  }
});

describe('withoutSuffix', () => {
  const keys: readonly (readonly [string, string])[] = [
    ['a@1.0.0', 'a@1.0.0'],
    ['a@1.0.0(b@1.0.0(c@1.0.0))(d@1.0.0)', 'a@1.0.0'],
    ['a@file:x(y)/z', 'a@file:x(y)/z'],
    ['a@1.0.0)', 'a@1.0.0)'],
    ['(a)', '(a)'],
  ];
  for (const [key, base] of keys) test(key, () => assert.equal(withoutSuffix(key), base));
});

describe('keyOfReference', () => {
  const references: readonly (readonly [KeyStyle, name: string, reference: string, key: string | undefined])[] = [
    [5, 'ms', '2.1.3', '/ms/2.1.3'],
    [5, 'react-dom', '18.3.1_react@18.3.1', '/react-dom/18.3.1_react@18.3.1'],
    [5, 'sw-old', '/string-width/4.2.3', '/string-width/4.2.3'],
    [5, 'l', 'file:x.tgz', 'file:x.tgz'],
    [5, 'g', 'github.com/u/r/abc', 'github.com/u/r/abc'],
    [5, 'w', 'link:../w', undefined],
    [6, 'ms', '2.1.3', '/ms@2.1.3'],
    [6, 'a', '1.0.0(@s/n@1.0.0)', '/a@1.0.0(@s/n@1.0.0)'],
    [6, 'sw-old', '/string-width@4.2.3', '/string-width@4.2.3'],
    [9, 'ms', '2.1.3', 'ms@2.1.3'],
    [9, 'a', '1.0.0(b@1.0.0)', 'a@1.0.0(b@1.0.0)'],
    [9, 'sw-old', 'string-width@4.2.3', 'string-width@4.2.3'],
    [9, 'al', '@sindresorhus/is@7.2.0', '@sindresorhus/is@7.2.0'],
    [9, 'ms', 'work:2.1.3', 'ms@work:2.1.3'],
    [9, 'g', 'git+ssh://git@example.com/r.git#abc', 'g@git+ssh://git@example.com/r.git#abc'],
    [9, 'l', 'file:x@y', 'l@file:x@y'],
    [9, 'w', 'link:w', undefined],
  ];
  for (const [style, name, reference, key] of references) {
    test(`style ${style}: ${name} ${reference}`, () => assert.equal(keyOfReference(name, reference, style), key));
  }
});
