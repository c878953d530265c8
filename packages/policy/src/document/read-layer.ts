import type { ApprovalPolicy } from '@lockseal/core';
import type { CustomRule } from '../custom/custom-rule.ts';
import { duration } from '../options.ts';
import type { IdentityPin, Override, RuleSetting, Waiver } from '../policy.ts';
import type { TrustExpectation } from '../rules/rule.ts';
import type { PolicyNode } from './policy-node.ts';
import { readApprovals } from './read-approvals.ts';
import { readHead } from './read-head.ts';
import { readInstall, type InstallLayer } from './read-install.ts';
import { readRules } from './read-rules.ts';
import {
  readIdentityPin,
  readOverride,
  readRegistries,
  readTrust,
  readWaiver,
  type WaiverLimits,
} from './read-sections.ts';

/** What one file says, before what it extends is laid under it. */
export interface Layer {
  readonly extends: readonly { readonly reference: string; readonly node: PolicyNode }[];
  readonly rules: ReadonlyMap<string, RuleSetting>;
  readonly overrides: readonly Override[];
  readonly registries: readonly string[] | undefined;
  readonly trust: TrustExpectation;
  readonly identities: readonly IdentityPin[];
  readonly custom: readonly CustomRule[];
  /** Seconds. */
  readonly longestWaiver: number | undefined;
  /** Read last, when it is known what waivers are held to. */
  readonly waivers: (limits: WaiverLimits) => readonly Waiver[];
  readonly approvals: ApprovalPolicy | undefined;
  readonly install: InstallLayer;
}

/** Reads every section; what is wrong is reported to the file's problems, and left out. */
export async function readLayer(root: PolicyNode): Promise<Layer> {
  const { members, extends: references } = readHead(root);
  const longest = members.get('longestWaiver');
  const approvals = members.get('approvals');
  const elements = <T>(key: string, read: (node: PolicyNode) => T | undefined): readonly T[] =>
    (members.get(key)?.list() ?? []).flatMap((node) => read(node) ?? []);
  return {
    extends: references,
    rules: readRules(members.get('rules')),
    overrides: elements('overrides', readOverride),
    registries: readRegistries(members.get('registries')),
    trust: readTrust(members.get('trust')),
    identities: (members.get('identities')?.members() ?? []).flatMap((member) => readIdentityPin(member) ?? []),
    custom: await readCustomRules(members.get('custom')?.list() ?? []),
    longestWaiver: longest && duration.read(longest),
    waivers: (limits) => elements('waivers', (node) => readWaiver(node, limits)),
    approvals: approvals && readApprovals(approvals),
    install: readInstall(members.get('install')),
  };
}

async function readCustomRules(nodes: readonly PolicyNode[]): Promise<readonly CustomRule[]> {
  if (nodes.length === 0) return [];
  // Loaded here, with a language of its own: few policies have rules in it.
  const { readCustom } = await import('./read-custom.ts');
  return nodes.flatMap((node) => readCustom(node) ?? []);
}
