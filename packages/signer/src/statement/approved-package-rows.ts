import {
  canonicalize,
  GRADES,
  JsonNode,
  LocksealError,
  PACKAGE_SET_TYPE,
  parseStrictJson,
  ShapeError,
  type Grade,
  type Json,
} from '@lockseal/core';
import { decodeRecords } from '../carry/records.ts';
import { sha256 } from './sha256.ts';
import type { ParsedApproval } from './parse-approval.ts';
import { parseApprovalStatement } from './parse-statement.ts';
import { MAX_LIST, MAX_TEXT, readHex, readName, readNullable, readNullableNode } from './read-members.ts';
import {
  REGISTRY_SIGNATURE,
  type ApprovedIdentity,
  type ApprovedPackage,
  type ApprovedSignedDigest,
  type PackageRecord,
} from './types.ts';

/**
 * The packages of an approval, which must be the very set whose digest is its second subject. Apart from the rest,
 * because enforcing needs none of them and they are most of the statement.
 * @throws LocksealError ERR_STATEMENT
 */
export function readApprovedPackages(payload: Uint8Array): readonly ApprovedPackage[] {
  const approval = parseApprovalStatement(payload);
  try {
    const root = new JsonNode(parseStrictJson(payload), '');
    const packages = readPackages(root.member('predicate').member('packageSet'), approval.packageSet);
    requireOrigins(packages, approval.carried);
    const signed = packages.filter(({ signedDigest }) => signedDigest !== undefined).length;
    if (signed !== approval.signedDigests)
      throw new ShapeError('predicate.signedDigests', 'is another number than there are');
    return packages;
  } catch (thrown) {
    throw asStatementError(thrown);
  }
}

/** As many packages are carried as the approval says, and each names its origin. */
function requireOrigins(packages: readonly ApprovedPackage[], carried: ParsedApproval['carried']): void {
  const indices = packages.flatMap(({ carried: index }) => index ?? []);
  const isKnown = indices.every((index) => index < (carried?.origins.length ?? 0));
  if (indices.length !== (carried?.packages ?? 0) || !isKnown) {
    throw new ShapeError('predicate.carried', 'does not agree with the packages that are carried');
  }
}

/**
 * What an approval records of its packages, in their order, for a later one that carries them forward; null where there
 * is nothing to go by.
 * @throws LocksealError ERR_STATEMENT
 */
export function readPackageRecords(payload: Uint8Array): readonly (PackageRecord | null)[] {
  try {
    const set = new JsonNode(parseStrictJson(payload), '').member('predicate').member('packageSet');
    const packages = set.member('packages').list(MAX_LIST).length;
    const records = set.optional('records');
    return records === undefined ? Array.from({ length: packages }, () => null) : decodeRecords(records, packages);
  } catch (thrown) {
    throw asStatementError(thrown);
  }
}

function asStatementError(thrown: unknown): unknown {
  if (!(thrown instanceof ShapeError || thrown instanceof SyntaxError)) return thrown;
  return new LocksealError('ERR_STATEMENT', `In the approval, ${thrown.message}.`, { cause: thrown });
}

function readPackages(set: JsonNode, expected: string): readonly ApprovedPackage[] {
  const type = set.member('type').text(MAX_TEXT);
  if (type !== PACKAGE_SET_TYPE) throw new ShapeError(`${set.path}.type`, `is ${JSON.stringify(type)}`);
  const identities = set.optional('identities')?.list(MAX_LIST).map(readIdentity) ?? [];
  const packages = set
    .member('packages')
    .list(MAX_LIST)
    .map((node) => readPackage(node, identities));
  const rows = packages.map(({ purl, digest, source, patch }) => ({
    purl,
    digest,
    source,
    ...(patch === undefined ? {} : { patch }),
  }));
  if (sha256(canonicalize({ type, packages: rows } as Json)) !== expected) {
    throw new ShapeError(`${set.path}.packages`, 'are not the package set that is the second subject');
  }
  return packages;
}

function readPackage(node: JsonNode, identities: readonly ApprovedIdentity[]): ApprovedPackage {
  const grade = node.member('grade').text(MAX_TEXT);
  if (!GRADES.some((known) => known === grade)) throw new ShapeError(`${node.path}.grade`, 'is no grade');
  const digest = readNullableNode(node, 'digest');
  const patch = node.optional('patch');
  const index = node.optional('identity')?.count();
  const identity = index === undefined ? undefined : identities[index];
  if (index !== undefined && identity === undefined)
    throw new ShapeError(`${node.path}.identity`, 'is not in the list');
  const scripts = node
    .optional('scripts')
    ?.list(1000)
    .map((script) => script.text(MAX_TEXT));
  const carried = node.optional('carried')?.count();
  const signed = node.optional('signedDigest');
  return {
    purl: readName(node.member('purl')),
    digest: digest === null ? null : readDigest(digest),
    source: readName(node.member('source')) as ApprovedPackage['source'],
    ...(patch === undefined ? {} : { patch: { sha256: readNullable(patch, 'sha256') } }),
    grade: grade as Grade,
    ...(identity === undefined ? {} : { identity }),
    ...(scripts === undefined ? {} : { scripts }),
    ...(carried === undefined ? {} : { carried }),
    ...(signed === undefined ? {} : { signedDigest: readSignedDigest(node, signed) }),
  };
}

/** In place of a digest of the lockfile's, never beside one. What is signed by somebody unknown is not understood. */
function readSignedDigest(row: JsonNode, node: JsonNode): ApprovedSignedDigest {
  if (readNullableNode(row, 'digest') !== null || row.member('source').text(MAX_TEXT) !== 'registry')
    throw new ShapeError(node.path, 'is only for what a registry serves and the lockfile does not bind');
  const source = node.member('source').text(MAX_TEXT);
  if (source !== REGISTRY_SIGNATURE) throw new ShapeError(`${node.path}.source`, 'is unknown');
  return { sha512: readHex(node.member('sha512'), 128), source };
}

function readDigest(node: JsonNode): NonNullable<ApprovedPackage['digest']> {
  const [algorithm, ...more] = node.keys();
  if (more.length > 0) throw new ShapeError(node.path, 'has several digests');
  switch (algorithm) {
    case 'sha512':
      return { sha512: readHex(node.member(algorithm), 128) };
    case 'sha256':
      return { sha256: readHex(node.member(algorithm), 64) };
    case 'gitCommit':
      return { gitCommit: readName(node.member(algorithm)) };
    case undefined:
    default:
      throw new ShapeError(node.path, 'is of no known algorithm');
  }
}

function readIdentity(node: JsonNode): ApprovedIdentity {
  return {
    issuer: readName(node.member('issuer')),
    repository: readNullable(node, 'repository'),
    workflow: readNullable(node, 'workflow'),
  };
}
