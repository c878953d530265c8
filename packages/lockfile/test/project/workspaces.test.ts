import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findWorkspaces } from '../../src/project/workspaces.ts';
import { MemoryFiles } from '../support/memory.ts';

const DIRECTORIES = [
  'packages/a',
  'packages/b',
  'packages/b/c',
  'packages/.hidden',
  'packages/b/node_modules/d',
  'apps/web',
  'apps/(x)+',
];
const files = (): MemoryFiles =>
  new MemoryFiles({
    'package.json': '{}',
    'packages/empty/README': '',
    ...Object.fromEntries(DIRECTORIES.map((path) => [`${path}/package.json`, '{}'])),
  });

describe('findWorkspaces', () => {
  const vectors: readonly (readonly [why: string, patterns: readonly string[], expected: readonly string[]])[] = [
    ['one level', ['packages/*'], ['packages/a', 'packages/b']],
    ['a directory by name', ['packages/b/c'], ['packages/b/c']],
    ['any level, node_modules left out', ['packages/**'], ['packages/a', 'packages/b', 'packages/b/c']],
    ['a name at any level', ['**/c'], ['packages/b/c']],
    ['spellings of one path', ['./packages/*/', 'packages/*'], ['packages/a', 'packages/b']],
    ['alternatives', ['{packages,apps}/{a,web}'], ['apps/web', 'packages/a']],
    ['one character', ['packages/?'], ['packages/a', 'packages/b']],
    ['exclusion', ['packages/**', '!packages/b'], ['packages/a', 'packages/b/c']],
    ['exclusion of all below', ['packages/**', '!packages/b/**'], ['packages/a', 'packages/b']],
    ['hidden directories only by name', ['packages/.hidden'], ['packages/.hidden']],
    ['characters that expressions give a meaning', ['apps/(x)+'], ['apps/(x)+']],
    ['nothing to match', ['none/*'], []],
    ['out of the project', ['../*', '/etc/*', 'a/../../b'], []],
    ['no patterns', [], []],
  ];
  for (const [why, patterns, expected] of vectors) {
    test(why, async () => assert.deepEqual(await findWorkspaces(files(), patterns), expected));
  }

  test('never asks for a path outside', async () => {
    const memory = files();
    await findWorkspaces(memory, ['../*', '/etc/*', '**/../..', '~/*']);
    assert.ok(
      memory.asked.every((path) => !path.includes('..') && !path.startsWith('/')),
      memory.asked.join(' '),
    );
  });
});
