// The table of docs/managers.md: what was found out about each manager.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { AttackName } from './attacks.ts';

const DOCUMENT = path.resolve(import.meta.dirname, '../../../docs/managers.md');
const BEGIN = '<!-- outcomes: written by LOCKSEAL_UPDATE_MANAGERS=1 npm run test:managers -->';
const END = '<!-- end of outcomes -->';

/** What a manager did with an attacked lockfile, and the codes of lockseal's errors. */
export interface AttackOutcome {
  readonly manager: string;
  readonly lockseal: readonly string[];
}

export interface Outcome {
  readonly manager: string;
  /** Entries of its lockfile by class: `18 registry, 1 file`. */
  readonly entries: string;
  /** `good`, or the errors that are true. */
  readonly verified: string;
  /** How its package set compares with npm's. */
  readonly set: string;
  /** Whether it installs what lockseal reads. */
  readonly installs: string;
  readonly attacks: Readonly<Record<AttackName, AttackOutcome>>;
}

/** Two tables in Markdown: the lockfile as written, and as attacked. */
export function renderOutcomes(outcomes: readonly Outcome[]): string {
  const written = outcomes.map((each) => [each.manager, each.entries, each.verified, each.set, each.installs]);
  const attacked = outcomes.map((each) => [
    each.manager,
    ...Object.values(each.attacks).flatMap(({ manager, lockseal }) => [
      manager,
      lockseal.map((code) => `\`${code}\``).join(', '),
    ]),
  ]);
  const attacks = ['substituted artifact', 'forged edge', 'removed integrity'] satisfies AttackName[];
  return [
    table(['lockfile by', 'entries', '`lockseal verify`', 'package set', 'installs what lockseal reads'], written),
    '',
    table(['frozen install by', ...attacks.flatMap((name) => [name, 'lockseal'])], attacked),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Holds the rows against those of docs/managers.md, or writes them there with LOCKSEAL_UPDATE_MANAGERS=1. */
export function compareWithDocument(outcomes: readonly Outcome[], isComplete: boolean): void {
  const document = fs.readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = document.split(`${BEGIN}\n`);
  const [written, after] = rest?.split(END) ?? [];
  assert.ok(before !== undefined && written !== undefined && after !== undefined, 'docs/managers.md lacks its marks');
  const rendered = renderOutcomes(outcomes);
  if (process.env['LOCKSEAL_UPDATE_MANAGERS'] === '1') {
    assert.ok(isComplete, 'the table is only written when no manager was skipped');
    fs.writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${rendered}\n\n${END}${after}`);
    return;
  }
  const known = new Set(written.split('\n'));
  const news = rendered.split('\n').filter((line) => !known.has(line));
  assert.deepEqual(news, [], 'docs/managers.md says otherwise: LOCKSEAL_UPDATE_MANAGERS=1 npm run test:managers');
}
