import { asLocksealError } from '@lockseal/core/approval';
import { exitCodeFor } from './exit-codes.ts';
import type { Console } from './io/console.ts';

/** Tells what ended a run; whatever was thrown. @returns the exit code for it */
export async function reportError(thrown: unknown, console: Console): Promise<number> {
  const error = asLocksealError(thrown);
  const { renderError } = await import('./io/render-error.ts');
  console.stderr.write(renderError(error, console));
  return exitCodeFor(error.code);
}
