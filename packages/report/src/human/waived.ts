import type { WaivedFinding } from '@lockseal/core';
import { count, hanging } from '../layout.ts';
import { sanitize } from '../sanitize.ts';
import { exceptionText } from '../words.ts';
import type { HumanOptions } from './options.ts';

/** Every exception that was made, in every report: what it hid, why, by whom and until when. */
export function waivedLines(waived: readonly WaivedFinding[] = [], { style, columns }: HumanOptions): string[] {
  if (waived.length === 0) return [];
  const lines = waived.flatMap((one) => [
    `  ${style.paint('name', sanitize(one.finding.subject))}  ${one.finding.code}`,
    ...hanging('    ', exceptionText(one), columns),
  ]);
  return ['', style.paint('heading', `${count(waived.length, 'finding')} waived`), '', ...lines];
}
