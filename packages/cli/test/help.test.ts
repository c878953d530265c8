import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import yargs from 'yargs';
import { COMMANDS } from '../src/commands.ts';
import { describeCommands } from '../src/help/describe.ts';
import { suggestOption } from '../src/help/suggest.ts';

const commands = await describeCommands(COMMANDS);
const optionsOf = (name: string): string[] =>
  commands.find((command) => command.name === name)?.options.map((option) => option.name) ?? assert.fail(name);

describe('help', () => {
  for (const { name, usage, describe: text, positionals, options, examples } of commands) {
    test(`${name} is explained, with an example that its own options allow`, () => {
      assert.match(text, /^[A-Z]/);
      for (const option of [...positionals, ...options]) assert.ok(option.describe.length > 5, option.name);
      assert.equal(positionals.length, usage.match(/[[<]/g)?.length ?? 0, usage);
      assert.ok(examples.length > 0, 'no example');
      const called = examples.filter(([line]) => line.includes(`lockseal ${name}`));
      assert.ok(called.length > 0, 'no example of this command');
      for (const [line] of called) {
        const used = [...line.matchAll(/ --([a-z-]+)/g)].map((match) => match[1] ?? '');
        for (const option of used) assert.ok(optionsOf(name).includes(option), `${line}: --${option}`);
      }
    });
  }

  test('what is recorded is what yargs is told', async () => {
    for (const entry of COMMANDS) {
      if ('commands' in entry) continue;
      const { builder } = await entry.load();
      const help = await builder(yargs().help(false).version(false)).getHelp();
      const shown = [...help.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map((match) => match[1] ?? '');
      const name = entry.command.split(' ')[0] ?? '';
      assert.deepEqual([...new Set(shown)].sort(), optionsOf(name).toSorted(), name);
    }
  });

  test('commands without evidence show none of its options', () => {
    for (const name of ['trust keygen', 'policy check', 'evidence show', 'explain', 'enforce']) {
      assert.ok(!optionsOf(name).includes('tarballs'), name);
    }
  });
});

describe('suggestions', () => {
  for (const [args, unknown, expected] of [
    [['verify'], 'formt', 'Did you mean --format?'],
    [['policy', 'check'], 'polcy', 'Did you mean --policy?'],
    [['policy', 'check'], 'incidents', '--incidents is an option of `lockseal policy test`.'],
    [['enforce'], 'tarballs', /^--tarballs is an option of `lockseal verify`, /],
    [['verify'], 'zzzzzzzz', undefined],
    [['nothing'], 'format', undefined],
  ] as const) {
    test(`${args.join(' ')} --${unknown}`, async () => {
      const found = await suggestOption(args, unknown);
      if (expected instanceof RegExp) assert.match(found ?? '', expected);
      else assert.equal(found, expected);
    });
  }
});
