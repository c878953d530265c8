import { canonicalize, type Json } from '@lockseal/core';
import type { Policy, RuleLevel, RuleSetting } from './policy.ts';

/** What a policy demands of packages, as plain data that an approval can record: all but exceptions and approvers. */
export interface Demands {
  readonly registries: readonly string[] | null;
  readonly identities: readonly Json[];
  readonly custom: readonly Json[];
  readonly overrides: readonly Json[];
  readonly rules: { readonly [rule: string]: RuleDemand };
}

interface RuleDemand {
  /** null: each finding at its own level. */
  readonly level: string | null;
  readonly levels: { readonly [code: string]: string };
  readonly options: Json;
}

export function demandsOf({ registries, identities, custom, overrides, rules }: Policy): Demands {
  return {
    registries: registries ?? null,
    identities: identities.map(({ packages, identities: any }) => plain({ packages, any })),
    custom: custom
      .filter(({ level }) => level !== 'off')
      .map(({ name, level, packages, when }) => plain({ name, level, packages, when: when.text })),
    overrides: overrides.map(({ packages, rules: own }) => plain({ packages, rules: rulesOf(own) })),
    rules: rulesOf(rules),
  };
}

function rulesOf(rules: Policy['rules']): Demands['rules'] {
  return Object.fromEntries([...rules].map(([name, setting]) => [name, ruleOf(setting)]));
}

function ruleOf({ level, levels, options }: RuleSetting): RuleDemand {
  return { level: level ?? null, levels: Object.fromEntries(levels), options: plain(options) };
}

/** Options are made by each rule's own reader: texts, numbers, patterns and lists and objects of these. */
function plain(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof RegExp) return value.source;
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  const members = Object.entries(value).filter(([, member]) => typeof member !== 'function');
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
}

/**
 * Whether whatever was good enough under the one is good enough under the other. Where the two cannot be compared the
 * answer is no: an option may be stricter whether its number rose or fell.
 * @param before as an approval recorded it: plain data of any shape
 */
export function areNoStronger(now: Demands, before: Json): boolean {
  if (now.custom.some(isFickle)) return false;
  if (canonicalize(plain(now)) === canonicalize(before)) return true;
  if (!isDemands(before)) return false;
  return (
    allowsAll(now.registries, before.registries) &&
    isWithin(now.identities, before.identities) &&
    isWithin(now.custom, before.custom) &&
    isSame(now.overrides, before.overrides) &&
    Object.keys({ ...before.rules, ...now.rules }).every((rule) => isWeaker(now.rules[rule], before.rules[rule]))
  );
}

/** What expressions can read that may be another thing of the same package: where it is locked, how one comes to it, when. */
const FICKLE = /\b(?:path|registry|change|observations|deprecated|ageDays)\b/;

/** A rule of the project that may object today to what it let pass, although the package is the same. */
function isFickle(custom: Json): boolean {
  return FICKLE.test(canonicalize(custom));
}

function isDemands(value: Json): value is Json & Demands {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { registries, identities, custom, overrides, rules } = value as Readonly<Record<string, unknown>>;
  const lists = [identities, custom, overrides, registries ?? []];
  const isTable = typeof rules === 'object' && rules !== null && Object.values(rules).every(isRuleDemand);
  return lists.every((list) => Array.isArray(list)) && isTable;
}

function isRuleDemand(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { level, levels } = value as Readonly<Record<string, unknown>>;
  return (level === null || typeof level === 'string') && typeof levels === 'object' && levels !== null;
}

/** A policy that names no registries accepts all that are configured. */
function allowsAll(now: Demands['registries'], before: Demands['registries']): boolean {
  return now === null || (before !== null && before.every((registry) => now.includes(registry)));
}

function isWithin(now: readonly Json[], before: readonly Json[]): boolean {
  const known = new Set(before.map((each) => canonicalize(each)));
  return now.every((each) => known.has(canonicalize(each)));
}

function isSame(now: unknown, before: unknown): boolean {
  return canonicalize(plain(now)) === canonicalize(plain(before));
}

const RANKS: Readonly<Record<RuleLevel, number>> = { off: 0, note: 1, warn: 2, error: 3 };

/** The same rule with the same options, at no higher level; or a rule that is off. */
function isWeaker(now: RuleDemand | undefined, before: RuleDemand | undefined): boolean {
  if (isSame(now, before)) return true;
  if (now === undefined) return false;
  const codes = Object.keys({ ...now.levels, ...before?.levels });
  if (now.level === 'off' && codes.every((code) => now.levels[code] === undefined)) return true;
  if (before === undefined || !isSame(now.options, before.options)) return false;
  const isNoHigher = (one: string | null, other: string | null): boolean =>
    one === other || (one !== null && other !== null && rankOf(one) <= rankOf(other));
  return (
    isNoHigher(now.level, before.level) &&
    codes.every((code) => isNoHigher(now.levels[code] ?? now.level, before.levels[code] ?? before.level))
  );
}

/** A level that nobody knows is above all. */
function rankOf(level: string): number {
  return Object.hasOwn(RANKS, level) ? RANKS[level as RuleLevel] : Number.POSITIVE_INFINITY;
}
