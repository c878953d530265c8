import { GRADES, type Grade, type Verification } from '@lockseal/core';
import { count, hanging } from '../layout.ts';
import { sanitize } from '../sanitize.ts';
import { ORIGINS } from '../origins.ts';
import type { Tone } from '../style.ts';
import type { HumanOptions } from './options.ts';

const MEANINGS: Readonly<Record<Grade, string>> = {
  proven: 'build provenance verified over the locked digest',
  signed: 'registry signature or publish attestation verified over it',
  unsigned: 'the registry signs packages, but has nothing for this one',
  unprovable: 'no evidence could exist, or none could be had',
  contradicted: 'evidence is invalid or disagrees with the lockfile',
};

const TONES: Readonly<Record<Grade, Tone>> = {
  proven: 'good',
  signed: 'good',
  unsigned: 'warn',
  unprovable: 'warn',
  contradicted: 'error',
};

/** What was read, what its evidence is worth, and on whose word. */
export function summary(verification: Verification, options: HumanOptions): string[] {
  const { lockfile } = verification;
  const format = `${lockfile.format} lockfile, version ${sanitize(lockfile.formatVersion)}`;
  return [
    options.style.paint('heading', sanitize(lockfile.path)),
    '',
    ...gradeLines(verification, options),
    '',
    ...field('format', format, options),
    ...field('entries', entriesText(verification), options),
    ...field('digest', `sha256:${lockfile.sha256}`, options),
    ...trustTexts(verification).flatMap((text, index) => field(index === 0 ? 'trust' : '', text, options)),
    ...field('edges', edgesText(verification), options),
  ];
}

function field(label: string, text: string, { style, columns }: HumanOptions): string[] {
  return hanging(label.padEnd(9), text, columns, (prefix) => style.paint('faint', prefix));
}

function entriesText({ counts }: Verification): string {
  const classes = Object.entries(counts.classes)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name, number]) => `${number} ${name}`);
  return classes.length === 0 ? String(counts.entries) : `${counts.entries}: ${classes.join(', ')}`;
}

function gradeLines({ counts }: Verification, { style, columns }: HumanOptions): string[] {
  const name = Math.max(...GRADES.map((grade) => grade.length));
  const number = Math.max(...GRADES.map((grade) => String(counts.grades[grade]).length));
  return GRADES.flatMap((grade) => {
    const found = counts.grades[grade];
    const cells = `  ${grade.padEnd(name)}  ${String(found).padStart(number)}  `;
    const tone = found === 0 ? 'faint' : TONES[grade];
    return hanging(cells, MEANINGS[grade], columns, (prefix) => style.paint(tone, prefix));
  });
}

function trustTexts({ trust, verifiedAt }: Verification): string[] {
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

function edgesText({ evidence }: Verification): string {
  const checks = evidence.map(({ checks: { edges } }) => (edges.status === 'verified' ? edges.proof : edges.status));
  const number = (kind: (typeof checks)[number]): number => checks.filter((check) => check === kind).length;
  const parts = [
    `${number('tarball')} by tarball`,
    `${number('registry')} as the registry says`,
    ...(['invalid', 'unavailable', 'absent', 'not-applicable'] as const).flatMap((kind) =>
      number(kind) === 0 ? [] : `${number(kind)} ${kind === 'invalid' ? 'forged or wrong' : kind}`,
    ),
  ];
  return parts.join(', ');
}
