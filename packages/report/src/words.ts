// What formats for people say alike, in words; every untrusted text in it is sanitized.
import type { Grade, Level, Verification, WaivedFinding } from '@lockseal/core';
import { count } from './layout.ts';
import type { EvidencePackUsed, Report } from './model.ts';
import { ORIGINS } from './origins.ts';
import { sanitize } from './sanitize.ts';

export const GRADE_MEANINGS: Readonly<Record<Grade, string>> = {
  proven: 'build provenance verified over the locked digest',
  signed: 'registry signature or publish attestation verified over it',
  unsigned: 'the registry signs packages, but has nothing for this one',
  unprovable: 'no evidence could exist, or none could be had',
  contradicted: 'evidence is invalid or disagrees with the lockfile',
};

/** `Findings: 2 errors, 1 undecided, 0 warnings, 1 note in 3 entries`. */
export function verdictText({ verdict, findings, undecided, verification }: Report): string {
  const number = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  const parts = [
    count(number('error'), 'error'),
    ...(undecided.length === 0 ? [] : [`${undecided.length} undecided`]),
    count(number('warn'), 'warning'),
    count(number('note'), 'note'),
  ];
  const words = { good: 'Good', findings: 'Findings', undecided: 'Undecided' } as const;
  const entries = count(verification.counts.entries, 'entry', 'entries');
  return `${words[verdict]}: ${parts.join(', ')} in ${entries}`;
}

/** `npm lockfile, version 3`. */
export function formatText({ lockfile }: Verification): string {
  return `${lockfile.format} lockfile, version ${sanitize(lockfile.formatVersion)}`;
}

/** How many entries, by kind of source. */
export function entriesText({ counts }: Verification): string {
  const classes = Object.entries(counts.classes)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name, number]) => `${number} ${name}`);
  return classes.length === 0 ? String(counts.entries) : `${counts.entries}: ${classes.join(', ')}`;
}

/** How many entries nobody looked at again, and on which approvals that rests; undefined: none. */
function carriedText({ evidence, counts }: Verification): string | undefined {
  const origins = evidence.flatMap(({ carried }) => carried?.origin ?? []);
  if (origins.length === 0) return undefined;
  const sequences = [...new Set(origins.map(({ sequence }) => sequence))].sort((a, b) => a - b);
  return `${origins.length} of ${count(counts.entries, 'entry', 'entries')} carried forward from approval ${sequences.join(', ')}, not looked at again`;
}

/** On whose word: the trusted root and the keys, one line each. */
export function trustTexts({ trust, verifiedAt }: Verification): string[] {
  const { origin, asOf, sha256 } = trust.root;
  const age = asOf === undefined ? 'of unknown age' : `of ${sanitize(asOf.slice(0, 10))}, ${ageOf(asOf, verifiedAt)}`;
  const root = `Sigstore root ${ORIGINS[origin]}, ${age}, sha256:${sha256.slice(0, 16)}`;
  const keys = trust.keys.map(
    (set) => `keys of ${sanitize(set.registry)} ${ORIGINS[set.origin]} (${count(set.keyids.length, 'key')})`,
  );
  return [root, ...(keys.length === 0 ? ['no registry keys'] : keys)];
}

function ageOf(asOf: string, now: string): string {
  const days = Math.floor((Date.parse(now) - Date.parse(asOf)) / 86_400_000);
  return Number.isFinite(days) && days >= 0 ? `${count(days, 'day')} old` : 'of unknown age';
}

/** What the edges were held against. */
export function edgesText({ evidence }: Verification): string {
  const checks = evidence.map(({ checks: { edges } }) => (edges.status === 'verified' ? edges.proof : edges.status));
  const number = (kind: (typeof checks)[number]): number => checks.filter((check) => check === kind).length;
  const parts = [
    `${number('tarball')} by tarball`,
    `${number('registry')} as the registry says`,
    ...(number('approval') === 0 ? [] : [`${number('approval')} as approved before`]),
    ...(['invalid', 'unavailable', 'absent', 'not-applicable'] as const).flatMap((kind) =>
      number(kind) === 0 ? [] : `${number(kind)} ${kind === 'invalid' ? 'forged or wrong' : kind}`,
    ),
  ];
  return parts.join(', ');
}

/** By what was judged, what was there before, what was not looked at again, and which pack answered; nothing where there is nothing. */
export function policyFacts({
  policy,
  verification,
  evidencePack: pack,
}: Report): readonly (readonly [label: 'policy' | 'baseline' | 'carried' | 'evidence', text: string])[] {
  const { baseline } = verification;
  const text =
    policy && `${sanitize(policy.name)} from ${sanitize(policy.origin)}, sha256:${policy.sha256.slice(0, 16)}`;
  const carried = carriedText(verification);
  return [
    ...(text === undefined ? [] : ([['policy', text]] as const)),
    ...(baseline === undefined ? [] : ([['baseline', sanitize(baseline.origin)]] as const)),
    ...(carried === undefined ? [] : ([['carried', carried]] as const)),
    ...(pack === undefined ? [] : ([['evidence', packText(pack)]] as const)),
  ];
}

function packText({ sha256, isPinned }: EvidencePackUsed): string {
  return `pack sha256:${sha256.slice(0, 16)}, ${isPinned ? 'pinned by its digest' : 'not pinned'}`;
}

/** Who made an exception, until when and why. */
export function exceptionText({ who, expires, reason }: WaivedFinding): string {
  return `${sanitize(who)}, until ${sanitize(expires.slice(0, 10))}: ${sanitize(reason, 300)}`;
}
