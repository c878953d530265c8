// Who may approve, of a policy and all that it extends, without the rules: `lockseal enforce` runs before every
// installation, and loading the rules would take longer than its decision.
import type { ApprovalPolicy } from '@lockseal/core/approval';
import { readChain, type Extending, type PolicySource, type ReadReference } from './chain.ts';
import { policyDigest } from './digest.ts';
import type { PolicyNode } from './document/policy-node.ts';
import type { Problem } from './document/problem.ts';
import { readApprovals } from './document/read-approvals.ts';
import { readHead } from './document/read-head.ts';

export type { PolicySource, ReadReference, ReadRefusal } from './chain.ts';
export type { Problem } from './document/problem.ts';

export type LoadedApprovals =
  | {
      readonly status: 'ok';
      /** undefined: no file says who may approve. */
      readonly approvals: ApprovalPolicy | undefined;
      /** As `policyDigest` of the whole policy. */
      readonly sha256: string;
    }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] };

/**
 * Reads what a policy file and all that it extends say of approvals, by the reader and in the order of `loadPolicy`, so
 * that both come to the same approvers and digest. Mistakes in other sections are not looked for: under a policy that
 * has some, nobody can approve anything.
 */
export async function loadApprovals(source: PolicySource, read: ReadReference): Promise<LoadedApprovals> {
  const problems: Problem[] = [];
  const links = await readChain(source, { read, readLayer, problems, skipsPresets: true });
  if (problems.length > 0) return { status: 'invalid', problems };
  const approvals = links.map(({ layer }) => layer.approvals).findLast((each) => each !== undefined);
  return { status: 'ok', approvals, sha256: policyDigest(links.map((link) => link.source)) };
}

interface Layer extends Extending {
  readonly approvals: ApprovalPolicy | undefined;
}

function readLayer(root: PolicyNode): Layer {
  const { members, extends: references } = readHead(root);
  const approvals = members.get('approvals');
  return { extends: references, approvals: approvals && readApprovals(approvals) };
}
