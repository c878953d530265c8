import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { openOutput } from '../../src/scripts/output.ts';

/** What a child's output becomes. */
async function linesOf(t: TestContext, program: string): Promise<{ lines: string[]; pid: number; expected: number }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-output-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const lines: string[] = [];
  const output = await openOutput(path.join(folder, 'x'), (line) => lines.push(line));
  const wrapped = `require('fs').writeSync(3, process.pid + '\\n'); ${program}`;
  const child = spawn(process.execPath, ['-e', wrapped], { stdio: ['ignore', output.out, output.out, output.status] });
  await once(child, 'exit');
  const pid = await output.pid;
  await output.close();
  assert.deepEqual(fs.readdirSync(folder), [], 'no socket is left');
  return { lines, pid, expected: child.pid ?? -1 };
}

describe('the output of a child', () => {
  test('both streams come line by line, and its process id beside', async (t) => {
    const { lines, pid, expected } = await linesOf(
      t,
      `console.log('a'); console.error('b'); process.stdout.write('c')`,
    );
    assert.deepEqual(lines, ['a', 'b', 'c']);
    assert.equal(pid, expected);
  });

  test('a carriage return begins a line: it cannot hide what stood before', async (t) => {
    assert.deepEqual((await linesOf(t, `process.stdout.write('evil\\rgood\\r\\n\\n')`)).lines, ['evil', 'good', '']);
  });

  test('characters beyond ASCII survive being cut anywhere', async (t) => {
    const program = `const b = Buffer.from('ä'.repeat(9)); for (const byte of b) require('fs').writeSync(1, Buffer.from([byte]))`;
    assert.deepEqual((await linesOf(t, program)).lines, ['ä'.repeat(9)]);
  });

  test('a line without end, and lines without end, are bounded', async (t) => {
    const { lines } = await linesOf(t, `for (let i = 0; i < 4; i++) console.log('x'.repeat(2e4))`);
    assert.ok(lines.every((line) => line.length <= 4096));
    const many = await linesOf(t, `for (let i = 0; i < 400; i++) require('fs').writeSync(1, 'x'.repeat(4000) + '\\n')`);
    assert.ok(many.lines.length < 300, 'a million characters');
    assert.equal(many.lines.at(-1), '(what it writes from here on is not shown)');
  });
});
