import { GRADES, type Grade, type TrustSummary, type Verification } from '@lockseal/core';
import { count, hanging } from '../layout.ts';
import { sanitize } from '../sanitize.ts';
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
  return [
    ...lockfileLines(verification, options),
    '',
    ...gradeLines(verification, options),
    '',
    ...trustLines(verification, options),
    ...edgeLines(verification, options),
  ];
}

function lockfileLines({ lockfile, counts }: Verification, { style, columns }: HumanOptions): string[] {
  const classes = Object.entries(counts.classes)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name, number]) => `${number} ${name}`)
    .join(', ');
  const entries = count(counts.entries, 'entry', 'entries');
  const format = `${lockfile.format} lockfile, version ${sanitize(lockfile.formatVersion)}`;
  return [
    `${style.paint('heading', sanitize(lockfile.path))}: ${format}`,
    ...hanging('', classes === '' ? entries : `${entries}: ${classes}`, columns),
    style.paint('faint', `sha256 ${lockfile.sha256}`),
  ];
}

function gradeLines({ counts }: Verification, { style }: HumanOptions): string[] {
  const name = Math.max(...GRADES.map((grade) => grade.length));
  const number = Math.max(...GRADES.map((grade) => String(counts.grades[grade]).length));
  return GRADES.map((grade) => {
    const found = counts.grades[grade];
    const cells = `${grade.padEnd(name)}  ${String(found).padStart(number)}`;
    return `  ${style.paint(found === 0 ? 'faint' : TONES[grade], cells)}  ${style.paint('faint', MEANINGS[grade])}`;
  });
}

const ORIGINS: Readonly<Record<TrustSummary['keys'][number]['origin'], string>> = {
  tuf: 'from TUF',
  embedded: 'embedded in lockseal',
  file: 'from a file',
  registry: "on the registry's own word",
};

function trustLines({ trust, verifiedAt }: Verification, { columns }: HumanOptions): string[] {
  const { origin, asOf, sha256 } = trust.root;
  const age = asOf === undefined ? 'of unknown age' : `of ${sanitize(asOf.slice(0, 10))}, ${ageOf(asOf, verifiedAt)}`;
  const root = `Sigstore root ${ORIGINS[origin]}, ${age}, sha256 ${sha256.slice(0, 16)}`;
  const keys = trust.keys.map(
    (set) => `keys of ${sanitize(set.registry)} ${ORIGINS[set.origin]} (${count(set.keyids.length, 'key')})`,
  );
  return [root, ...(keys.length === 0 ? ['no registry keys'] : keys)].flatMap((text, index) =>
    hanging(index === 0 ? 'trust  ' : '       ', text, columns),
  );
}

function ageOf(asOf: string, now: string): string {
  const days = Math.floor((Date.parse(now) - Date.parse(asOf)) / 86_400_000);
  return Number.isFinite(days) && days >= 0 ? `${count(days, 'day')} old` : 'of unknown age';
}

function edgeLines({ evidence }: Verification, { columns }: HumanOptions): string[] {
  const checks = evidence.map(({ checks: { edges } }) => (edges.status === 'verified' ? edges.proof : edges.status));
  const number = (kind: (typeof checks)[number]): number => checks.filter((check) => check === kind).length;
  const parts = [
    `${number('tarball')} by tarball`,
    `${number('registry')} as the registry says`,
    ...(['invalid', 'unavailable', 'absent', 'not-applicable'] as const).flatMap((kind) =>
      number(kind) === 0 ? [] : `${number(kind)} ${kind === 'invalid' ? 'forged or wrong' : kind}`,
    ),
  ];
  return hanging('edges  ', parts.join(', '), columns);
}
