import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseSpecifier, type Specifier } from '@lockseal/core';

const range = (name: string, text: string, registry?: string): Specifier => ({
  type: 'range',
  name,
  range: text,
  registry,
});

describe('parseSpecifier', () => {
  const vectors: readonly (readonly [why: string, text: string, expected: Specifier])[] = [
    ['a range', '^1.0.0', range('ms', '^1.0.0')],
    ['nothing asks for any version', '', range('ms', '*')],
    ['spaces around are no part of it', ' ^1.0.0 ', range('ms', '^1.0.0')],
    ['Berry names the protocol', 'npm:^1.0.0', range('ms', '^1.0.0')],
    ['alternatives after a protocol', 'npm:^3.0.0 || ^4.0.0', range('ms', '^3.0.0 || ^4.0.0')],
    ['an alias', 'npm:inherits@2.0.4', range('inherits', '2.0.4')],
    ['an alias with a scope', 'npm:@s/n@^1.0.0', range('@s/n', '^1.0.0')],
    ['an alias without a range', 'npm:inherits', { type: 'tag', name: 'inherits', tag: 'latest' }],
    ['an alias to a tag', 'npm:inherits@next', { type: 'tag', name: 'inherits', tag: 'next' }],
    ['a tag', 'latest', { type: 'tag', name: 'ms', tag: 'latest' }],
    ['a named registry', 'work:2.1.3', range('ms', '2.1.3', 'work')],
    ['an alias on a named registry', 'work:inherits@2.0.4', range('inherits', '2.0.4', 'work')],
    ['the unnamed catalog', 'catalog:', { type: 'catalog', catalog: 'default' }],
    ['a catalog', 'catalog:old', { type: 'catalog', catalog: 'old' }],
    ['any workspace', 'workspace:*', { type: 'workspace', name: 'ms', range: '*', path: undefined }],
    ['a workspace by path', 'workspace:../b', { type: 'workspace', name: 'ms', range: undefined, path: '../b' }],
    ['an aliased workspace', 'workspace:b@^1.0.0', { type: 'workspace', name: 'b', range: '^1.0.0', path: undefined }],
    ['a patch', 'patch:ms@npm%3A2.1.3#~/p.patch', { type: 'patch', inner: 'ms@npm:2.1.3', files: '~/p.patch' }],
    ['a patch with parameters', 'patch:ms@2#p::locator=x', { type: 'patch', inner: 'ms@2', files: 'p' }],
    ['a path', './a', { type: 'local', protocol: 'file', path: './a' }],
    ['a local tarball', 'a/b.tgz', { type: 'local', protocol: 'file', path: 'a/b.tgz' }],
    ['a file', 'file:../a', { type: 'local', protocol: 'file', path: '../a' }],
    ['a link', 'link:../a', { type: 'local', protocol: 'link', path: '../a' }],
    ['a portal', 'portal:./a::locator=x', { type: 'local', protocol: 'portal', path: './a' }],
    ['a tarball', 'https://a.example/b.tgz', { type: 'url', url: 'https://a.example/b.tgz' }],
    ['git', 'git+ssh://git@h/a/b.git#v1', { type: 'git', repository: 'git+ssh://git@h/a/b.git', committish: 'v1' }],
    ['GitHub for short', 'a/b#c', { type: 'git', repository: 'a/b', committish: 'c' }],
    ['GitHub', 'github:a/b', { type: 'git', repository: 'github:a/b', committish: undefined }],
    [
      'npm clones a web address of GitHub',
      'https://github.com/a/b',
      { type: 'git', repository: 'https://github.com/a/b', committish: undefined },
    ],
    ['JSR', 'jsr:@s/n@^1.0.0', { type: 'jsr', name: '@s/n', range: '^1.0.0' }],
    ['a runtime', 'runtime:26.7.0', { type: 'runtime', version: '26.7.0' }],
    ['an alias to no name', 'npm:../x', { type: 'unknown', text: '../x' }],
    ['a patch without a file', 'patch:ms@2', { type: 'unknown', text: 'patch:ms@2' }],
    ['no known form', 'what is: this?', { type: 'unknown', text: 'what is: this?' }],
    [
      'a range hides no protocol: loose ranges drop what they cannot read',
      'evil:a/b || ^1.0.0',
      { type: 'unknown', text: 'evil:a/b || ^1.0.0' },
    ],
    ['longer than any specifier', '1'.repeat(5000), { type: 'unknown', text: '1'.repeat(5000) }],
  ];
  for (const [why, text, expected] of vectors) {
    test(`${why}: ${JSON.stringify(text.slice(0, 40))}`, () => assert.deepEqual(parseSpecifier('ms', text), expected));
  }

  test('Yarn Berry takes npm:foo for a tag', () => {
    assert.deepEqual(parseSpecifier('ms', 'npm:foo', 'tag'), { type: 'tag', name: 'ms', tag: 'foo' });
  });

  test('takes any text, and never hands on a name that could not be one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const spec = parseSpecifier('ms', text);
        if (spec.type === 'range' || spec.type === 'tag') assert.match(spec.name, /^(?:@[\w.~-]+\/)?[\w.~-]+$/);
      }),
    );
  });
});
