import { FINDING_CODES, type FindingCode, type EntryOutline } from '@lockseal/core';
import { mergeRules } from './load-policy.ts';
import { indexPatterns } from './pattern-index.ts';
import type { Policy, RuleLevel, RuleSetting } from './policy.ts';
import type { Facts, Objection, Opinion, OptionValues, Rule, Subject } from './rules/rule.ts';
import { ruleOf, RULES } from './rules/table.ts';

/** The rules with their options, ready to judge the packages that share them. */
export interface CompiledRules {
  readonly levelOf: (code: FindingCode) => RuleLevel;
  readonly judges: readonly {
    readonly rule: string;
    readonly judgesCarried: boolean;
    readonly judge: (subject: Subject) => readonly Opinion[];
  }[];
  readonly judgesOfAll: readonly {
    readonly rule: string;
    readonly judge: (facts: Facts) => readonly Objection[];
  }[];
}

type Settings = ReadonlyMap<string, RuleSetting>;

/** For each package the rules as its overrides leave them; those that share overrides share one compilation. */
export function compilePolicy(policy: Policy): {
  readonly base: CompiledRules;
  readonly rulesFor: (entry: EntryOutline) => CompiledRules;
} {
  const compiled = new Map<string, CompiledRules>();
  const base = compileRules(policy.rules);
  compiled.set('', base);
  const positions = new Map(policy.overrides.map((override, at) => [override, at]));
  const overridesOf = indexPatterns(policy.overrides, ({ packages }) => packages);
  return {
    base,
    rulesFor: ({ name, version }) => {
      const matching = overridesOf(name, version);
      const key = matching.map((override) => positions.get(override)).join(' ');
      const known =
        compiled.get(key) ?? compileRules(matching.map(({ rules }) => rules).reduce(mergeRules, policy.rules));
      compiled.set(key, known);
      return known;
    },
  };
}

function compileRules(settings: Settings): CompiledRules {
  const active = RULES.filter((rule) => isActive(rule, settings));
  return {
    levelOf: (code) => levelOf(code, settings),
    judges: active.flatMap(({ judge, judgesCarried = false, ...rule }) => {
      if (judge === undefined) return [];
      return [{ rule: rule.name, judgesCarried, judge: judge(optionsOf(rule, settings.get(rule.name))) }];
    }),
    judgesOfAll: active.flatMap(({ judgeAll, ...rule }) =>
      judgeAll === undefined ? [] : [{ rule: rule.name, judge: judgeAll(optionsOf(rule, settings.get(rule.name))) }],
    ),
  };
}

export function isActive(rule: Rule, settings: Settings): boolean {
  const setting = settings.get(rule.name);
  if (setting?.level === 'off') return setting.levels.size > 0;
  if (rule.isOnByDefault || setting !== undefined) return true;
  return RULES.some((other) => rule.isOnWith?.includes(other.name) === true && isActive(other, settings));
}

function levelOf(code: FindingCode, settings: Settings): RuleLevel {
  const rule = ruleOf(code);
  const setting = rule === undefined ? undefined : settings.get(rule.name);
  return setting?.levels.get(code) ?? setting?.level ?? FINDING_CODES[code].level;
}

function optionsOf(rule: Pick<Rule, 'options'>, setting: RuleSetting | undefined): OptionValues {
  const options = Object.entries(rule.options).map(([name, { fallback }]) => [
    name,
    setting?.options.has(name) === true ? setting.options.get(name) : fallback,
  ]);
  return Object.fromEntries(options) as OptionValues;
}

/** What must be gathered for a policy to be judged, beyond what every verification gathers. */
export interface Needs {
  /** The registry's lists of versions. */
  readonly history: boolean;
  /** The tarballs of what changed since the baseline, of both versions. */
  readonly contents: boolean;
}

export function needsOf(policy: Policy): Needs {
  const layers = [policy.rules, ...policy.overrides.map(({ rules }) => rules)];
  const asks = (rule: Rule): boolean => layers.some((settings) => settings.has(rule.name) && isActive(rule, settings));
  return {
    history:
      RULES.some((rule) => rule.needsHistory === true && asks(rule)) ||
      policy.custom.some(({ when, level }) => level !== 'off' && when.needsHistory),
    contents: RULES.some((rule) => rule.needsContents === true && asks(rule)),
  };
}
