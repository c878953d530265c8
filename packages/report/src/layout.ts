/** A word, or a command between backticks with its spaces. */
const WORD = /(?:`[^`]{1,100}`|[^ ])+/g;

/**
 * Breaks sanitized text at spaces into lines of at most `width` characters. A longer word (a hash, an address) stays
 * whole, and so does a command: both are there to be copied.
 */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(WORD)) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Wrapped text behind a prefix, its further lines indented by as much. `paint` colours the prefix, once measured. */
export function hanging(
  prefix: string,
  text: string,
  columns: number,
  paint: (prefix: string) => string = (plain) => plain,
): string[] {
  const indent = ' '.repeat(prefix.length);
  return wrap(text, columns - prefix.length).map((line, index) => (index === 0 ? paint(prefix) : indent) + line);
}

/** `1 entry`, `2 entries`. */
export function count(number: number, one: string, many: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `850 ms`, `3.2 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
