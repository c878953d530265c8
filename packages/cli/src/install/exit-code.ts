import { constants } from 'node:os';
import { EXIT } from '../exit-codes.ts';
import type { InstallReport } from './report.ts';

/** As a shell has it for a command that a signal ended. */
const SIGNALLED = 128;

/**
 * Findings at error level first: that the command failed is often only what came of them. Then how the command itself
 * ended; and only where it was content, that something could not be decided.
 */
export function exitCodeOf({
  findings,
  ended,
  undecided,
}: Pick<InstallReport, 'findings' | 'ended' | 'undecided'>): number {
  if (findings.some(({ level }) => level === 'error')) return EXIT.findings;
  if (ended?.by === 'signal') return SIGNALLED + constants.signals[ended.signal];
  if (ended !== undefined && ended.code !== 0) return ended.code;
  return undecided.length > 0 ? EXIT.undecided : EXIT.good;
}
