import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import type { Console } from './console.ts';

/**
 * Adds Markdown to the summary of the running step, if this is GitHub Actions. Other commands of the step write to the
 * same file, so it is added to, never replaced.
 * @throws LocksealError ERR_OUTPUT
 */
export async function appendStepSummary(markdown: string, { cwd, env }: Console): Promise<void> {
  const file = env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') return;
  try {
    await appendFile(path.resolve(cwd, file), `${markdown}\n`);
  } catch (cause) {
    throw new LocksealError('ERR_OUTPUT', 'The summary of the step could not be written.', {
      file,
      found: cause instanceof Error ? cause.message : String(cause),
      hint: 'GITHUB_STEP_SUMMARY names the file; unset it to have no summary.',
      cause,
    });
  }
}
