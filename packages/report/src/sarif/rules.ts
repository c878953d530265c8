import { ERROR_CODES, FINDING_CODES, type ErrorCode, type FindingCode, type FindingCodeInfo } from '@lockseal/core';
import type { Item } from '../items.ts';
import type { JsonInput } from '../json/text.ts';

/** Reporting descriptors (SARIF 3.49) of the codes that a report uses, in the order of the alphabet. */
export interface Descriptors {
  readonly rules: DescriptorTable;
  readonly notifications: DescriptorTable;
}

interface DescriptorTable {
  readonly list: readonly JsonInput[];
  readonly indexOf: (code: string) => number;
}

export function descriptorsOf(items: readonly Item[]): Descriptors {
  const codes = [...new Set(items.map(({ code }) => code))].sort();
  const isError = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);
  const isFinding = (code: string): code is FindingCode => Object.hasOwn(FINDING_CODES, code);
  return {
    rules: table(codes.filter(isFinding), (code) => rule(code, FINDING_CODES[code])),
    notifications: table(codes.filter(isError), (code) => notification(code, ERROR_CODES[code])),
  };
}

function table<Code extends string>(codes: readonly Code[], describe: (code: Code) => JsonInput): DescriptorTable {
  const indexes = new Map<string, number>(codes.map((code, index) => [code, index]));
  return { list: codes.map(describe), indexOf: (code) => indexes.get(code) ?? -1 };
}

export const SARIF_LEVELS = { error: 'error', undecided: 'error', warn: 'warning', note: 'note' } as const;

function rule(code: FindingCode, info: FindingCodeInfo): JsonInput {
  const grade = info.contradicts ? ' It is evidence against the entry, whose grade becomes contradicted.' : '';
  return {
    id: code,
    shortDescription: { text: info.title },
    fullDescription: { text: `${info.title}${grade}` },
    help: {
      text: `${info.title}${grade}\n\nMend it: ${info.fix}\n\nMore: lockseal explain ${code}, or docs/findings.md of lockseal.`,
      markdown: `${info.title}${grade}\n\n**Mend it.** ${info.fix}\n\nMore: \`lockseal explain ${code}\`, or docs/findings.md of lockseal.`,
    },
    defaultConfiguration: { level: SARIF_LEVELS[info.level] },
    properties: { tags: ['security', 'supply-chain'], precision: 'very-high', 'security-severity': severity(info) },
  };
}

/** GitHub's scale of 0 to 10: evidence against an entry is critical, an error high, a warning medium, a note low. */
function severity({ contradicts, level }: FindingCodeInfo): string {
  if (contradicts) return '9.5';
  return { error: '8.0', warn: '5.0', note: '2.0' }[level];
}

function notification(code: ErrorCode, meaning: string): JsonInput {
  const text = `lockseal could not decide: ${meaning}. That is never a pass.`;
  const help = `${text}\n\nMore: lockseal explain ${code}, or docs/errors.md of lockseal.`;
  return { id: code, shortDescription: { text }, help: { text: help } };
}
