import { GRADES, type EntryClass, type Evidence, type Grade } from '@lockseal/core';

/** Entries by kind and grade; kinds with the most entries first. */
export type Overview = readonly (readonly [kind: EntryClass, counts: Readonly<Record<Grade, number>>])[];

export function overviewOf(evidence: readonly Evidence[]): Overview {
  const byKind = Map.groupBy(evidence, (one) => one.class);
  return [...byKind]
    .sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1))
    .map(([kind, entries]) => {
      const number = (grade: Grade): number => entries.filter((one) => one.grade === grade).length;
      return [kind, Object.fromEntries(GRADES.map((grade) => [grade, number(grade)])) as Record<Grade, number>];
    });
}

const ROW = 30;
const LABEL = 120;
const BAR = 500;
const NUMBER = 100;
/** A grade that one package in thousands has must still be seen. */
const LEAST = 4;

/** A bar a kind, as long as it has entries, divided by grade. All text in it is ours. */
export function picture(overview: Overview): string {
  const most = Math.max(1, ...overview.map(([, counts]) => totalOf(counts)));
  const rows = overview.map(([kind, counts], index) => {
    const y = index * ROW;
    const total = totalOf(counts);
    const segments = segmentsOf(counts, (BAR * total) / most);
    const end = LABEL + segments.reduce((sum, { width }) => sum + width, 0);
    const rects = segments.map(
      ({ grade, at, width }) =>
        `<rect class="${grade}" x="${round(LABEL + at)}" y="${y + 4}" width="${round(width)}" height="${ROW - 8}"/>`,
    );
    return `<text x="${LABEL - 8}" y="${y + 20}" text-anchor="end">${kind}</text>${rects.join('')}<text x="${round(end + 8)}" y="${y + 20}">${total}</text>`;
  });
  const [width, height] = [LABEL + BAR + NUMBER, Math.max(1, overview.length) * ROW];
  return `<svg role="img" aria-labelledby="picture-title" viewBox="0 0 ${width} ${height}"><title id="picture-title">Entries by kind and grade; the table below has the same numbers</title>${rows.join('')}</svg>`;
}

interface Segment {
  readonly grade: Grade;
  readonly at: number;
  readonly width: number;
}

function segmentsOf(counts: Readonly<Record<Grade, number>>, length: number): Segment[] {
  const total = totalOf(counts);
  let at = 0;
  return GRADES.filter((grade) => counts[grade] > 0).map((grade) => {
    const width = Math.max(LEAST, (length * counts[grade]) / total);
    at += width;
    return { grade, at: at - width, width };
  });
}

export function totalOf(counts: Readonly<Record<Grade, number>>): number {
  return GRADES.reduce((sum, grade) => sum + counts[grade], 0);
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
