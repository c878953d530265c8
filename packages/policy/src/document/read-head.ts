import type { PolicyNode } from './policy-node.ts';

const KEYS = [
  'version',
  'extends',
  'registries',
  'trust',
  'rules',
  'overrides',
  'identities',
  'custom',
  'longestWaiver',
  'waivers',
  'approvals',
  'install',
] as const;

/** What every reader of a policy file begins with. */
export interface Head {
  readonly members: ReadonlyMap<string, PolicyNode>;
  readonly extends: readonly { readonly reference: string; readonly node: PolicyNode }[];
}

/** The sections of a file, which must be known ones, its version, and what it extends. */
export function readHead(root: PolicyNode): Head {
  const members = root.known(...KEYS);
  readVersion(root, members.get('version'));
  const references = members.get('extends')?.texts() ?? [];
  return { members, extends: references.map(({ text, node }) => ({ reference: text, node })) };
}

function readVersion(root: PolicyNode, node: PolicyNode | undefined): void {
  if (node === undefined) {
    root.report('missing-key', 'has no `version`', 'Begin it with `version: 1`.');
    return;
  }
  if (node.number(1, 1) === undefined) return;
}
