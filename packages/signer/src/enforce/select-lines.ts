import type { ParsedApproval } from '../statement/parse-approval.ts';
import { parseLocksealStatement, type ParsedRelease, type ParsedRevocation } from '../statement/parse-statement.ts';
import type { StoredBundle } from '../store/approvals-file.ts';
import { failure } from './failure.ts';
import type { ApprovalFailure } from './types.ts';

/** What a file of approvals says, unverified, as far as it can matter here. */
export interface SelectedLines {
  readonly approvals: readonly Line<ParsedApproval>[];
  readonly revocations: readonly Line<ParsedRevocation>[];
  readonly releases: readonly Line<ParsedRelease>[];
  readonly malformed: readonly ApprovalFailure[];
  /** Lines that do not name the digest asked for, so were not read. */
  readonly others: readonly StoredBundle[];
}

export interface Line<Statement> {
  readonly stored: StoredBundle;
  readonly statement: Statement;
}

/**
 * Reads the lines whose payload holds the digest at all. A file keeps every state that ever was approved, and reading
 * those others would cost more than the decision: a statement about a digest has that digest in it, as text.
 */
export function selectLines(lines: readonly StoredBundle[], digest: string): SelectedLines {
  const approvals: Line<ParsedApproval>[] = [];
  const revocations: Line<ParsedRevocation>[] = [];
  const releases: Line<ParsedRelease>[] = [];
  const malformed: ApprovalFailure[] = [];
  const others: StoredBundle[] = [];
  for (const stored of lines) {
    if (!Buffer.from(stored.payload.buffer, stored.payload.byteOffset, stored.payload.length).includes(digest)) {
      others.push(stored);
      continue;
    }
    const parsed = parseLocksealStatement(stored.payloadType, stored.payload);
    switch (parsed.kind) {
      case 'approval':
        approvals.push({ stored, statement: parsed.approval });
        break;
      case 'revocation':
        revocations.push({ stored, statement: parsed.revocation });
        break;
      case 'release':
        releases.push({ stored, statement: parsed.release });
        break;
      case 'summary':
        break;
      case 'malformed':
        malformed.push(failure('approval-malformed', { line: stored.line, found: parsed.reason }));
        break;
    }
  }
  return { approvals, revocations, releases, malformed, others };
}
