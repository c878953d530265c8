import { LocksealError, parseApprovalPolicy, ShapeError, type ApprovalPolicy } from '@lockseal/core/approval';
import type { PolicyNode } from './policy-node.ts';
import { didYouMean } from './suggest.ts';

export function readApprovals(node: PolicyNode): ApprovalPolicy | undefined {
  return guarded(node, () => parseApprovalPolicy(node.plain(), node.path));
}

/** Core's readers throw, and know paths but no lines. */
export function guarded<T>(node: PolicyNode, read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof LocksealError)) throw thrown;
    const { message, cause, details } = thrown;
    if (cause instanceof ShapeError) return reportShape(node, cause, details.hint);
    return node.report('bad-value', `cannot be used: ${message}`, details.hint);
  }
}

/** At the member at fault: at its key where nothing reads it, at what surrounds it where it is missing. */
function reportShape(section: PolicyNode, { path, problem, known }: ShapeError, hint: string | undefined): undefined {
  const { node, member } = section.locate(path);
  if (node.path !== path) {
    const name = path.slice(node.path.length + 1);
    return node.report('missing-key', `has no \`${name}\`${problem.replace(/^is missing/, '')}`, `Add \`${name}: …\`.`);
  }
  if (known === undefined || member === undefined) return node.report('bad-value', problem, hint);
  return member.keyNode.report('unknown-key', 'is not a key that anything reads', didYouMean(member.key, known));
}
