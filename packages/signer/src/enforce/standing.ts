import { parseLocksealStatement } from '../statement/parse-statement.ts';
import type { StoredBundle } from '../store/approvals-file.ts';
import type { Approvers } from './approvers.ts';
import type { Standing } from './judge-approval.ts';
import type { SelectedLines } from './select-lines.ts';
import { isAbout } from './subject.ts';
import type { EnforceInput } from './types.ts';

/** What the whole history says: the state that must not be fallen behind, and what was taken back. */
export function standingOf(
  input: EnforceInput,
  approvers: Approvers,
  { revocations, others }: SelectedLines,
  baseline: SelectedLines | undefined,
): Standing {
  return {
    floor: highestSequence([...others, ...(input.baseline ?? [])], input, approvers),
    revoked: highestRevocation([...revocations, ...(baseline?.revocations ?? [])], input, approvers),
  };
}

/** The highest sequence of a genuine approval of this lockfile's path: whatever has a lower one was put back. */
function highestSequence(lines: readonly StoredBundle[], input: EnforceInput, approvers: Approvers): number {
  const candidates = lines
    .map((stored) => ({ stored, sequence: sketchSequence(stored.payload) }))
    .toSorted((a, b) => b.sequence - a.sequence);
  for (const { stored } of candidates) {
    const parsed = parseLocksealStatement(stored.payloadType, stored.payload);
    if (parsed.kind !== 'approval' || parsed.approval.lockfile.path !== input.lockfile.path) continue;
    if (isGenuine(stored, parsed.approval.role, approvers)) return parsed.approval.sequence;
  }
  return 0;
}

/** The sequence as canonical JSON spells it: tells which line to read first, and decides nothing. */
function sketchSequence(payload: Uint8Array): number {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const at = bytes.lastIndexOf('"sequence":');
  return at === -1 ? 0 : Number.parseInt(bytes.toString('latin1', at + 11, at + 28), 10) || 0;
}

function isGenuine(stored: StoredBundle, role: string, approvers: Approvers): boolean {
  const verdict = approvers.verifier.verify(stored.bundle);
  return verdict.status === 'verified' && approvers.find(verdict.signer, role).status === 'found';
}

/** Any approver may take back; a line that no approver signed takes nothing back, or strangers could. */
function highestRevocation(
  lines: SelectedLines['revocations'],
  input: EnforceInput,
  approvers: Approvers,
): Standing['revoked'] {
  return lines
    .filter(({ statement }) => isAbout(statement, input))
    .toSorted((a, b) => b.statement.sequence - a.statement.sequence)
    .find(({ stored, statement }) => isGenuine(stored, statement.role, approvers))?.statement;
}
