import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readScripts, scriptsIn } from '../../src/scripts/read-scripts.ts';

interface Case {
  readonly why: string;
  readonly json: object;
  readonly hasBindingGyp?: boolean;
  /** `event text`, in the order of running. */
  readonly steps: readonly string[];
  readonly preparing?: readonly string[];
}

const cases: readonly Case[] = [
  { why: 'no scripts', json: {}, steps: [] },
  {
    why: 'in the order in which npm runs them, not of the file',
    json: { scripts: { postinstall: 'c', install: 'b', preinstall: 'a', test: 'd' } },
    steps: ['preinstall a', 'install b', 'postinstall c'],
  },
  {
    why: 'a binding.gyp alone',
    json: {},
    hasBindingGyp: true,
    steps: ['install node-gyp rebuild'],
  },
  {
    why: 'a binding.gyp beside a postinstall',
    json: { scripts: { postinstall: 'c' } },
    hasBindingGyp: true,
    steps: ['install node-gyp rebuild', 'postinstall c'],
  },
  {
    why: 'a binding.gyp beside a preinstall: npm leaves it alone',
    json: { scripts: { preinstall: 'a' } },
    hasBindingGyp: true,
    steps: ['preinstall a'],
  },
  { why: 'a binding.gyp that is not to be built', json: { gypfile: false }, hasBindingGyp: true, steps: [] },
  { why: 'a script that is no text is none', json: { scripts: { install: ['x'] } }, steps: [] },
  { why: 'an empty script is not run', json: { scripts: { install: '' } }, steps: [] },
  {
    why: 'what prepares a git dependency is no install script',
    json: { scripts: { prepare: 'tsc', prepack: 'x' } },
    steps: [],
    preparing: ['prepare', 'prepack'],
  },
];

describe('the scripts of a manifest', () => {
  for (const { why, json, hasBindingGyp = false, steps, preparing = [] } of cases) {
    test(why, () => {
      const found = scriptsIn(json, 'package.json', hasBindingGyp);
      assert.deepEqual(
        found.steps.map(({ event, text }) => `${event} ${text}`),
        steps,
      );
      assert.deepEqual(found.preparing, preparing);
    });
  }

  test('the digest is that of evidence: canonical JSON of the texts by name', () => {
    const { scripts } = scriptsIn({ scripts: { postinstall: 'b', install: 'a' } }, 'package.json', false);
    assert.equal(scripts.sha256, createHash('sha256').update('{"install":"a","postinstall":"b"}').digest('hex'));
  });
});

describe('the scripts of a folder', () => {
  function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
    const made = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-read-'));
    t.after(() => fs.rmSync(made, { recursive: true }));
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(made, name), text);
    return made;
  }

  test('a phantom binding.gyp is found, in any case of letters', async (t) => {
    const found = await readScripts(folder(t, { 'package.json': '{}', 'Binding.GYP': '' }));
    assert.deepEqual(found?.scripts.names, ['binding.gyp']);
  });

  test('as npm reads it: a byte-order mark, the last of two keys', async (t) => {
    const text = '\uFEFF{"scripts":{"install":"a"},"scripts":{"install":"b"}}';
    const found = await readScripts(folder(t, { 'package.json': text }));
    assert.deepEqual(found?.scripts.texts, ['b']);
  });

  test('a folder without package.json has none', async (t) =>
    assert.equal(await readScripts(folder(t, {})), undefined));

  for (const text of ['', '[', '[]', '{"scripts": 1}', 'null']) {
    test(`what is no manifest is an error: ${text}`, async (t) => {
      await assert.rejects(readScripts(folder(t, { 'package.json': text })), { code: 'ERR_PROJECT_UNREADABLE' });
    });
  }

  test('a manifest larger than any is not read', async (t) => {
    const made = folder(t, { 'package.json': '' });
    fs.truncateSync(path.join(made, 'package.json'), 5 * 1024 * 1024);
    await assert.rejects(readScripts(made), { code: 'ERR_PROJECT_UNREADABLE' });
  });
});
