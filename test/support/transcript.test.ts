import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { parseTranscript, printTranscript } from './transcript-format.ts';
import { runTranscript, type TranscriptOptions } from './transcript.ts';

/** Prints its first argument as JSON would read it, its second to standard error, and exits with its third. */
const fake = `
  const [out = '', err = '', code = '0'] = process.argv.slice(1);
  const told = { env: process.env.GREETING, home: process.env.HOME, cwd: process.cwd(), secret: process.env.SECRET };
  const said = out === 'told' ? JSON.stringify(told) : out === 'stdin' ? require('node:fs').readFileSync(0, 'utf8') : JSON.parse('"' + out + '"');
  process.stdout.write(said);
  process.stderr.write(err);
  process.exitCode = Number(code);
`;
const options: TranscriptOptions = {
  commands: { fake: [process.execPath, '-e', fake, '--'] },
  variables: { REGISTRY: 'http://127.0.0.1:4873/' },
  version: '1.2.3',
};

let folder: string;
const saved = { ...process.env };
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-transcript-'));
  delete process.env['LOCKSEAL_CI'];
  delete process.env['LOCKSEAL_UPDATE_TRANSCRIPTS'];
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
  for (const name of ['LOCKSEAL_CI', 'LOCKSEAL_UPDATE_TRANSCRIPTS', 'SECRET']) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
});

function fileOf(text: string): string {
  const file = path.join(folder, 'case.txt');
  fs.writeFileSync(file, text);
  return file;
}

const run = async (text: string): Promise<void> => runTranscript(fileOf(text), options);

describe('a case that holds', () => {
  const cases: readonly (readonly [why: string, text: string])[] = [
    ['nothing printed', '$ fake\n= 0\n'],
    ['both streams and an exit code', '# Says so.\n\n$ fake out\\n err 3\n| out\n! err\n!~\n= 3\n'],
    ['empty lines and lines like marks', '$ fake "a\\n\\n| b\\n= 0\\n"\n| a\n|\n| | b\n| = 0\n= 0\n'],
    ['several commands', '$ fake a\\n\n| a\n= 0\n\n$ fake b\\n\n| b\n= 0\n'],
    ['quotes', `$ fake 'a b' "c d"\n| a b\n|~\n! c d\n!~\n= 0\n`],
    ['a file, printed', '$ cat a/b.json\n| {}\n= 0\n-- a/b.json --\n{}\n'],
    ['input from a file', '$ fake stdin < a.txt\n| from a\n= 0\n-- a.txt --\nfrom a\n'],
    [
      'an environment of its own',
      '$ GREETING=hello fake told\n| {"env":"hello","home":"[HOME]","cwd":"[TMP]"}\n|~\n= 0\n',
    ],
    ['variables both ways', '$ cat .npmrc\n| registry=[REGISTRY]\n= 0\n-- .npmrc --\nregistry=[REGISTRY]\n'],
    ['volatile text', '$ fake 2026-11-22T10:00:00.123Z\n| [TIME]\n|~\n= 0\n'],
    ['a port', '$ fake http://localhost:51234/\n| http://localhost:[PORT]/\n|~\n= 0\n'],
    ['durations', '$ fake "(2 min 5 s) (3.2 s) (87 ms)"\n| ([DURATION]) ([DURATION]) ([DURATION])\n|~\n= 0\n'],
    [
      'digests and key ids',
      `$ fake "sha256:${'ab'.repeat(32)} sha256:${'cd'.repeat(8)} SHA256:${'x'.repeat(43)}"\n| sha256:[DIGEST] sha256:[DIGEST] SHA256:[KEY]\n|~\n= 0\n`,
    ],
    ["lockseal's version and no other", '$ fake "lockseal 1.2.3, ms@1.2.3"\n| lockseal [VERSION], ms@1.2.3\n|~\n= 0\n'],
  ];
  for (const [why, text] of cases) {
    test(why, async () => {
      process.env['SECRET'] = 'of the caller';
      // What is printed is compared with placeholders; what is typed keeps its own text.
      await run(text);
    });
    test(`${why}: printing is the inverse of parsing`, () => {
      assert.equal(printTranscript(parseTranscript(text)), text);
    });
  }
});

describe('a case that does not hold', () => {
  const cases: readonly (readonly [why: string, text: string, message: RegExp])[] = [
    ['another standard output', '$ fake a\\n\n| b\n= 0\n', /\| a/],
    ['another standard error', '$ fake a\\n oops\n| a\n= 0\n', /! oops/],
    ['another exit code', '$ fake a\\n "" 1\n| a\n= 0\n', /= 1/],
    ['a missing line break', '$ fake a\n| a\n= 0\n', /\|~/],
    ['nothing written down', '$ fake a\\n\n', /\| a/],
    ['an unknown command', '$ rm -rf /\n= 0\n', /no command is called rm/],
    ['a line that is nothing', 'hello\n', /line 1 is neither/],
    ['an exit code that is none', '$ fake\n= x\n', /line 2: write = and the exit code/],
    ['marks out of order', '$ fake\n! a\n| b\n= 0\n', /lines 2 to 4/],
    ['no exit code', '$ fake a\\n\n| a\n', /lines 2 to 2/],
    ['a file outside the folder', '$ fake\n= 0\n-- ../a --\n', /no file name: \.\.\/a/],
    ['an absolute file', '$ fake\n= 0\n-- /etc/a --\n', /no file name/],
    ['two files of one name', '$ fake\n= 0\n-- a --\n-- a --\n', /two sections are named a/],
    ['a file that is not there', '$ cat a\n= 0\n', /ENOENT/],
  ];
  for (const [why, text, message] of cases) {
    test(why, async () => assert.rejects(run(text), message));
  }
});

describe('updating', () => {
  const text = '# Kept.\n\n$ fake a\\n err 2\n| old\n= 0\n\n# Also kept.\n-- a.txt --\nfile\n\n';

  test('rewrites what is printed and keeps the rest', async () => {
    process.env['LOCKSEAL_UPDATE_TRANSCRIPTS'] = '1';
    const file = fileOf(text);
    await runTranscript(file, options);
    const expected = text.replace('| old\n= 0', '| a\n! err\n!~\n= 2');
    assert.equal(fs.readFileSync(file, 'utf8'), expected);
  });

  test('never happens under LOCKSEAL_CI', async () => {
    process.env['LOCKSEAL_UPDATE_TRANSCRIPTS'] = '1';
    process.env['LOCKSEAL_CI'] = '1';
    await assert.rejects(run(text), /never updated/);
    assert.equal(fs.readFileSync(path.join(folder, 'case.txt'), 'utf8'), text);
  });
});
