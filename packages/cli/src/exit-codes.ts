import type { ErrorCode } from '@lockseal/core/approval';

/** Exit codes of every command; documented in docs/commands.md. */
export const EXIT = { good: 0, findings: 1, usage: 2, undecided: 3, internal: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code for an error that ended a run. */
export function exitCodeFor(code: ErrorCode): ExitCode {
  switch (code) {
    case 'ERR_USAGE':
    case 'ERR_CONFIG':
    case 'ERR_OUTPUT':
    case 'ERR_LOCKFILE_AMBIGUOUS':
    case 'ERR_LOCKFILE_NOT_FOUND':
      return EXIT.usage;
    case 'ERR_INTERNAL':
      return EXIT.internal;
    default:
      return EXIT.undecided;
  }
}
