import { advanceProgress, startProgress, type Progress } from '@lockseal/report';
import { widthOf, type Console } from './console.ts';
import { styleFor } from './render-error.ts';

export interface ProgressLine {
  advance(this: void, done: number, total: number): void;
  /** Removes the line, so that what follows starts at the left. */
  clear(this: void): void;
}

const ERASE_LINE = '\r\u001B[2K';

/** Progress on standard error, on a terminal only; elsewhere nothing is written. */
export function createProgressLine(label: string, console: Console, isQuiet: boolean): ProgressLine {
  const { stderr, env, now } = console;
  if (isQuiet || stderr.isTTY !== true || env['TERM'] === 'dumb')
    return { advance: () => undefined, clear: () => undefined };
  const view = { style: styleFor(stderr, env), columns: widthOf(stderr) };
  let progress: Progress = startProgress(label, 0, now());
  return {
    advance: (done, total) => {
      const next = advanceProgress(progress, { done, total }, now(), view);
      progress = next.progress;
      if (next.line !== undefined) stderr.write(`${ERASE_LINE}${next.line}`);
    },
    clear: () => void stderr.write(ERASE_LINE),
  };
}
