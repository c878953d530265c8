// The completion scripts in the shells themselves, where those are installed; bash always is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { COMMANDS } from '../src/commands.ts';
import { completionScript, SHELLS, type Shell } from '../src/help/completion.ts';
import { describeCommands } from '../src/help/describe.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-completion-'));
const scripts = new Map<Shell, string>();

before(async () => {
  const commands = await describeCommands(COMMANDS);
  for (const shell of SHELLS) {
    const file = path.join(folder, `lockseal.${shell}`);
    fs.writeFileSync(file, completionScript(shell, commands));
    scripts.set(shell, file);
  }
  fs.writeFileSync(path.join(folder, 'policy.yaml'), '');
});
after(() => fs.rmSync(folder, { recursive: true }));

/** What is typed, one of the completions that must be offered, and one that must not. */
const vectors: readonly (readonly [typed: string, offered: string, not: string])[] = [
  ['lockseal ver', 'verify', 'policy'],
  ['lockseal policy ', 'check', 'verify'],
  ['lockseal policy ch', 'check', 'init'],
  ['lockseal verify --form', '--format', '--json'],
  ['lockseal verify --format=js', 'json', 'junit'],
  ['lockseal policy check --policy-', '--policy-ref', '--tarballs'],
  ['lockseal trust keygen --alg', '--algorithm', '--offline'],
  ['lockseal policy check pol', 'policy.yaml', 'policy'],
];

function run(program: string, args: readonly string[]): string {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C', TERM: 'dumb' };
  const { stdout, stderr, error, status } = spawnSync(program, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

function isHere(program: string): boolean {
  return spawnSync(program, ['--version'], { timeout: 60_000 }).error === undefined;
}

/** bash splits words at `=` too. */
function inBash(typed: string): string[] {
  const words = typed.split(/ |(=)/).filter((word) => word !== undefined);
  const call = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lockseal; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '--noprofile', '-c', call, 'bash', scripts.get('bash') ?? '', ...words]).split('\n');
}

function inFish(typed: string): string[] {
  const call = 'source $argv[1]; complete -C $argv[2]';
  const printed = run('fish', ['--no-config', '-c', call, '--', scripts.get('fish') ?? '', typed]);
  return printed.split('\n').map((line) => (line.split('\t')[0] ?? '').replace(/^--format=/, ''));
}

describe('completion', () => {
  for (const [typed, offered, not] of vectors) {
    test(`bash: ${typed}`, () => {
      const found = inBash(typed);
      assert.ok(found.includes(offered), found.join(' '));
      assert.ok(!found.includes(not), found.join(' '));
    });
  }

  test('fish', (t) => {
    if (!isHere('fish')) return t.diagnostic('NOT TESTED: fish is not installed');
    for (const [typed, offered, not] of vectors) {
      const found = inFish(typed);
      assert.ok(found.includes(offered), `${typed}: ${found.join(' ')}`);
      assert.ok(!found.includes(not), `${typed}: ${found.join(' ')}`);
    }
  });

  // Completion needs an editor of lines, so one is driven as a person would: type, press the key, look.
  test('zsh', (t) => {
    if (!isHere('zsh')) return t.diagnostic('NOT TESTED: zsh is not installed');
    const unique = vectors.filter(([typed]) => !typed.endsWith(' ') && !typed.endsWith('pol'));
    const steps = unique.map(([typed, offered]) => {
      const completed = `${typed.replace(/[^ =]*$/, '')}${offered}`;
      return `zpty -w -n z ${quoted(typed)}$'\\t'; zpty -r z out ${quoted(`*${completed}*`)} || exit 1; zpty -w -n z $'\\C-u'; print -r -- ${quoted(offered)}`;
    });
    const script = [
      'zmodload zsh/zpty',
      'zpty z zsh -f -i',
      `zpty -w z "autoload -U compinit; compinit -u -D; source ${scripts.get('zsh') ?? ''}; bindkey '^I' complete-word; print rea''dy"`,
      "zpty -r z out '*ready*'",
      ...steps,
      'zpty -d z',
    ];
    const printed = run('zsh', ['-f', '-c', script.join('\n')]);
    assert.deepEqual(
      printed.trim().split('\n'),
      unique.map(([, offered]) => offered),
    );
  });

  test('no description can leave its quotes', () => {
    const option = {
      name: 'x',
      describe: "it's [a] $(b) `c` \\",
      takesValue: true,
      alias: undefined,
      group: undefined,
      choices: [],
    };
    const command = { name: 'go', usage: 'go', describe: "don't", positionals: [], options: [option], examples: [] };
    for (const shell of SHELLS) {
      const file = path.join(folder, `odd.${shell}`);
      fs.writeFileSync(file, completionScript(shell, [command]));
      if (isHere(shell)) run(shell, ['-n', file]);
    }
  });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
