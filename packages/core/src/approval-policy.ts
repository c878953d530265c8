import { createPublicKey } from 'node:crypto';
import { parseDuration } from './duration.ts';
import { LocksealError } from './errors.ts';
import { JsonNode, ShapeError } from './json-node.ts';
import type { ApprovalPolicy, ApprovalRole, Approver } from './model/approval.ts';
import {
  IDENTITY_FIELDS,
  matchIdentity,
  type ExpectedIdentity,
  type IdentityField,
  type IdentityMatcher,
} from './sigstore/match-identity.ts';

const MAX_ROLES = 32;
const MAX_APPROVERS = 256;
const MAX_KEYS = 32;
const MAX_TEXT = 4096;
/** What an absent `maxAge` means. */
const DEFAULT_MAX_AGE = 'P30D';

/**
 * Reads the `approvals` member of a policy file.
 * @param value plain data, as a YAML or JSON parser gives it
 * @param path of the member in its file, for messages
 * @throws LocksealError ERR_CONFIG naming the member at fault
 */
export function parseApprovalPolicy(value: unknown, path = 'approvals'): ApprovalPolicy {
  try {
    return readPolicy(new JsonNode(value, path));
  } catch (thrown) {
    if (!(thrown instanceof ShapeError)) throw thrown;
    throw new LocksealError('ERR_CONFIG', `In the policy, ${thrown.message}.`, {
      hint: 'See docs/statement-format.md, "Who may approve".',
      cause: thrown,
    });
  }
}

/**
 * Reads one expected identity, as approvers and pinned packages have it.
 * @throws LocksealError ERR_CONFIG naming the member at fault
 */
export function parseExpectedIdentity(value: unknown, path: string): ExpectedIdentity {
  try {
    return readIdentity(new JsonNode(value, path));
  } catch (thrown) {
    if (!(thrown instanceof ShapeError)) throw thrown;
    throw new LocksealError('ERR_CONFIG', `In the policy, ${thrown.message}.`, {
      hint: 'See docs/policy.md, "Identities".',
      cause: thrown,
    });
  }
}

function readPolicy(node: JsonNode): ApprovalPolicy {
  node.only(
    'roles',
    'maxAge',
    'acceptPolicies',
    'repository',
    'refs',
    'subject',
    'allowUntimestamped',
    'allowAnyRepository',
  );
  const roles = readRoles(node.member('roles'));
  requireOneNamePerKey(roles, node.path);
  return {
    roles,
    maxAgeSeconds: readMaxAge(node),
    acceptPolicies: node.optional('acceptPolicies')?.list(MAX_APPROVERS).map(readDigest) ?? [],
    repository: readRepository(node),
    refs: node.optional('refs')?.list(MAX_APPROVERS).map(readRef),
    subject: readSubject(node),
    allowUntimestamped: readFlag(node, 'allowUntimestamped'),
  };
}

function readRoles(node: JsonNode): ReadonlyMap<string, ApprovalRole> {
  const names = node.keys();
  if (names.length === 0) throw new ShapeError(node.path, 'names no role: nobody could approve');
  if (names.length > MAX_ROLES) throw new ShapeError(node.path, `names more than ${MAX_ROLES} roles`);
  return new Map(names.map((name) => [name, readRole(node.member(name))]));
}

function readRole(node: JsonNode): ApprovalRole {
  const approvers = node.only('threshold', 'approvers').member('approvers').list(MAX_APPROVERS).map(readApprover);
  const twice = approvers.find(({ name }, index) => approvers.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new ShapeError(`${node.path}.approvers`, `lists ${JSON.stringify(twice.name)} twice`);
  const threshold = node.member('threshold');
  const count = threshold.count();
  if (count < 1) throw new ShapeError(threshold.path, 'is 0: the role would ask for nothing');
  if (count > approvers.length) {
    throw new ShapeError(threshold.path, `is ${count}, more than the ${approvers.length} approvers of the role`);
  }
  return { threshold: count, approvers };
}

function readApprover(node: JsonNode): Approver {
  const name = node.only('name', 'keys', 'identities').member('name').text(MAX_TEXT);
  const keys = node.optional('keys')?.list(MAX_KEYS).map(readKey) ?? [];
  const identities = node.optional('identities')?.list(MAX_KEYS).map(readIdentity) ?? [];
  if (name === '') throw new ShapeError(`${node.path}.name`, 'is empty');
  if (keys.length + identities.length === 0) throw new ShapeError(node.path, 'has neither a key nor an identity');
  return { name, keys, identities };
}

/** PEM of a public key, or base64 of its SPKI DER; base64 SPKI DER comes out. */
function readKey(node: JsonNode): string {
  const text = node.text(MAX_TEXT).trim();
  try {
    const key = text.startsWith('-----BEGIN PUBLIC KEY-----')
      ? createPublicKey({ key: text, format: 'pem' })
      : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.export({ format: 'der', type: 'spki' }).toString('base64');
  } catch {
    throw new ShapeError(node.path, 'is no public key: give PEM ("-----BEGIN PUBLIC KEY-----"), or base64 of SPKI DER');
  }
}

function readIdentity(node: JsonNode): ExpectedIdentity {
  const fields = node.only(...IDENTITY_FIELDS).keys() as IdentityField[];
  const expected = Object.fromEntries(
    fields.map((field) => [field, readMatcher(node.member(field))]),
  ) as ExpectedIdentity;
  requireExpectation(node, expected);
  return expected;
}

function readMatcher(node: JsonNode): IdentityMatcher {
  if (typeof node.value === 'string') return node.text(MAX_TEXT);
  if (typeof node.value !== 'object') throw new ShapeError(node.path, 'is neither a text nor {pattern: ^…$}');
  return { pattern: node.only('pattern').member('pattern').text(MAX_TEXT) };
}

/** Finds out now, rather than at the first approval, that an expectation is too wide or a pattern is not anchored. */
function requireExpectation(node: JsonNode, expected: ExpectedIdentity): void {
  const nobody = Object.fromEntries(IDENTITY_FIELDS.map((field) => [field, ''])) as Record<IdentityField, string>;
  const probe = (expectation: ExpectedIdentity): ReturnType<typeof matchIdentity> =>
    matchIdentity({ ...nobody, sanType: 'uri' }, expectation);
  for (const field of node.keys() as IdentityField[]) {
    try {
      probe({ issuer: '', san: '', [field]: expected[field] });
    } catch (thrown) {
      if (!(thrown instanceof LocksealError)) throw thrown;
      throw new ShapeError(node.member(field).path, `is wrong: ${thrown.message}`);
    }
  }
  const tooWide = probe(expected).find(({ field }) => field === 'expectation');
  if (tooWide !== undefined) throw new ShapeError(node.path, `must name ${tooWide.expected}`);
}

/** A key that went by two names would let one person reach a threshold of two. */
function requireOneNamePerKey(roles: ReadonlyMap<string, ApprovalRole>, path: string): void {
  const holders = new Map<string, string>();
  for (const [role, { approvers }] of roles) {
    for (const { name, keys, identities } of approvers) {
      for (const credential of [...keys, ...identities.map((identity) => JSON.stringify(identity))]) {
        const holder = holders.get(credential) ?? name;
        if (holder === name) holders.set(credential, name);
        else throw new ShapeError(`${path}.roles.${role}`, `gives one key or identity to both ${holder} and ${name}`);
      }
    }
  }
}

function readMaxAge(node: JsonNode): number | undefined {
  const text = node.optional('maxAge')?.text(MAX_TEXT) ?? DEFAULT_MAX_AGE;
  if (text === 'unlimited') return undefined;
  const seconds = parseDuration(text);
  if (seconds === undefined) {
    throw new ShapeError(`${node.path}.maxAge`, 'is no ISO 8601 duration such as P7D or PT12H, nor "unlimited"');
  }
  return seconds;
}

function readRepository(node: JsonNode): string | undefined {
  const repository = node.optional('repository')?.text(MAX_TEXT);
  const any = readFlag(node, 'allowAnyRepository');
  if (repository === undefined && !any) {
    throw new ShapeError(`${node.path}.repository`, 'is missing: an approval of another repository would count');
  }
  if (repository !== undefined && any)
    throw new ShapeError(`${node.path}.allowAnyRepository`, 'contradicts `repository`');
  if (repository === '') throw new ShapeError(`${node.path}.repository`, 'is empty');
  return repository;
}

function readRef(node: JsonNode): string {
  const ref = node.text(MAX_TEXT);
  if (!ref.startsWith('refs/')) throw new ShapeError(node.path, 'is no full ref such as refs/heads/main');
  return ref;
}

function readDigest(node: JsonNode): string {
  const digest = node.text(MAX_TEXT);
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new ShapeError(node.path, 'is no sha256 in lower-case hex');
  return digest;
}

function readSubject(node: JsonNode): ApprovalPolicy['subject'] {
  const subject = node.optional('subject')?.text(MAX_TEXT) ?? 'bytes';
  if (subject === 'bytes' || subject === 'package-set') return subject;
  throw new ShapeError(`${node.path}.subject`, 'is neither bytes nor package-set');
}

function readFlag(node: JsonNode, name: string): boolean {
  const value = node.optional(name)?.value ?? false;
  if (typeof value !== 'boolean') throw new ShapeError(`${node.path}.${name}`, 'is neither true nor false');
  return value;
}
