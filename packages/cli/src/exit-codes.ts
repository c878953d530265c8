import type { ErrorCode } from '@lockseal/core/approval';

/** Exit codes of every command; documented in docs/verification.md. */
export const EXIT = { good: 0, findings: 1, usage: 2, undecided: 3, internal: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Errors of whoever typed the command or wrote the configuration. */
const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_USAGE',
  'ERR_CONFIG',
  'ERR_OUTPUT',
  'ERR_LOCKFILE_AMBIGUOUS',
  'ERR_LOCKFILE_NOT_FOUND',
  'ERR_MANAGER',
  'ERR_RUNTIME',
]);

/** The exit code for an error that ended a run. */
export function exitCodeFor(code: ErrorCode): ExitCode {
  if (code === 'ERR_INTERNAL') return EXIT.internal;
  return USAGE.has(code) ? EXIT.usage : EXIT.undecided;
}
