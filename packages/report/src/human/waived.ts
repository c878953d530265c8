import type { WaivedFinding } from '@lockseal/core';
import { count, hanging } from '../layout.ts';
import { sanitize } from '../sanitize.ts';
import type { HumanOptions } from './options.ts';

const MAX_REASON = 300;

/** Every exception that was made, in every report: what it hid, why, by whom and until when. */
export function waivedLines(waived: readonly WaivedFinding[] = [], { style, columns }: HumanOptions): string[] {
  if (waived.length === 0) return [];
  const lines = waived.flatMap(({ finding, reason, who, expires }) => {
    const exception = `${sanitize(who)}, until ${sanitize(expires.slice(0, 10))}: ${sanitize(reason, MAX_REASON)}`;
    return [
      `  ${style.paint('name', sanitize(finding.subject))}  ${finding.code}`,
      ...hanging('    ', exception, columns),
    ];
  });
  return ['', style.paint('heading', `${count(waived.length, 'finding')} waived`), '', ...lines];
}
