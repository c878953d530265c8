// What somebody reads who made a mistake: mistakes.txt has each kind, with the policy and every word that is said of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test } from 'node:test';
import { expiredWaivers, PROBLEM_CODES, type Problem } from '@lockseal/policy';
import { load, NOW } from '../support/load.ts';

const file = path.join(import.meta.dirname, 'mistakes.txt');
/** `## why`, the policy, `->`, what is said of it. */
const CASE = /^## (?<why>.+)\n\n(?<text>[^]*?)\n->\n(?<said>[^]*?)\n\n(?=## |$)/gm;
const EXTENDED = { './team.yaml': 'version: 1\ncustom:\n  - {name: ours, when: "pkg.nam == \\"a\\"", message: m}\n' };

const golden = fs.readFileSync(file, 'utf8');
const cases = [...golden.matchAll(CASE)].map(({ groups = {} }) => ({
  why: groups['why'] ?? '',
  text: `${groups['text'] ?? ''}\n`,
  said: groups['said'] ?? '',
}));

async function problemsOf(text: string): Promise<readonly Problem[]> {
  const loaded = await load(text, EXTENDED);
  return loaded.status === 'ok' ? expiredWaivers(loaded.policy, NOW) : loaded.problems;
}

function wordsOf({ code, file: name, position: { line, column }, message, hint }: Problem): string {
  return `${name}:${line}:${column}  ${code}\n    ${message}${hint === undefined ? '' : `\n    ${hint}`}`;
}

describe('mistakes.txt; LOCKSEAL_UPDATE_GOLDEN=1 writes what is said', () => {
  for (const { why, text, said } of cases) {
    test(why, async () => {
      assert.equal((await problemsOf(text)).map(wordsOf).join('\n'), said);
    });
  }

  test('has nothing between its cases, and one of every kind', async () => {
    const written = await Promise.all(
      cases.map(async ({ why, text }) => {
        const said = (await problemsOf(text)).map(wordsOf).join('\n');
        return `## ${why}\n\n${text.trimEnd()}\n->\n${said}\n\n`;
      }),
    );
    if (process.env['LOCKSEAL_UPDATE_GOLDEN'] === '1') fs.writeFileSync(file, written.join(''));
    assert.equal(fs.readFileSync(file, 'utf8'), written.join(''));
    const told = new Set([...golden.matchAll(/^\S+:\d+:\d+ {2}(\S+)$/gm)].map(([, code]) => code));
    // Too large a file is not for reading, and what a package refuses is told in the tests of the command line.
    const elsewhere = ['too-large', 'bad-reference'];
    assert.deepEqual(
      Object.keys(PROBLEM_CODES).filter((code) => !told.has(code) && !elsewhere.includes(code)),
      [],
    );
  });
});
