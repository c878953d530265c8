import { LocksealError } from '@lockseal/core';
import type { Console } from '../io/console.ts';

/**
 * Asks the person at the terminal; `--yes` answers for them.
 * @throws LocksealError ERR_USAGE where nobody can be asked, ERR_INTERRUPTED where the answer is no
 */
export async function askConsent(question: string, isGiven: boolean, console: Console): Promise<void> {
  if (isGiven) return;
  if (console.ask === undefined) {
    throw new LocksealError('ERR_USAGE', 'Nobody is at a terminal to be asked, and --yes was not given.', {
      hint: 'Look at the changes above, then run it again with --yes.',
    });
  }
  const answer = await console.ask(`${question} [y/N] `).catch(refuseIfAborted);
  if (/^y(?:es)?$/i.test(answer.trim())) return;
  throw refusal();
}

/** Ctrl-C, Ctrl-D or a signal instead of an answer. */
function refuseIfAborted(thrown: unknown): never {
  if (thrown instanceof Error && thrown.name === 'AbortError') throw refusal(thrown);
  throw thrown;
}

function refusal(cause?: Error): LocksealError {
  return new LocksealError('ERR_INTERRUPTED', 'Not confirmed; nothing was signed or written.', { cause });
}
