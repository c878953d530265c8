// The cursor: its bounds, and where it finds what a reader that knows paths alone complains of.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineCounter, Pair, Scalar, YAMLMap } from 'yaml';
import { PolicyNode } from '../../src/document/policy-node.ts';
import { readDocument } from '../../src/document/read-document.ts';

function rootOf(text: string): { readonly root: PolicyNode; readonly said: () => readonly string[] } {
  const { root, problems } = readDocument(text, 'f');
  const said = (): readonly string[] =>
    problems.map(({ position, code, message }) => `${position.line}:${position.column} ${code} ${message}`);
  return { root, said };
}

function valueOf(text: string): { readonly node: PolicyNode; readonly said: () => readonly string[] } {
  const { root, said } = rootOf(`key: ${text}\n`);
  return { node: root.known('key').get('key') ?? assert.fail(), said };
}

describe('a bound', () => {
  test('on texts: 1 to 4096 characters', () => {
    for (const [text, good] of [
      ['""', false],
      ['a', true],
      ['a'.repeat(4096), true],
      ['a'.repeat(4097), false],
    ] as const) {
      const { node, said } = valueOf(text);
      assert.equal(node.text() !== undefined, good);
      assert.deepEqual(said(), good ? [] : ['1:6 bad-value `key` must have 1 to 4096 characters']);
    }
  });

  test('on numbers: both ends are in', () => {
    for (const [text, good] of [
      ['0.9', false],
      ['1', true],
      ['3', true],
      ['3.1', false],
    ] as const) {
      const { node, said } = valueOf(text);
      assert.equal(node.number(1, 3) !== undefined, good);
      assert.deepEqual(said(), good ? [] : ['1:6 bad-value `key` must be from 1 to 3']);
    }
  });

  test('on lists and tables: what comes after the ten thousandth is not read', () => {
    const { node } = valueOf(`[${'1,'.repeat(10_001)}]`);
    assert.equal(node.list().length, 10_000);
    // Made by hand: the parser would compare every key with every other one.
    const table = new YAMLMap();
    table.items = Array.from({ length: 10_001 }, (_, at) => new Pair(new Scalar(`k${at}`), new Scalar(1)));
    const root = new PolicyNode(table, { file: 'f', lines: new LineCounter(), problems: [] });
    assert.equal(root.members().length, 10_000);
  });

  test('on depth: 32 lists in each other are plain data, 33 are not', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    const well = valueOf(nested(32));
    assert.equal(JSON.stringify(well.node.plain()), nested(32));
    assert.deepEqual(well.said(), []);
    const deep = valueOf(nested(33));
    deep.node.plain();
    assert.deepEqual(deep.said(), [`1:39 too-large \`key${'[0]'.repeat(33)}\` is nested too deeply`]);
  });
});

describe('plain data', () => {
  for (const [text, data] of [
    ['{a: [1, "x", true, null], b: {c: ~}}', { a: [1, 'x', true, null], b: { c: null } }],
    ['', null],
    ['[]', []],
    ['{}', {}],
    ['1.5', 1.5],
  ] as const) {
    test(`of ${text || 'nothing'}`, () => assert.deepEqual(valueOf(text).node.plain(), data));
  }
});

describe('a value', () => {
  const cases: readonly (readonly [text: string, isNull: boolean, isText: boolean, isMap: boolean])[] = [
    ['', true, false, false],
    ['~', true, false, false],
    ['null', true, false, false],
    ['"null"', false, true, false],
    ['a', false, true, false],
    ['0', false, false, false],
    ['false', false, false, false],
    ['""', false, true, false],
    ['[]', false, false, false],
    ['{}', false, false, true],
  ];
  for (const [text, isNull, isText, isMap] of cases) {
    test(`${text || '(nothing)'} is ${isNull ? 'null' : isText ? 'a text' : isMap ? 'a table' : 'something else'}`, () => {
      const { node } = valueOf(text);
      assert.deepEqual([node.isNull, node.isText, node.isMap], [isNull, isText, isMap]);
    });
  }

  test('that is nothing is an empty list and an empty table, and no mistake', () => {
    const { node, said } = valueOf('');
    assert.deepEqual([node.list(), node.members(), node.texts()], [[], [], []]);
    assert.deepEqual(said(), []);
  });

  test('may be one text where a list of texts can be', () => {
    const textsOf = (text: string): readonly string[] =>
      valueOf(text)
        .node.texts()
        .map((each) => each.text);
    assert.deepEqual(textsOf('a'), ['a']);
    assert.deepEqual(textsOf('[a, b]'), ['a', 'b']);
    const { node, said } = valueOf('[a, 1, b]');
    assert.deepEqual(
      node.texts().map(({ text }) => text),
      ['a', 'b'],
    );
    assert.deepEqual(said(), ['1:10 wrong-type `key[1]` must be a text']);
  });
});

describe('what stands at a path', () => {
  const TEXT = 'a:\n  b.c:\n    - {d: 1}\n    - {d: 2, e: 3}\n  b:\n    c: 4\nab: 5\n';
  const cases: readonly (readonly [path: string, at: string, why: string])[] = [
    ['', '1:1 ', 'the file itself'],
    ['a', '2:3 a', 'a table begins at its first key'],
    ['ab', '7:5 ab', 'not what only begins alike'],
    ['a.b.c[1].e', '4:17 a.b.c[1].e', 'a key that holds a dot'],
    ['a.b.c[1]', '4:7 a.b.c[1]', 'an element'],
    ['a.b.c[1].x', '4:7 a.b.c[1]', 'what is around something that is missing'],
    ['a.x.y', '2:3 a', 'the innermost that is there'],
    ['x', '1:1 ', 'the file where nothing is'],
    ['a.b.c[9]', '3:5 a.b.c', 'the list where the element is missing'],
  ];
  for (const [path, at, why] of cases) {
    test(`${JSON.stringify(path)}: ${why}`, () => {
      const { node } = rootOf(TEXT).root.locate(path);
      assert.equal(`${node.position.line}:${node.position.column} ${node.path}`, at);
    });
  }

  test('knows the key of a member, and none of an element', () => {
    const { root } = rootOf(TEXT);
    assert.equal(root.locate('ab').member?.key, 'ab');
    assert.deepEqual(root.locate('ab').member?.keyNode.position, { line: 7, column: 1 });
    assert.equal(root.locate('a.b.c[1]').member, undefined);
  });

  test('passes over keys that are no texts, and reports nothing', () => {
    const { root, said } = rootOf('3: 1\na: 2\n');
    assert.equal(root.locate('a').node.path, 'a');
    assert.deepEqual(said(), []);
  });
});
