import { asLocksealError } from '@lockseal/core/approval';
import { exitCodeFor } from './exit-codes.ts';
import type { Console } from './io/console.ts';
import { renderError } from './io/render-error.ts';

/** Tells what ended a run; whatever was thrown. @returns the exit code for it */
export function reportError(thrown: unknown, console: Console): number {
  const error = asLocksealError(thrown);
  console.stderr.write(renderError(error, console));
  return exitCodeFor(error.code);
}
