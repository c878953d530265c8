import type { WriteStream } from 'node:tty';

/** Everything of the process that a command may touch; a test gives its own. */
export interface Console {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  /** Asks the person at the terminal for a line; undefined where nobody is there. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Colours only on a terminal that wants them: https://no-color.org, FORCE_COLOR, TERM=dumb. */
export function wantsColour(stream: OutputStream, env: Console['env']): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '') return env['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Width for text; a file or pipe gets a fixed one, so that outputs compare. */
export function widthOf(stream: OutputStream): number {
  const columns = (stream as Partial<WriteStream>).columns ?? 80;
  return stream.isTTY === true ? Math.max(40, columns) : 100;
}
