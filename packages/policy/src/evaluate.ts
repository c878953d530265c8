import type { Finding, Level, Undecided, Verdict, Verification } from '@lockseal/core';
import type { Policy } from './policy.ts';
import { observed } from './rules/observed.ts';
import type { Facts } from './rules/rule.ts';
import { undecidedEntries } from './undecided.ts';

/** A policy's opinion of a verification. Both lists are in a fixed order, whatever the order of the evidence. */
export interface Judgement {
  /** By level, then code, then subject. */
  readonly findings: readonly Finding[];
  /** By subject. */
  readonly undecided: readonly Undecided[];
  readonly verdict: Verdict;
}

/** What the lockfile says about an entry, and how the project comes to depend on it. */
export type Context = Pick<Facts, 'describe' | 'pathTo'>;

/** Judges verified facts; looks at nothing else. */
export function evaluate(verification: Verification, policy: Policy, context: Context): Judgement {
  const facts: Facts = {
    verification,
    describe: (entry) => context.describe(entry),
    pathTo: (entry) => context.pathTo(entry),
  };
  const findings = [...observed(policy.levels)(facts)].sort(compareFindings);
  const undecided = [...undecidedEntries(policy.decided, facts)].sort(compareSubjects);
  return { findings, undecided, verdict: verdictOf(findings, undecided) };
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
