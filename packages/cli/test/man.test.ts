import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { COMMANDS } from '../src/commands.ts';
import { describeCommands } from '../src/help/describe.ts';
import { manualPage } from '../src/help/man.ts';

const file = path.join(import.meta.dirname, '../man/lockseal.1');
const commands = await describeCommands(COMMANDS);

describe('the manual page', () => {
  test('is made from what the commands declare', () => {
    assert.equal(fs.readFileSync(file, 'utf8'), manualPage(commands), 'npm run man -- --update');
  });

  test('tells of every command and every option', () => {
    const page = manualPage(commands);
    for (const { usage, options } of commands) {
      assert.ok(page.includes(`.Ss lockseal ${usage.replaceAll('-', String.raw`\-`)}\n`), usage);
      for (const { name } of options) assert.ok(page.includes(`Fl Fl ${name.replaceAll('-', String.raw`\-`)}`), name);
    }
  });

  test('has no mistake that mandoc knows', (t) => {
    const { error, stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'error', file], { encoding: 'utf8' });
    if (error !== undefined) return t.diagnostic('NOT TESTED: mandoc is not installed');
    assert.equal(stdout, '');
  });

  test('shows hostile text as text', () => {
    const option = {
      name: 'x',
      describe: '.so /etc/passwd \\fB "q"',
      takesValue: false,
      alias: undefined,
      group: undefined,
      choices: [],
    };
    const page = manualPage([
      { name: 'go', usage: 'go', describe: "'so x", positionals: [], options: [option], examples: [] },
    ]);
    assert.doesNotMatch(page, /^[.']so/m);
    assert.ok(page.includes(String.raw`\&.so /etc/passwd \efB \(dqq\(dq`));
  });
});
