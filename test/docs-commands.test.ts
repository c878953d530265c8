// Every command in the docs is run, or the page says why not (test/support/doc-blocks.ts has the annotations).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { blocksIn, docBlocks, docPages, type DocBlock, type HowToRun } from './support/doc-blocks.ts';
import { openDocWorld, type DocFolder, type DocWorld } from './support/doc-fixtures.ts';
import { runDocCommand } from './support/run-doc.ts';

let world: DocWorld;
before(async () => {
  world = await openDocWorld();
});
after(() => world.close());

const pages = docPages().map((page) => ({ page, blocks: docBlocks(page) }));

describe('commands in the docs', () => {
  for (const { page, blocks } of pages) {
    if (blocks.some(({ how }) => how.kind === 'fixture')) test(page, () => runPage(blocks));
  }

  test('all say how they are run, or why they are not', (t) => {
    const all = pages.flatMap(({ blocks }) => blocks);
    assert.deepEqual(all.filter(({ how }) => how.kind === 'unknown').map(placeOf), []);
    const skipped = all.flatMap((block) =>
      block.how.kind === 'not-run' ? [`${placeOf(block)}: not run: ${block.how.reason}`] : [],
    );
    for (const line of skipped) t.diagnostic(line);
    const run = all.filter(({ how }) => how.kind === 'fixture').flatMap(({ steps }) => steps);
    t.diagnostic(`${run.length} commands are run here, ${skipped.length} blocks are not`);
    assert.ok(run.length > 0);
  });
});

/** Block after block; those of one fixture share a folder, as the steps of a tutorial do. */
async function runPage(blocks: readonly DocBlock[]): Promise<void> {
  const folders = new Map<string, DocFolder>();
  for (const block of blocks) {
    const { how } = block;
    if (how.kind !== 'fixture') continue;
    const folder = folders.get(how.fixture) ?? world.open(how.fixture);
    folders.set(how.fixture, folder);
    for (const [index, { command, printed }] of block.steps.entries()) {
      const { exitCode, output } = await runDocCommand(command, folder);
      const isLast = index === block.steps.length - 1;
      assert.equal(exitCode, isLast ? how.exitCode : 0, `${placeOf(block)}: ${command}\n${output}`);
      if (printed !== undefined) assertPrinted(output, printed, `${placeOf(block)}: ${command}`);
    }
  }
}

function placeOf({ page, line, steps }: DocBlock): string {
  return `${page}:${line} (${steps[0]?.command.split('\n')[0] ?? 'nothing'})`;
}

/** Line by line; `…` alone stands for any number of lines, and what differs from run to run is masked on both sides. */
function assertPrinted(output: string, printed: readonly string[], what: string): void {
  const [actual, expected] = [lines(output.split('\n')), lines(printed)];
  let at = 0;
  let isAnywhere = false;
  for (const line of expected) {
    if (line === '…') {
      isAnywhere = true;
      continue;
    }
    const found = isAnywhere ? actual.indexOf(line, at) : at;
    assert.ok(found !== -1 && actual[found] === line, `${what} does not print\n${line}\nbut\n${output}`);
    at = found + 1;
    isAnywhere = false;
  }
  assert.ok(isAnywhere || at === actual.length, `${what} prints more:\n${actual.slice(at).join('\n')}`);
}

function lines(text: readonly string[]): string[] {
  const masked = text.map((line) =>
    line
      .trimEnd()
      .replaceAll(/\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?/g, '[DATE]')
      .replaceAll(/(?<=, )\d+ days? old/g, '[AGE]')
      .replaceAll(/127\.0\.0\.1:\d+|registry\.example\.com/g, '[HOST]')
      .replaceAll(/(?:\d+ min )?\d+(?:\.\d)? m?s(?=\))/g, '[DURATION]')
      .replaceAll(/\bsha512-[\w+/=]+(?:…|\.\.\.)?/g, 'sha512-[DIGEST]')
      .replaceAll(/\b[0-9a-f]{16,}…?/g, '[DIGEST]'),
  );
  while (masked.at(-1) === '') masked.pop();
  return masked;
}

describe('the reader of blocks', () => {
  const vectors: readonly (readonly [
    why: string,
    text: string,
    how: HowToRun | undefined,
    commands: readonly string[],
  ])[] = [
    [
      'a fixture',
      '```sh fixture=project\na\nb # c\n```',
      { kind: 'fixture', fixture: 'project', exitCode: 0 },
      ['a', 'b # c'],
    ],
    ['an exit code', '```sh fixture=p exit=1\na\n```', { kind: 'fixture', fixture: 'p', exitCode: 1 }, ['a']],
    ['a reason', '```sh not-run: needs a browser\na\n```', { kind: 'not-run', reason: 'needs a browser' }, ['a']],
    ['no reason', '```sh not-run:\na\n```', { kind: 'unknown', info: 'not-run:' }, ['a']],
    ['a newcomer', '```sh newcomer=pnpm\na\n```', { kind: 'newcomer', manager: 'pnpm', exitCode: 0 }, ['a']],
    ['nothing', '```sh\na\n```', { kind: 'unknown', info: '' }, ['a']],
    ['an unknown word', '```sh fixture=p exit=x\na\n```', { kind: 'unknown', info: 'fixture=p exit=x' }, ['a']],
    [
      'a line that goes on',
      '```sh fixture=p\na \\\n  b\nc\n```',
      { kind: 'fixture', fixture: 'p', exitCode: 0 },
      ['a \\\n  b', 'c'],
    ],
    [
      'a here-document',
      '```sh fixture=p\ncat <<EOF\n# x\nEOF\nc\n```',
      { kind: 'fixture', fixture: 'p', exitCode: 0 },
      ['cat <<EOF\n# x\nEOF', 'c'],
    ],
    [
      'a block in a list',
      '1. x\n\n   ```sh fixture=p\n   a\n   ```',
      { kind: 'fixture', fixture: 'p', exitCode: 0 },
      ['a'],
    ],
    ['indented code', 'x\n\n    lockseal verify', { kind: 'unknown', info: 'indented' }, ['lockseal verify']],
    ['another language', '```yaml\nlockseal: verify\n```', undefined, []],
  ];
  for (const [why, text, how, commands] of vectors) {
    test(why, () => {
      const [block] = blocksIn(text, 'x.md');
      assert.deepEqual(block?.how, how);
      assert.deepEqual(block?.steps.map(({ command }) => command) ?? [], commands);
    });
  }

  test('a session', () => {
    const [block] = blocksIn('```console fixture=p\n$ a\nb\n…\n$ c\n```', 'x.md');
    assert.deepEqual(block?.steps, [
      { command: 'a', printed: ['b', '…'] },
      { command: 'c', printed: [] },
    ]);
  });

  test('a fence that is not closed', () => assert.throws(() => blocksIn('```sh\na', 'x.md'), /x\.md:1/));

  for (const [why, output, printed, good] of [
    ['the same', 'a\nb\n', ['a', 'b'], true],
    ['another', 'a\nb\n', ['a', 'c'], false],
    ['more', 'a\nb\n', ['a'], false],
    ['less', 'a\n', ['a', 'b'], false],
    ['a gap', 'a\nb\nc\n', ['a', '…', 'c'], true],
    ['a gap at the end', 'a\nb\nc\n', ['a', '…'], true],
    ['a gap before what is not there', 'a\nb\n', ['…', 'c'], false],
    ['another digest', `x ${'a'.repeat(64)}\n`, [`x ${'0'.repeat(64)}`], true],
  ] as const) {
    test(`printed: ${why}`, () => {
      const check = (): void => assertPrinted(output, printed, 'x');
      if (good) check();
      else assert.throws(check, assert.AssertionError);
    });
  }
});
