import { FINDING_CODES, type FindingCode } from '@lockseal/core/approval';
import type { ApprovalFailure } from './types.ts';

export interface FailureDetails {
  readonly line?: number | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly fix?: string | undefined;
}

export function failure(code: FindingCode, { line, expected, found, fix }: FailureDetails = {}): ApprovalFailure {
  return { code, line, expected, found, fix: fix ?? FINDING_CODES[code].fix };
}
