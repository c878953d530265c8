import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.dirname(import.meta.dirname);
const examples = [...readFileSync(path.join(root, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)];

test('the README has examples', () => {
  assert.notEqual(examples.length, 0);
});

for (const [index, [, code = '']] of examples.entries()) {
  test(`example ${index + 1} of the README runs`, () => {
    const flags = ['--conditions=@lockseal/source', '--input-type=module-typescript', '--eval', code];
    const { status, stderr } = spawnSync(process.execPath, flags, { cwd: root, timeout: 30_000, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
}
