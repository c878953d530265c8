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

/**
 * The same for many offsets of one text: logarithmic in the number of lines, after one pass at the first question.
 * Most offsets are asked for in the order of the text: what is on one of the next lines is found without a search.
 */
export class LineIndex {
  readonly #text: string;
  #starts: Int32Array | undefined;
  /** The line found last, from 0. */
  #line = 0;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): Position {
    const starts = (this.#starts ??= lineStarts(this.#text));
    const line = isOnLine(starts, this.#line, offset)
      ? this.#line
      : isOnLine(starts, this.#line + 1, offset)
        ? this.#line + 1
        : lineOf(starts, offset);
    this.#line = line;
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  }
}

function isOnLine(starts: Int32Array, line: number, offset: number): boolean {
  return (starts[line] ?? Infinity) <= offset && offset < (starts[line + 1] ?? Infinity);
}

/** The last line that starts at or before the offset. */
function lineOf(starts: Int32Array, offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

function lineStarts(text: string): Int32Array {
  let starts = new Int32Array(16 + (text.length >> 5));
  let count = 1;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    if (count === starts.length) starts = enlarged(starts);
    starts[count] = end + 1;
    count += 1;
  }
  return starts.subarray(0, count);
}

function enlarged(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
