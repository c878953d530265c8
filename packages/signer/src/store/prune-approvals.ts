import { LocksealError, parseStatement, type ApprovalPolicy, type TrustedRootMaterial } from '@lockseal/core';
import { lastApproved } from '../enforce/last-approved.ts';
import { approvalHistory, type PastApproval } from '../history.ts';
import type { ParsedApproval } from '../statement/parse-approval.ts';
import { parseLocksealStatement } from '../statement/parse-statement.ts';
import { approvalsFileOf, parseApprovals, type StoredBundle } from './approvals-file.ts';
import { editApprovals } from './edit-approvals.ts';

/** What decides which lines nobody needs any more. */
export interface PruneInput {
  /** Path of the lockfile relative to the repository's root. */
  readonly path: string;
  readonly policy: ApprovalPolicy;
  readonly trustedRoot: () => TrustedRootMaterial;
  readonly now: Date;
}

export interface Pruned {
  readonly kept: number;
  /** Lines that went to the archive. */
  readonly pruned: number;
  /** The state that was kept: the last one that enough approvers approved. */
  readonly sequence: number;
}

/** `package-lock.json.archive.approvals.jsonl`: of the same form, and merged by the same rule. */
export function archiveOf(lockfile: string): string {
  return approvalsFileOf(`${lockfile}.archive`);
}

/**
 * Moves into an archive what the last approved state has superseded: approvals of this lockfile with a lower sequence,
 * those that their approver has renewed, and the summaries beside them. Everything else stays: that state and later ones,
 * revocations, releases, and whatever is not understood. Nothing is ever lost: the archive is written first, and it and
 * the file together hold every link of the chain that `previous` makes.
 * @throws LocksealError as `editApprovals`; ERR_USAGE where no state is approved
 */
export async function pruneApprovals(file: string, archive: string, input: PruneInput): Promise<Pruned> {
  let outcome: Pruned | undefined;
  await editApprovals(file, async (bytes) => {
    const lines = parseApprovals(bytes, file);
    const { superseded, sequence } = findSuperseded(lines, input);
    outcome = { kept: lines.length - superseded.size, pruned: superseded.size, sequence };
    if (superseded.size === 0) return bytes;
    const texts = splitLines(bytes);
    const isSuperseded = (_line: Uint8Array, index: number): boolean => superseded.has(index + 1);
    await editApprovals(archive, (archived) => withLines(archived, texts.filter(isSuperseded)));
    return Buffer.concat(texts.filter((line, index) => !isSuperseded(line, index)));
  });
  if (outcome === undefined) throw new LocksealError('ERR_INTERNAL', 'Nothing was decided about the lines.');
  return outcome;
}

/** Adds those that are not there yet: a run that was interrupted may have archived them already. */
function withLines(archived: Buffer, lines: readonly Buffer[]): Buffer {
  const known = new Set(splitLines(archived).map((line) => line.toString('latin1')));
  return Buffer.concat([archived, ...lines.filter((line) => !known.has(line.toString('latin1')))]);
}

/** Each with its line feed. */
function splitLines(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start) + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

function findSuperseded(
  lines: readonly StoredBundle[],
  { path, policy, trustedRoot, now }: PruneInput,
): { readonly superseded: ReadonlySet<number>; readonly sequence: number } {
  const { state } = lastApproved({ approvals: lines, path, policy, trustedRoot, now });
  const sequence = state?.approvals[0]?.sequence;
  if (sequence === undefined) {
    throw new LocksealError('ERR_USAGE', 'No state of this lockfile is approved, so nothing is superseded.', {
      hint: 'Approve it first: `lockseal approve`.',
    });
  }
  const { approvals } = approvalHistory(lines, path, policy, trustedRoot);
  const renewed = renewedLines(approvals);
  const all = lines.flatMap((stored) => approvalIn(stored, path) ?? []);
  const isOld = ({ stored, statement }: Line): boolean => statement.sequence < sequence || renewed.has(stored.line);
  const kept = new Set(all.filter((each) => !isOld(each)).map(({ statement }) => keyOf(statement)));
  const old = new Set(all.filter(isOld).map(({ statement }) => keyOf(statement)));
  const summaries = lines.filter((stored) => {
    const key = summaryKey(stored);
    return key !== undefined && old.has(key) && !kept.has(key);
  });
  return {
    superseded: new Set([...all.filter(isOld).map(({ stored }) => stored.line), ...summaries.map(({ line }) => line)]),
    sequence,
  };
}

interface Line {
  readonly stored: StoredBundle;
  readonly statement: ParsedApproval;
}

/** Approvals that the same approver has given again for the same state and role, to hold for longer. */
function renewedLines(approvals: readonly PastApproval[]): ReadonlySet<number> {
  const groups = Map.groupBy(approvals, ({ approver, statement: { role, lockfile, policy, evidence, sequence } }) =>
    JSON.stringify([approver, role, lockfile.sha512, policy.sha256, evidence, sequence]),
  );
  const older = [...groups.values()].flatMap((group) =>
    group.toSorted((a, b) => a.statement.expiresAt.getTime() - b.statement.expiresAt.getTime()).slice(0, -1),
  );
  return new Set(older.map(({ stored }) => stored.line));
}

function approvalIn(stored: StoredBundle, path: string): Line | undefined {
  const parsed = parseLocksealStatement(stored.payloadType, stored.payload);
  if (parsed.kind !== 'approval' || parsed.approval.lockfile.path !== path) return undefined;
  return { stored, statement: parsed.approval };
}

/** What a summary and its approval have in common: the bytes, and the time. */
function keyOf({ lockfile, approvedAt }: ParsedApproval): string {
  return `${lockfile.sha512} ${approvedAt.getTime()}`;
}

function summaryKey({ payload, payloadType }: StoredBundle): string | undefined {
  if (parseLocksealStatement(payloadType, payload).kind !== 'summary') return undefined;
  const parsed = parseStatement(payloadType, payload);
  const statement = parsed.status === 'malformed' ? undefined : parsed.statement;
  const time = statement?.predicate.optional('timeVerified')?.value;
  const sha512 = statement?.subjects[0]?.digests.get('sha512');
  return sha512 === undefined || typeof time !== 'string' ? undefined : `${sha512} ${Date.parse(time)}`;
}
