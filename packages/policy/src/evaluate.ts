import type { Finding, Level, Observation, Undecided, Verdict, Verification, WaivedFinding } from '@lockseal/core';
import { compilePolicy } from './compile.ts';
import { judgeEntries } from './judge-entries.ts';
import { leftoversOf } from './leftovers.ts';
import { indexPatterns } from './pattern-index.ts';
import type { Policy } from './policy.ts';
import type { Facts } from './rules/rule.ts';
import { undecidedEntries } from './undecided.ts';
import { applyWaivers } from './waivers.ts';

/** A policy's opinion of a verification. All lists are in a fixed order, whatever the order of the evidence. */
export interface Judgement {
  /** By level, then code, then subject. */
  readonly findings: readonly Finding[];
  /** By subject. */
  readonly undecided: readonly Undecided[];
  /** What the policy's waivers hid, and why; in the order of findings. */
  readonly waived: readonly WaivedFinding[];
  readonly verdict: Verdict;
}

/** What the lockfile says about an entry, and how the project comes to depend on it. */
export type Context = Pick<Facts, 'describe' | 'pathTo'> & {
  /** Facts about the run that verification does not know: `policy-changed`. */
  readonly observations?: readonly Observation[] | undefined;
};

/** Judges verified facts; looks at nothing else. */
export function evaluate(verification: Verification, policy: Policy, context: Context): Judgement {
  const facts = factsOf(verification, policy, context);
  const { findings: all, open } = judgeEntries(policy, facts);
  const excepted = applyWaivers(all, policy, facts);
  const leftovers = leftoversOf(policy, excepted, facts, compilePolicy(policy).base);
  const findings = [...excepted.findings, ...leftovers].sort(compareFindings);
  const undecided = [...undecidedEntries(open, facts)].sort(compareSubjects);
  const waived = excepted.waived.toSorted((a, b) => compareFindings(a.finding, b.finding));
  return { findings, undecided, waived, verdict: verdictOf(findings, undecided) };
}

function factsOf(verification: Verification, policy: Policy, context: Context): Facts {
  const observations = [...verification.observations, ...(context.observations ?? [])];
  const { registries, identities, trust } = policy;
  return {
    verification: { ...verification, observations },
    now: Date.parse(verification.verifiedAt),
    registries,
    pinsOf: indexPatterns(identities, ({ packages }) => [packages]),
    trust,
    describe: (entry) => context.describe(entry),
    pathTo: (entry) => context.pathTo(entry),
  };
}

function verdictOf(findings: readonly Finding[], undecided: readonly Undecided[]): Verdict {
  if (findings.some(({ level }) => level === 'error')) return 'findings';
  return undecided.length > 0 ? 'undecided' : 'good';
}

const SEVERITY: Readonly<Record<Level, number>> = { error: 0, warn: 1, note: 2 };

function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITY[a.level] - SEVERITY[b.level] ||
    compareText(a.code, b.code) ||
    compareSubjects(a, b) ||
    compareText(a.dependency, b.dependency) ||
    compareText(a.expected, b.expected) ||
    compareText(a.found, b.found) ||
    compareText(a.detail, b.detail)
  );
}

type Placed = Pick<Finding, 'subject' | 'entry' | 'position'>;

function compareSubjects(a: Placed, b: Placed): number {
  return (
    compareText(a.subject, b.subject) ||
    compareText(a.entry, b.entry) ||
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0)
  );
}

/** By UTF-16 code units: the same on every machine, in every locale. */
function compareText(a: string = '', b: string = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
