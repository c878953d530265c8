import type { Position } from '@lockseal/core';

/** Line and column (both from 1; only LF ends a line) of an offset in UTF-16 code units. Linear in the offset. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
