import { GRADES, type Grade, type Verification } from '@lockseal/core';
import { hanging } from '../layout.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import { edgesText, entriesText, formatText, GRADE_MEANINGS, policyFacts, trustTexts } from '../words.ts';
import type { Tone } from '../style.ts';
import type { HumanOptions } from './options.ts';

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
  return [
    options.style.paint('heading', sanitize(lockfile.path)),
    '',
    ...gradeLines(verification, options),
    '',
    ...field('format', formatText(verification), options),
    ...field('entries', entriesText(verification), options),
    ...field('digest', `sha256:${lockfile.sha256}`, options),
    ...trustTexts(verification).flatMap((text, index) => field(index === 0 ? 'trust' : '', text, options)),
    ...field('edges', edgesText(verification), options),
  ];
}

/** By what was judged, and what was there before; nothing where nobody asked. */
export function policyLines(report: Report, options: HumanOptions): string[] {
  return policyFacts(report).flatMap(([label, text]) => field(label, text, options));
}

function field(label: string, text: string, { style, columns }: HumanOptions): string[] {
  return hanging(label.padEnd(9), text, columns, (prefix) => style.paint('faint', prefix));
}

function gradeLines({ counts }: Verification, { style, columns }: HumanOptions): string[] {
  const name = Math.max(...GRADES.map((grade) => grade.length));
  const number = Math.max(...GRADES.map((grade) => String(counts.grades[grade]).length));
  return GRADES.flatMap((grade) => {
    const found = counts.grades[grade];
    const cells = `  ${grade.padEnd(name)}  ${String(found).padStart(number)}  `;
    const tone = found === 0 ? 'faint' : TONES[grade];
    return hanging(cells, GRADE_MEANINGS[grade], columns, (prefix) => style.paint(tone, prefix));
  });
}
