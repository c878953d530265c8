import { parseExpectedIdentity, type ExpectedIdentity } from '@lockseal/core';
import { choices, duration, patterns, readPattern, registryUrls, sha256 } from '../options.ts';
import type { IdentityPin, Override, Waiver } from '../policy.ts';
import type { TrustExpectation } from '../rules/rule.ts';
import { RULE_NAMES } from '../rules/table.ts';
import type { Member, PolicyNode } from './policy-node.ts';
import { readRules } from './read-rules.ts';
import { guarded } from './read-approvals.ts';
import { didYouMean } from './suggest.ts';

export function readOverride(node: PolicyNode): Override | undefined {
  const members = node.known('packages', 'rules');
  const packages = required(node, members, 'packages');
  const rules = required(node, members, 'rules');
  if (packages === undefined || rules === undefined) return undefined;
  return { packages: patterns.read(packages) ?? [], rules: readRules(rules), ...placeOf(node) };
}

export function readIdentityPin({ key, keyNode, node }: Member): IdentityPin | undefined {
  const pattern = readPattern(key, keyNode);
  const identities = (node.isMap ? [node] : node.list()).flatMap((each) => readIdentity(each) ?? []);
  return pattern === undefined ? undefined : { packages: pattern, identities, ...placeOf(keyNode) };
}

function readIdentity(node: PolicyNode): ExpectedIdentity | undefined {
  return guarded(node, () => parseExpectedIdentity(node.plain(), node.path));
}

export function readTrust(node: PolicyNode | undefined): TrustExpectation {
  const members = node?.known('roots', 'origins', 'maxAge');
  const origins = choices('tuf', 'embedded', 'file');
  const [roots, from, age] = ['roots', 'origins', 'maxAge'].map((name) => members?.get(name));
  return {
    roots: roots?.list().flatMap((item) => sha256(item) ?? []),
    origins: from && origins.read(from),
    maxAge: age && duration.read(age),
  };
}

export function readRegistries(node: PolicyNode | undefined): readonly string[] | undefined {
  return node && registryUrls.read(node);
}

/** What waivers are held to. */
export interface WaiverLimits {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Seconds that a waiver may last from now. */
  readonly longest: number;
  /** Names of the custom rules of the file and all that it extends. */
  readonly customRules: readonly string[];
}

const EXPIRES = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?$/;

export function readWaiver(node: PolicyNode, limits: WaiverLimits): Waiver | undefined {
  const members = node.known('package', 'rule', 'reason', 'who', 'expires');
  const [name, rule, reason, who, expires] = (['package', 'rule', 'reason', 'who', 'expires'] as const).map((key) =>
    required(node, members, key),
  );
  const text = name?.text();
  const packages = text === undefined || name === undefined ? undefined : readPattern(text, name);
  const ruleName = rule && readWaivedRule(rule, limits.customRules);
  const until = expires && readExpiry(expires, limits);
  const [because, by] = [reason?.text(), who?.text()];
  if (packages === undefined || ruleName === undefined || until === undefined) return undefined;
  if (because === undefined || by === undefined) return undefined;
  return { packages, rule: ruleName, reason: because, who: by, expires: until, ...placeOf(node) };
}

function readWaivedRule(node: PolicyNode, custom: readonly string[]): string | undefined {
  const known = [...RULE_NAMES, ...custom];
  const name = node.text();
  if (name === undefined || known.includes(name)) return name;
  return node.report('unknown-rule', `is no rule: ${JSON.stringify(name)}`, didYouMean(name, known));
}

function readExpiry(node: PolicyNode, { now, longest }: WaiverLimits): string | undefined {
  const text = node.text();
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (!EXPIRES.test(text) || Number.isNaN(at)) {
    return node.report(
      'bad-value',
      `is no date: ${JSON.stringify(text)}`,
      'Write "2026-12-31" or "2026-12-31T12:00:00Z".',
    );
  }
  if (at - now > longest * 1000) {
    const latest = new Date(now + longest * 1000).toISOString().slice(0, 10);
    return node.report('waiver-too-long', `is later than the policy allows`, `Write ${latest} at the latest.`);
  }
  return new Date(at).toISOString();
}

export function required(
  node: PolicyNode,
  members: ReadonlyMap<string, PolicyNode>,
  key: string,
): PolicyNode | undefined {
  return members.get(key) ?? node.report('missing-key', `has no \`${key}\``, `Add \`${key}: …\`.`);
}

export function placeOf(node: PolicyNode): Pick<Override, 'file' | 'position'> {
  return { file: node.file, position: node.position };
}
