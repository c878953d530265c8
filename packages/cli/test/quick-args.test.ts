import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import yargs from 'yargs';
import { verify } from '../src/commands/verify.ts';
import { describeCommand } from '../src/help/describe.ts';
import { parseQuickly } from '../src/quick-args.ts';

const { options } = describeCommand('verify [target]', '', verify.builder);

/** What yargs hands to the command, without what only yargs adds. */
async function byYargs(args: readonly string[]): Promise<Record<string, unknown>> {
  let handed: Record<string, unknown> = {};
  await yargs()
    .parserConfiguration({ 'boolean-negation': false, 'dot-notation': false, 'camel-case-expansion': false })
    .command('verify [target]', '', verify.builder, (raw) => void (handed = raw))
    .strict()
    .exitProcess(false)
    .parseAsync(['verify', ...args]);
  const names = ['target', ...options.map(({ name }) => name)];
  return Object.fromEntries(Object.entries(handed).filter(([name]) => names.includes(name)));
}

describe('arguments read quickly', () => {
  const same: readonly (readonly string[])[] = [
    [],
    ['folder'],
    ['folder', '--json'],
    ['--json', 'folder'],
    ['--format=json', '--output', 'report.json'],
    ['--report=json=a.json', '--report', 'sarif=b.sarif'],
    ['--format=json', '--format=human'],
    ['--quiet', '--quiet'],
    ['--output='],
    ['--no-cache', '--no-tarballs'],
    ['--registry=https://a.example/?b=c'],
  ];
  for (const args of same) {
    test(`verify ${args.join(' ')}: as yargs reads it`, async () => {
      const expected = await byYargs(args);
      assert.deepEqual({ target: '.', ...parseQuickly(args, options) }, expected);
    });
  }

  const left: readonly (readonly [why: string, args: readonly string[]])[] = [
    ['help', ['--help']],
    ['help, in short', ['-h']],
    ['the version', ['--version']],
    ['a misspelt option', ['--formt=json']],
    ['a missing value', ['--format']],
    ['an option where a value belongs', ['--format', '--json']],
    ['a value for a flag', ['--json=true']],
    ['what comes after --', ['--', 'folder']],
    ['two targets', ['a', 'b']],
  ];
  for (const [why, args] of left) {
    test(`leaves ${why} to yargs`, () => assert.equal(parseQuickly(args, options), undefined));
  }
});
