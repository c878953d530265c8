import type { Finding, EntryOutline, WaivedFinding } from '@lockseal/core';
import type { Problem } from './document/problem.ts';
import type { Policy, Waiver } from './policy.ts';
import type { Facts } from './rules/rule.ts';

export interface Waived {
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  readonly unused: readonly Waiver[];
  readonly expired: readonly Waiver[];
}

function isExpired({ expires }: Waiver, now: number): boolean {
  return Date.parse(expires) <= now;
}

/** Takes away what the policy excepts. Nothing is lost: what was hidden, and by what, is part of the result. */
export function applyWaivers(findings: readonly Finding[], { waivers }: Policy, facts: Facts): Waived {
  const expired = waivers.filter((waiver) => isExpired(waiver, facts.now));
  const valid = waivers.filter((waiver) => !expired.includes(waiver));
  const used = new Set<Waiver>();
  const left: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of findings) {
    const entry = finding.entry === undefined ? undefined : facts.describe(finding.entry);
    const waiver = valid.find((each) => covers(each, finding, entry));
    if (waiver === undefined) left.push(finding);
    else {
      used.add(waiver);
      waived.push({ finding, reason: waiver.reason, who: waiver.who, expires: waiver.expires });
    }
  }
  return { findings: left, waived, expired, unused: valid.filter((waiver) => !used.has(waiver)) };
}

function covers({ rule, packages }: Waiver, finding: Finding, entry: EntryOutline | undefined): boolean {
  return entry !== undefined && finding.rule === rule && packages.matches(entry.name, entry.version);
}

/** Waivers whose time is over, as mistakes of the file: whoever checks a policy is told before a build is. */
export function expiredWaivers({ waivers }: Policy, now: number): readonly Problem[] {
  return waivers
    .filter((waiver) => isExpired(waiver, now))
    .map(({ file, position, packages, rule, expires }) => ({
      code: 'waiver-expired',
      file,
      position,
      message: `the waiver of ${rule} for ${packages.text} ended on ${expires.slice(0, 10)}`,
      hint: 'Remove it, or renew it with a reason that holds now.',
    }));
}
