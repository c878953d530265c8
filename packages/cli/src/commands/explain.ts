import { ERROR_CODES, FINDING_CODES, LocksealError, type ErrorCode, type FindingCode } from '@lockseal/core';
import { nearest } from '@lockseal/policy';
import { sanitize } from '@lockseal/report';
import { textOption } from '../args.ts';
import { EXIT } from '../exit-codes.ts';
import type { Command } from './command.ts';

/** `lockseal explain CODE`: what a finding or error code means and how to mend it. */
export const explain: Command = {
  builder: (program) =>
    program
      .positional('code', { type: 'string', describe: 'such as edge-forged or ERR_NETWORK' })
      .example('$0 explain integrity-mismatch', 'why a report says so, and what to do'),
  run: async (args, console) => {
    const code = textOption(args, 'code') ?? '';
    console.stdout.write(explainCode(code));
    return EXIT.good;
  },
};

function explainCode(code: string): string {
  if (isFindingCode(code)) {
    const { level, contradicts, title, fix } = FINDING_CODES[code];
    const grade = contradicts ? 'The entry is graded contradicted.' : 'The grade of the entry does not change.';
    return `${code} (${level} unless the policy says otherwise)\n\n${title}\n${grade}\n\nMend it: ${fix}\n\nAn example and its cause: docs/findings.md#${code}\n`;
  }
  if (isErrorCode(code)) {
    const meaning = ERROR_CODES[code];
    return `${code}\n\nlockseal could not decide: ${meaning}.\nThat is never a pass.\n\nMore: docs/errors.md#${code.toLowerCase()}\n`;
  }
  throw new LocksealError('ERR_USAGE', `No code is called ${sanitize(code, 100)}.`, {
    expected: 'a finding code (edge-forged) or an error code (ERR_NETWORK)',
    hint: suggestion(code),
  });
}

function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(FINDING_CODES, code);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** The code that is spelt nearly so, or those that share a word with what was typed. */
function suggestion(code: string): string {
  const known = [...Object.keys(FINDING_CODES), ...Object.keys(ERROR_CODES)];
  const meant = nearest(code, known);
  if (meant !== undefined) return `Did you mean ${meant}?`;
  const words = code
    .toLowerCase()
    .split(/[-_\s]+/)
    .filter((word) => word.length > 2 && word !== 'err');
  const near = known.filter((candidate) => words.some((word) => candidate.toLowerCase().includes(word)));
  return near.length === 0
    ? 'All codes are listed in docs/findings.md and docs/errors.md.'
    : `Did you mean ${near.slice(0, 5).join(', ')}?`;
}
