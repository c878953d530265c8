import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocksealError, type ErrorCode } from '@lockseal/core';
import { loadYaml } from '../../src/yaml/load.ts';

const load = (text: string): unknown => loadYaml({ path: 'f.yaml', text, linesBefore: 0 });

describe('loadYaml', () => {
  const refused: readonly (readonly [why: string, text: string, code: ErrorCode, at?: readonly [number, number]])[] = [
    ['an anchor on a mapping', 'a: &x\n  b: c\n', 'ERR_LOCKFILE_YAML_ANCHOR', [1, 4]],
    ['an anchor on a scalar', 'a: &x b\n', 'ERR_LOCKFILE_YAML_ANCHOR', [1, 4]],
    ['an anchor on a key', '&x a: b\n', 'ERR_LOCKFILE_YAML_ANCHOR', [1, 1]],
    ['an anchor within a flow mapping', 'a: {b: &x c}\n', 'ERR_LOCKFILE_YAML_ANCHOR', [1, 8]],
    ['an anchor on an empty node', 'a: &x\nb: c\n', 'ERR_LOCKFILE_YAML_ANCHOR', [1, 4]],
    ['an alias of an anchor before it', 'a: &x b\nc: *x\n', 'ERR_LOCKFILE_YAML_ANCHOR', [1, 4]],
    ['an alias of nothing', 'a: b\nc: *x\n', 'ERR_LOCKFILE_YAML_ANCHOR'],
    ['a mapping that holds itself', '&x a: *x\n', 'ERR_LOCKFILE_YAML_ANCHOR'],
    [
      'a merge key with an anchor: the worse of the two is named',
      'a: &x\n  b: c\nd:\n  <<: *x\n',
      'ERR_LOCKFILE_YAML_MERGE_KEY',
      [4, 3],
    ],
    ['a merge key with a mapping of its own', 'd:\n  <<: {b: c}\n', 'ERR_LOCKFILE_YAML_MERGE_KEY', [2, 3]],
    [
      'a quoted merge key, which js-yaml takes for text and others merge',
      "'<<': {b: c}\n",
      'ERR_LOCKFILE_YAML_MERGE_KEY',
    ],
    ['an escaped merge key', '"\\x3c<": {b: c}\n', 'ERR_LOCKFILE_YAML_MERGE_KEY'],
    ['a merge key as the only item of a key that is a list', '[<<]: {b: c}\n', 'ERR_LOCKFILE_YAML_MERGE_KEY'],
    ['a core tag', 'a: !!str b\n', 'ERR_LOCKFILE_YAML_TAG'],
    ['the non-specific tag', 'a: ! b\n', 'ERR_LOCKFILE_YAML_TAG'],
    ['a tag on a mapping', 'a: !!map\n  b: c\n', 'ERR_LOCKFILE_YAML_TAG'],
    ['a tag on a key', '!!str a: b\n', 'ERR_LOCKFILE_YAML_TAG'],
    ['a tag of an unknown kind', 'a: !x b\n', 'ERR_LOCKFILE_YAML_TAG'],
    ['a tag with an undeclared handle', 'a: !x!y b\n', 'ERR_LOCKFILE_YAML_TAG'],
    ['a verbatim tag', 'a: !<tag:yaml.org,2002:str> b\n', 'ERR_LOCKFILE_YAML_TAG'],
    ['the tag that js-yaml itself gives plain scalars', 'a: !<?> b\n', 'ERR_LOCKFILE_YAML_TAG', [1, 4]],
    ['a version directive', '%YAML 1.1\n---\na: b\n', 'ERR_LOCKFILE_YAML_TAG', [1, 1]],
    ['a tag directive behind a comment', '# x\n%TAG ! tag:x,2000:\n---\na: b\n', 'ERR_LOCKFILE_YAML_TAG', [2, 1]],
    ['a key given twice', 'a: b\nc: d\na: e\n', 'ERR_LOCKFILE_DUPLICATE_KEY', [3, 1]],
    ['a key given twice, once with an escape', 'ms: b\n"\\u006ds": c\n', 'ERR_LOCKFILE_DUPLICATE_KEY', [2, 1]],
    ['a key given twice in flow style', 'a: {b: c, b: d}\n', 'ERR_LOCKFILE_DUPLICATE_KEY'],
    ['an explicit key given twice', '? a\n: b\n? a\n: c\n', 'ERR_LOCKFILE_DUPLICATE_KEY'],
    ['__proto__ as a key', 'a:\n  __proto__: b\n', 'ERR_LOCKFILE_PROTOTYPE_KEY', [2, 3]],
    ['__proto__ as an escaped key', '"__pro\\u0074o__":\n  a: b\n', 'ERR_LOCKFILE_PROTOTYPE_KEY'],
    ['nested beyond the bound', `a: ${'['.repeat(80)}${']'.repeat(80)}\n`, 'ERR_LOCKFILE_TOO_LARGE'],
    ['two documents', 'a: b\n---\nc: d\n', 'ERR_LOCKFILE_DOCUMENTS'],
    ['an empty document and another', '---\n---\nc: d\n', 'ERR_LOCKFILE_DOCUMENTS'],
    ['a document after an end marker', 'a: b\n...\nc: d\n', 'ERR_LOCKFILE_DOCUMENTS'],
    ['bad indentation', 'a:\n  b: c\n d: e\n', 'ERR_LOCKFILE_SYNTAX', [3, 2]],
    ['a tab for indentation', 'a:\n\tb: c\n', 'ERR_LOCKFILE_SYNTAX'],
    ['an open quote', "a: 'b\n", 'ERR_LOCKFILE_SYNTAX'],
    ['an open flow mapping', 'a: {b: c\n', 'ERR_LOCKFILE_SYNTAX'],
    ['a control character', 'a: b\u0007\n', 'ERR_LOCKFILE_SYNTAX'],
  ];
  for (const [why, text, code, at] of refused) {
    test(`refuses ${why}`, () => {
      assert.throws(
        () => load(text),
        (thrown) => {
          assert.ok(thrown instanceof LocksealError, String(thrown));
          assert.equal(thrown.code, code);
          assert.equal(thrown.details.file, 'f.yaml');
          if (at !== undefined) assert.deepEqual(thrown.details.position, { line: at[0], column: at[1] });
          return true;
        },
      );
    });
  }

  test('counts lines from the start of the file, not of the document', () => {
    assert.throws(
      () => loadYaml({ path: 'f.yaml', text: 'a: b\na: c\n', linesBefore: 10 }),
      (thrown) => thrown instanceof LocksealError && thrown.details.position?.line === 12,
    );
  });

  test('keeps every scalar as the text it is', () => {
    const text = "a: 1.10\nb: true\nc: ~\nd: 0x10\ne: 'x'\nf: [1, no]\ng:\n";
    assert.deepEqual(load(text), { a: '1.10', b: 'true', c: '~', d: '0x10', e: 'x', f: ['1', 'no'], g: null });
  });

  test('reads long explicit keys, and an empty file as nothing', () => {
    const key = 'k'.repeat(2000);
    assert.deepEqual(load(`? ${key}\n: a\n`), { [key]: 'a' });
    assert.equal(load(''), null);
  });
});
