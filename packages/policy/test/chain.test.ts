// What a file extends: the order, the bounds, and what is said of what leads nowhere.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Problem } from '@lockseal/policy';
import { readChain, type Extending, type Link, type PolicySource } from '../src/chain.ts';
import { readHead } from '../src/document/read-head.ts';

interface Read {
  readonly links: readonly Link<Extending>[];
  readonly problems: readonly Problem[];
  /** What was asked for, as `file -> reference`. */
  readonly asked: readonly string[];
}

async function read(text: string, files: Readonly<Record<string, string>> = {}, skipsPresets?: boolean): Promise<Read> {
  const problems: Problem[] = [];
  const asked: string[] = [];
  const find = async (reference: string, from: PolicySource): Promise<PolicySource | undefined> => {
    asked.push(`${from.file} -> ${reference}`);
    const found = files[reference];
    return found === undefined ? undefined : { file: reference, text: found };
  };
  const links = await readChain({ file: 'own', text }, { read: find, readLayer: readHead, problems, skipsPresets });
  return { links, problems, asked };
}

const extending = (...references: readonly string[]): string => `version: 1\nextends: [${references.join(', ')}]\n`;
const filesOf = ({ links }: Read): readonly string[] => links.map(({ source }) => source.file);
const said = ({ problems }: Read): readonly string[] =>
  problems.map(({ file, position, code, message, hint }) => {
    return `${file}:${position.line}:${position.column} ${code}: ${message}${hint === undefined ? '' : ` | ${hint}`}`;
  });

describe('a chain', () => {
  test('has what a file extends before the file, and a file as often as it is named', async () => {
    const files = { './a': extending('./c'), './b': extending('./c', './a'), './c': 'version: 1\n' };
    const chain = await read(extending('./a', './b'), files);
    assert.deepEqual(filesOf(chain), ['./c', './a', './c', './c', './a', './b', 'own']);
    assert.deepEqual(chain.problems, []);
    assert.deepEqual(chain.asked.slice(0, 3), ['own -> ./a', './a -> ./c', 'own -> ./b']);
  });

  test('has presets, which no file stands for and nobody is asked about', async () => {
    const chain = await read(extending('recommended', './a'), { './a': 'version: 1\n' });
    assert.deepEqual(
      chain.links.map(({ source, isPreset }) => [source.file, isPreset]),
      [
        ['preset baseline', true],
        ['preset recommended', true],
        ['./a', false],
        ['own', false],
      ],
    );
    assert.deepEqual(chain.asked, ['own -> ./a']);
  });

  test('passes presets over where it is told to', async () => {
    const chain = await read(extending('strict', './a'), { './a': extending('baseline') }, true);
    assert.deepEqual(filesOf(chain), ['./a', 'own']);
    assert.deepEqual(filesOf(await read(extending('baseline'), {}, false)), ['preset baseline', 'own']);
  });

  test('leaves out a file that cannot be read, and tells what is wrong with it', async () => {
    const chain = await read(extending('./a'), { './a': '{' });
    assert.deepEqual(filesOf(chain), ['own']);
    assert.deepEqual(
      chain.problems.map(({ file, code }) => [file, code]),
      [['./a', 'bad-syntax']],
    );
  });
});

describe('what leads nowhere', () => {
  const PATH = 'Give a path that begins with ./, the name of an installed package, or a preset.';
  const cases: readonly (readonly [reference: string, said: string])[] = [
    ['strickt', 'unknown-preset: `extends[0]` is no preset: "strickt" | Did you mean `strict`?'],
    ['nowhere', 'unknown-preset: `extends[0]` leads to nothing: "nowhere" | It takes baseline, recommended, strict.'],
    ['./nowhere', `unknown-preset: \`extends[0]\` leads to nothing: "./nowhere" | ${PATH}`],
    ['"@acme/policy"', `unknown-preset: \`extends[0]\` leads to nothing: "@acme/policy" | ${PATH}`],
    ['no.yaml', `unknown-preset: \`extends[0]\` leads to nothing: "no.yaml" | ${PATH}`],
    ["'a\\b'", `unknown-preset: \`extends[0]\` leads to nothing: "a\\\\b" | ${PATH}`],
  ];
  for (const [reference, expected] of cases) {
    test(reference, async () => assert.deepEqual(said(await read(extending(reference))), [`own:2:11 ${expected}`]));
  }

  test('a misspelt preset is not looked for among packages', async () => {
    assert.deepEqual((await read(extending('strickt'), { strickt: 'version: 1\n' })).asked, []);
  });
});

describe('a bound', () => {
  /** `./1` extends `./2`, and so on until the last one. */
  const chainOf = (length: number): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Array.from({ length }, (_, at) => [`./${at + 1}`, at + 1 === length ? 'version: 1\n' : extending(`./${at + 2}`)]),
    );

  test('on depth: seven files above another are well, eight are not', async () => {
    const deep = await read(extending('./1'), chainOf(7));
    assert.deepEqual([deep.links.length, deep.problems], [8, []]);
    assert.deepEqual(said(await read(extending('./1'), chainOf(8))), [
      './7:2:11 bad-value: `extends[0]` leads in a circle, or too deep: "./8"',
    ]);
  });

  test('on circles: a file that extends itself, or what extends it', async () => {
    assert.deepEqual(said(await read(extending('own'), { own: 'version: 1\n' })), [
      'own:2:11 bad-value: `extends[0]` leads in a circle, or too deep: "own"',
    ]);
    const circle = { './a': extending('./b'), './b': extending('./a') };
    assert.deepEqual(said(await read(extending('./a'), circle)), [
      './b:2:11 bad-value: `extends[0]` leads in a circle, or too deep: "./a"',
    ]);
  });

  test('on files: 32 are well, and no more are read after one too many', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `./${at}`);
    const files = Object.fromEntries(names.map((name) => [name, 'version: 1\n']));
    const many = await read(extending(...names.slice(0, 32)), files);
    assert.deepEqual([many.links.length, many.problems], [33, []]);
    const most = await read(extending(...names), files);
    assert.deepEqual(
      most.problems.map(({ code, message }) => [code, message]),
      [['too-large', '`extends[32]` leads to more than 32 files']],
    );
    assert.equal(most.asked.length, 33);
  });
});
