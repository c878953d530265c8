import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readLockfile } from '@lockseal/lockfile';

function patchPath(file: string): string | undefined {
  const text = `__metadata:
  version: 8
  cacheKey: 10c0

"ms@npm:2.1.3":
  version: 2.1.3
  resolution: "ms@npm:2.1.3"
  languageName: node
  linkType: hard

"ms@patch:ms@npm%3A2.1.3#${file}":
  version: 2.1.3
  resolution: "ms@patch:ms@npm%3A2.1.3#${file}::version=2.1.3&hash=c956ca"
  languageName: node
  linkType: hard
`;
  return readLockfile('yarn.lock', new TextEncoder().encode(text)).entries[1]?.patch?.path;
}

describe('Yarn Berry: only what Yarn carries itself is a built-in patch', () => {
  const vectors: readonly (readonly [why: string, file: string, path: string | undefined])[] = [
    ['a built-in', 'builtin<compat/typescript>', undefined],
    ['a built-in that may fail', 'optional!builtin<compat/typescript>', undefined],
    ['a file', './p.patch', './p.patch'],
    ['a file whose name begins like a built-in', 'builtin<x>.patch', 'builtin<x>.patch'],
    ['a path through a directory of such a name', 'builtin<x>/../p.patch', 'builtin<x>/../p.patch'],
    ['a built-in beside a file', 'builtin<x>&./p.patch', 'builtin<x>&./p.patch'],
  ];
  for (const [why, file, path] of vectors) test(why, () => assert.equal(patchPath(file), path));
});
