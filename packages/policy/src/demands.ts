import { canonicalize, type Json } from '@lockseal/core';
import type { Policy, RuleLevel, RuleSetting } from './policy.ts';
import { allowsAtLeast } from './rules/allowed-scripts.ts';

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

/**
 * Options are made by each rule's own reader: texts, numbers, flags, patterns, and lists and objects of these.
 * @throws TypeError on what is none of them: it would be recorded as `{}`, and any two would count as the same
 */
function plain(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new TypeError('a policy demands plain data only');
  const members = Object.entries(value).filter(([, member]) => typeof member !== 'function');
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
}

/**
 * Whether whatever was good enough under the one is good enough under the other. Where the two cannot be compared the
 * answer is no: an option may be stricter whether its number rose or fell.
 * @param before as an approval recorded it: plain data of any shape
 */
export function areNoStronger(now: Demands, before: Json): boolean {
  if (now.custom.some(isFickle) || !isDemands(before)) return false;
  const names = Object.keys({ ...before.rules, ...now.rules });
  return (
    allowsAll(now.registries, before.registries) &&
    isWithin(now.identities, before.identities) &&
    isWithin(now.custom, before.custom) &&
    isSame(now.overrides, before.overrides) &&
    names.every((name) =>
      isWeaker(
        { name, where: now.overrides.length > 0 ? 'overridden' : 'everywhere' },
        own(now.rules, name),
        own(before.rules, name),
      ),
    )
  );
}

/** What expressions can read that may be another thing of the same package: where it is locked, how one comes to it, when. */
const FICKLE = /\b(?:path|registry|change|observations|deprecated|ageDays)\b/;
/** An index that is no plain name in quotes can lead to any of these: `pkg["regi" + "stry"]`. Lists after `in` are none. */
const COMPUTED = /(?<!\bin\s*)\[(?!\s*(["'])\w+\1\s*\])/;

/** A rule of the project that may object today to what it let pass, although the package is the same. */
function isFickle(custom: Json): boolean {
  const { when } = custom as { readonly when: string };
  return FICKLE.test(when) || COMPUTED.test(when);
}

function isDemands(value: Json): value is Json & Demands {
  if (!isTable(value)) return false;
  const { registries, identities, custom, overrides, rules } = value;
  return (
    (registries === null || Array.isArray(registries)) &&
    [identities, custom, overrides].every((list) => Array.isArray(list)) &&
    isTable(rules) &&
    Object.values(rules).every(isRuleDemand)
  );
}

function isRuleDemand(value: unknown): boolean {
  if (!isTable(value)) return false;
  const { level, levels } = value;
  return (
    (level === null || typeof level === 'string') &&
    isTable(levels) &&
    Object.values(levels).every((each) => typeof each === 'string')
  );
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an approval recorded can have members of any name, `__proto__` among them. */
function own(rules: Demands['rules'], name: string): RuleDemand | undefined {
  return Object.hasOwn(rules, name) ? rules[name] : undefined;
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

/** Rules whose options can be compared: whether the one set lets through whatever the other does. */
const COMPARABLE: ReadonlyMap<string, (now: Json, before: Json) => boolean> = new Map([
  ['install-scripts', allowsAtLeast],
]);

/**
 * The same rule with the same options, or with options that let through more, at no higher level; or a rule that is off.
 * An override may turn on again, for some packages, what is off, and takes its options from here: then options count even
 * of a rule that is off.
 */
function isWeaker(
  { name, where }: { readonly name: string; readonly where: 'everywhere' | 'overridden' },
  now: RuleDemand | undefined,
  before: RuleDemand | undefined,
): boolean {
  if (now === undefined) return before === undefined;
  const known = before?.options ?? {};
  const isAsWide = isSame(now.options, known) || COMPARABLE.get(name)?.(now.options, known) === true;
  const isOff = now.level === 'off' && Object.keys(now.levels).length === 0;
  if (isOff && (isAsWide || where === 'everywhere')) return true;
  if (before === undefined || !isAsWide) return false;
  return (
    isNoHigher(now.level, before.level) &&
    Object.keys({ ...now.levels, ...before.levels }).every((code) =>
      isNoHigher(now.levels[code] ?? now.level, before.levels[code] ?? before.level),
    )
  );
}

/** A level that nobody knows, or that is left to each finding (null), compares with itself alone. */
function isNoHigher(now: string | null, before: string | null): boolean {
  if (now === before) return true;
  return isLevel(now) && isLevel(before) && RANKS[now] <= RANKS[before];
}

function isLevel(text: string | null): text is RuleLevel {
  return text !== null && Object.hasOwn(RANKS, text);
}
