import { FINDING_CODES, type Finding, type FindingCode, type EntryOutline } from '@lockseal/core';
import type { PackagePattern } from './package-pattern.ts';
import type { CompiledRules } from './compile.ts';
import type { Place, Policy } from './policy.ts';
import type { Facts } from './rules/rule.ts';
import type { Waived } from './waivers.ts';

/**
 * What in the policy does nothing: patterns that match no package, waivers that hide nothing or have ended. Only the
 * project's own file is held to this; one that many projects extend matches more than each of them has.
 */
export function leftoversOf(
  policy: Policy,
  { unused, expired }: Waived,
  facts: Facts,
  rules: CompiledRules,
): readonly Finding[] {
  const own = <T extends Place>(all: readonly T[]): readonly T[] => all.filter(({ file }) => file === policy.name);
  const entries = facts.verification.evidence.map(({ entry }) => facts.describe(entry));
  const byName = Map.groupBy(entries, ({ name }) => name);
  const unmatched = [
    ...own(policy.overrides).flatMap(({ packages, ...place }) => packages.map((pattern) => ({ ...place, pattern }))),
    ...own(policy.identities).map(({ packages, ...place }) => ({ ...place, pattern: packages })),
  ].filter(
    ({ pattern }) => !matchesAny(pattern, pattern.name === undefined ? entries : (byName.get(pattern.name) ?? [])),
  );
  return [
    ...unmatched.flatMap(({ pattern, ...place }) => finding('policy-unmatched', place, pattern.text, rules)),
    ...own(expired).flatMap((each) => finding('waiver-expired', each, waiverText(each), rules)),
    ...own(unused).flatMap((each) => finding('waiver-unused', each, waiverText(each), rules)),
  ];
}

function matchesAny(pattern: PackagePattern, entries: readonly EntryOutline[]): boolean {
  return entries.some(({ name, version }) => pattern.matches(name, version));
}

function waiverText({ packages, rule, who, expires }: Waived['unused'][number]): string {
  return `${packages.text}, ${rule}, until ${expires.slice(0, 10)}, by ${who}`;
}

function finding(
  code: FindingCode,
  { file, position }: Place,
  found: string,
  rules: CompiledRules,
): readonly Finding[] {
  const level = rules.levelOf(code);
  if (level === 'off') return [];
  return [
    {
      code,
      level,
      subject: 'policy',
      entry: undefined,
      path: undefined,
      position,
      dependency: undefined,
      expected: undefined,
      found,
      detail: undefined,
      fix: FINDING_CODES[code].fix,
      rule: 'policy-file',
      file,
    },
  ];
}
