import type { EntryId, Evidence, Finding, Observation } from '@lockseal/core';
import { untold } from './checks.ts';
import { compilePolicy, type CompiledRules } from './compile.ts';
import { judgeCustom } from './custom/custom-rule.ts';
import { celFacts, type CelFacts } from './custom/facts.ts';
import { toFinding, type Judged } from './findings.ts';
import type { Policy } from './policy.ts';
import { isOpen } from './rules/history.ts';
import type { Facts, Opinion, Subject } from './rules/rule.ts';
import { ruleOf } from './rules/table.ts';
import type { OpenCheck } from './undecided.ts';

/** Everything that rules say, before exceptions. */
export interface Opinions {
  readonly findings: readonly Finding[];
  /** What a rule of level error needs to know and nobody could tell: the first question of each entry. */
  readonly open: ReadonlyMap<EntryId, OpenCheck>;
}

/** Observations of verification, built-in rules and custom rules, on every entry and on the lockfile as a whole. */
export function judgeEntries(policy: Policy, facts: Facts): Opinions {
  const { base, rulesFor } = compilePolicy(policy);
  const open = new Map<EntryId, OpenCheck>();
  const findings = judgeLockfile(base, facts);
  for (const evidence of facts.verification.evidence) {
    const subject: Subject = { evidence, facts, entry: facts.describe(evidence.entry) };
    const rules = rulesFor(subject.entry);
    for (const judged of observed(subject, rules)) findings.push(toFinding(judged, evidence, facts));
    // The approval that vouches for it was given under these rules or stronger ones, and they had nothing to say of it;
    // what the lockfile itself tells may be another thing now.
    const isCarried = evidence.carried !== undefined;
    for (const { rule, judge, judgesCarried } of rules.judges) {
      if (isCarried && !judgesCarried) continue;
      for (const opinion of judge(subject)) {
        const judged = judgeOpinion(opinion, rule, rules, evidence);
        if (judged !== undefined && 'observation' in judged) findings.push(toFinding(judged, evidence, facts));
        else if (judged !== undefined && !open.has(evidence.entry)) open.set(evidence.entry, judged);
      }
    }
    if (isCarried) continue;
    for (const judged of customOpinions(policy, subject)) findings.push(toFinding(judged, evidence, facts));
  }
  return { findings, open };
}

function judgeLockfile(rules: CompiledRules, facts: Facts): Finding[] {
  const told = facts.verification.observations.flatMap((observation) => atLevel(observation, rules));
  const judged = rules.judgesOfAll.flatMap(({ rule, judge }) =>
    judge(facts).flatMap(({ fix, ...observation }) => atLevel(observation, rules, rule, fix)),
  );
  return [...told, ...judged].map((each) => toFinding(each, undefined, facts));
}

function observed({ evidence, entry }: Subject, rules: CompiledRules): readonly Judged[] {
  const all = [...evidence.observations, ...untold(evidence, entry)];
  return all.flatMap((observation) => atLevel({ ...observation, entry: evidence.entry }, rules));
}

function judgeOpinion(
  opinion: Opinion,
  rule: string,
  rules: CompiledRules,
  { entry }: Evidence,
): Judged | OpenCheck | undefined {
  if (isOpen(opinion)) return rules.levelOf(opinion.code) === 'error' ? opinion.open : undefined;
  const { fix, ...observation } = opinion;
  return atLevel({ ...observation, entry }, rules, rule, fix)[0];
}

function customOpinions({ custom }: Policy, subject: Subject): readonly Judged[] {
  let known: CelFacts | undefined;
  const factsOf = (): CelFacts => (known ??= celFacts(subject));
  return custom.flatMap((rule) => {
    const { level, name } = rule;
    if (level === 'off') return [];
    return judgeCustom(rule, subject, factsOf).map(({ fix, ...observation }): Judged => {
      return { observation: { ...observation, entry: subject.evidence.entry }, level, rule: name, fix };
    });
  });
}

function atLevel(
  observation: Observation,
  rules: CompiledRules,
  rule: string | undefined = ruleOf(observation.code)?.name,
  fix?: string,
): readonly Judged[] {
  const level = rules.levelOf(observation.code);
  return level === 'off' ? [] : [{ observation, level, rule, fix }];
}
