import { FINDING_CODES, type FindingCode } from '@lockseal/core';
import { isActive } from './compile.ts';
import type { Policy } from './policy.ts';
import { ruleNamed, ruleOf } from './rules/table.ts';

/** A built-in rule in words, and what a policy makes of it. */
export interface RuleDescription {
  readonly name: string;
  readonly describe: string;
  /** The policy turns it on, or it is on by itself. */
  readonly isActive: boolean;
  readonly codes: readonly { readonly code: FindingCode; readonly level: string; readonly title: string }[];
  readonly options: readonly { readonly name: string; readonly describe: string }[];
}

/** @param name of a rule, or one of its finding codes */
export function describeRule(name: string, policy: Policy): RuleDescription | undefined {
  const rule = ruleNamed(name) ?? (isFindingCode(name) ? ruleOf(name) : undefined);
  if (rule === undefined) return undefined;
  const setting = policy.rules.get(rule.name);
  return {
    name: rule.name,
    describe: rule.describe,
    isActive: isActive(rule, policy.rules),
    codes: rule.codes.map((code) => {
      const { level, title } = FINDING_CODES[code];
      return { code, level: setting?.levels.get(code) ?? setting?.level ?? level, title };
    }),
    options: Object.entries(rule.options).map(([option, { describe }]) => ({ name: option, describe })),
  };
}

function isFindingCode(text: string): text is FindingCode {
  return Object.hasOwn(FINDING_CODES, text);
}
