import { FINDING_CODES, type FindingCode } from '@lockseal/core';
import type { RuleLevel, RuleSetting } from '../policy.ts';
import type { Rule } from '../rules/rule.ts';
import { RULE_NAMES, ruleNamed } from '../rules/table.ts';
import type { PolicyNode } from './policy-node.ts';
import { didYouMean } from './suggest.ts';

const LEVELS = ['error', 'warn', 'note', 'off'] as const;

/** The `rules` table of a file or an override. */
export function readRules(node: PolicyNode | undefined): ReadonlyMap<string, RuleSetting> {
  const settings = new Map<string, RuleSetting>();
  for (const { key, keyNode, node: value } of node?.members() ?? []) {
    const rule = ruleNamed(key);
    if (rule === undefined) keyNode.report('unknown-rule', 'is no rule', didYouMean(key, RULE_NAMES));
    else settings.set(key, readSetting(rule, value));
  }
  return settings;
}

function readSetting(rule: Rule, node: PolicyNode): RuleSetting {
  if (!node.isMap) {
    const level = node.choice(...LEVELS);
    if (level !== undefined) refuseUnsafe(rule.codes, level, node);
    return { level, levels: new Map(), options: new Map() };
  }
  const members = node.known('level', 'levels', ...Object.keys(rule.options));
  const level = members.get('level')?.choice(...LEVELS);
  const levelNode = members.get('level');
  if (level !== undefined && levelNode !== undefined) refuseUnsafe(rule.codes, level, levelNode);
  const options = new Map<string, unknown>();
  for (const [name, option] of Object.entries(rule.options)) {
    const value = members.get(name);
    const read = value === undefined ? undefined : option.read(value);
    if (read !== undefined) options.set(name, read);
  }
  return { level, levels: readLevels(rule, members.get('levels')), options };
}

function readLevels(rule: Rule, node: PolicyNode | undefined): ReadonlyMap<FindingCode, RuleLevel> {
  const levels = new Map<FindingCode, RuleLevel>();
  for (const { key, keyNode, node: value } of node?.members() ?? []) {
    const code = rule.codes.find((each) => each === key);
    if (code === undefined) {
      keyNode.report('unknown-key', `is no finding of the rule ${rule.name}`, didYouMean(key, rule.codes));
      continue;
    }
    const level = value.choice(...LEVELS);
    if (level === undefined) continue;
    refuseUnsafe([code], level, value);
    levels.set(code, level);
  }
  return levels;
}

/** Evidence against a package must not pass by a level: whoever accepts it says so in a waiver, which ends. */
function refuseUnsafe(codes: readonly FindingCode[], level: RuleLevel, node: PolicyNode): void {
  const contradictions = codes.filter((code) => FINDING_CODES[code].contradicts);
  if (level === 'error' || contradictions.length === 0) return;
  node.report(
    'unsafe',
    `is ${level}, and evidence against a package would pass (${contradictions.join(', ')})`,
    'Set the other findings under `levels`, and except single packages by `waivers`.',
  );
}
