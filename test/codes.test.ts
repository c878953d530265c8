// Holds the closed tables of codes and the pages that explain them together.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ERROR_CODES, FINDING_CODES, type ErrorCode, type FindingCode } from '@lockseal/core';
import { exitCodeFor } from '../packages/cli/src/exit-codes.ts';

interface Section {
  readonly code: string;
  /** Paragraphs, each on one line. */
  readonly paragraphs: readonly string[];
}

function sectionsOf(page: string): Section[] {
  const text = fs.readFileSync(path.join(import.meta.dirname, '..', 'docs', page), 'utf8');
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...paragraphs] = section.trim().split(/\n{2,}/);
      return { code, paragraphs: paragraphs.map((paragraph) => paragraph.replaceAll('\n', ' ')) };
    });
}

/** What a section lacks: these leading words, each opening a paragraph that says something. */
function missing({ paragraphs }: Section, parts: readonly string[]): string[] {
  return parts.filter(
    (part) => !paragraphs.some((paragraph) => paragraph.startsWith(part) && paragraph.length > part.length + 10),
  );
}

const tables = {
  'findings.md': { codes: Object.keys(FINDING_CODES), shape: /^[a-z0-9]+(?:-[a-z0-9]+)*$/ },
  'errors.md': { codes: Object.keys(ERROR_CODES), shape: /^ERR(?:_[A-Z0-9]+)+$/ },
};

for (const [page, { codes, shape }] of Object.entries(tables)) {
  describe(page, () => {
    test('has a heading for every code and no other, sorted, once', () => {
      assert.deepEqual(
        sectionsOf(page).map(({ code }) => code),
        codes.toSorted(),
      );
    });

    test('every code is spelt as codes of its kind are', () => {
      for (const code of codes) assert.match(code, shape);
    });
  });
}

test('no code is both a finding and an error', () => {
  assert.deepEqual(
    Object.keys(FINDING_CODES).filter((code) => Object.hasOwn(ERROR_CODES, code)),
    [],
  );
});

describe('each finding', () => {
  for (const section of sectionsOf('findings.md')) {
    test(`${section.code} is explained as the table has it`, () => {
      const { level, contradicts, title } = FINDING_CODES[section.code as FindingCode];
      assert.deepEqual(section.paragraphs.slice(0, 2), [`\`${level}\`${contradicts ? ' · contradicts' : ''}`, title]);
      assert.deepEqual(missing(section, ['**Example.** ', '**Cause.** ', '**Mend.** ']), []);
    });
  }

  for (const [code, { level, contradicts, title, fix }] of Object.entries(FINDING_CODES)) {
    test(`${code} has sentences, and a level that fits`, () => {
      assert.match(title, /^[A-Z].*\.$/);
      assert.match(fix, /^[A-Z].*\.$/);
      assert.ok(level === 'error' || !contradicts, 'evidence against an entry is an error');
    });
  }
});

describe('each error', () => {
  for (const section of sectionsOf('errors.md')) {
    test(`${section.code} is explained as the table has it`, () => {
      const code = section.code as ErrorCode;
      const meaning = ERROR_CODES[code];
      const sentence = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
      assert.deepEqual(section.paragraphs.slice(0, 2), [`Exit code ${exitCodeFor(code)}`, sentence]);
      assert.deepEqual(missing(section, ['**Meaning.** ', '**Mend.** ']), []);
    });
  }
});
