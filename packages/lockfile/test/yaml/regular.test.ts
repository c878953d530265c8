import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LocksealError } from '@lockseal/core';
import { YamlLines } from '../../src/yaml/lines.ts';
import { loadYaml, type YamlValue } from '../../src/yaml/load.ts';
import { loadRegular } from '../../src/yaml/regular.ts';

const regular = (text: string): YamlValue | undefined => loadRegular(text, new YamlLines(text, 0));
const full = (text: string): YamlValue => loadYaml({ path: 'f.yaml', text, linesBefore: 0 });

const STYLE = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

packages:

  '@s/n@1.0.0':
    resolution: {integrity: sha512-AA+/==, tarball: https://example.com/a.tgz}
    engines: {node: '>=18', npm: ^1.0.0 || <3, '0': node >= 1}
    os: [linux]
    deprecated: |-
      two

        lines: {x}
    peerDependencies:
      p: '*'
      q: 'it''s'
    transitivePeerDependencies:
      - '@t/u'
      - debug

  g@git+https://example.com/r.git#abc:
    resolution: {}

# a comment
"b@npm:^1.0.0, b@npm:1":
  version: 1.0.0
  resolution: "b@npm:1.0.0"
`;

describe('loadRegular', () => {
  const left: readonly (readonly [why: string, text: string])[] = [
    ['an anchor', 'a: &x b\n'],
    ['an alias', 'a: *x\n'],
    ['a tag', 'a: !!str b\n'],
    ['a directive', '%YAML 1.2\n---\na: b\n'],
    ['a document marker', '---\na: b\n'],
    ['a merge key', '<<: b\n'],
    ['a quoted merge key', "'<<': b\n"],
    ['a merge key as a literal scalar', 'a: |-\n  <<\n'],
    ['__proto__', '__proto__: b\n'],
    ['__proto__ as a literal scalar', 'a: |-\n  __proto__\n'],
    ['__proto__ in quotes', '"__proto__": b\n'],
    ['a key given twice', 'a: b\na: c\n'],
    ['a key given twice in flow style', 'a: {b: c, b: d}\n'],
    ['an escape', '"\\u0061": b\n'],
    ['an explicit key', '? a\n: b\n'],
    ['a carriage return', 'a: b\r\n'],
    ['a tab', 'a:\tb\n'],
    ['a comment behind a value', 'a: b # c\n'],
    ['a value continued on the next line', 'a: b\n  c\n'],
    ['a value on the next line', 'a:\n  b\n'],
    ['a key without a value', 'a:\nb: c\n'],
    ['deeper lines below a value', 'a: b\n  c: d\n'],
    ['indentation that fits no block', 'a:\n    b: c\n  d: e\n'],
    ['a folded scalar', 'a: >-\n  b\n'],
    ['a literal scalar that begins with a blank line', 'a: |-\n\n  b\n'],
    ['nested flow collections', 'a: {b: {c: d}}\n'],
    ['a flow mapping with a comma at the end', 'a: {b: c,}\n'],
    ['a flow mapping over two lines', 'a: {b: c,\n  d: e}\n'],
    ['a mapping in a list', 'a:\n  - b: c\n'],
    ['a list at the indentation of its key', 'a:\n- b\n'],
    ['a control character', 'a: b\u0007\n'],
    ['a colon at the end of a value', 'a: b:\n'],
    ['two colons in one line', 'a: b: c\n'],
    ['nothing', ''],
    ['an indented first line', '  a: b\n'],
  ];
  for (const [why, text] of left) {
    test(`leaves ${why} to js-yaml`, () => assert.equal(regular(text), undefined));
  }

  test('reads the style of pnpm and Yarn', () => {
    assert.notEqual(regular(STYLE), undefined);
    assert.deepEqual(regular(STYLE), full(STYLE));
  });

  const indicators = String.raw`: |- >- - ? { } [ ] , # & * ! % @ ' '' " \ a b 1 < = ~ _ . 'a' <<`.split(' ');
  const breaks = ['\n', '\n\n', ' ', '  ', '    ', '\n  ', '\n    ', '\n- ', ': |-\n', '\t', '\r', '\u0085', 'é'];
  const token = fc.constantFrom(...indicators, ...breaks, ': ', ' #', ', ', '- ', ': {', ': [', '| ', '`');

  const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.array(token, { maxLength: 3 }));

  test('what it accepts it reads as js-yaml does: style with edits', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        same(
          edits.reduce((text, [at, remove, tokens]) => {
            const start = Math.floor(at * text.length);
            return text.slice(0, start) + tokens.join('') + text.slice(start + remove);
          }, STYLE),
        );
      }),
      { numRuns: 5000 },
    );
  });

  test('what it accepts it reads as js-yaml does: tokens in any order', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 14 }), (tokens) => same(`a: b\nk:\n  c: d\n${tokens.join('')}`)),
      { numRuns: 10_000 },
    );
  });
});

function same(text: string): void {
  const found = regular(text);
  if (found === undefined) return;
  try {
    assert.deepEqual(found, full(text));
  } catch (thrown) {
    if (thrown instanceof LocksealError) assert.fail(`accepted ${JSON.stringify(text)}, refused with ${thrown.code}`);
    throw thrown;
  }
}
