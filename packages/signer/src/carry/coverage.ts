import { canonicalize, type CarriedEvidence, type CarriedOrigin, type Covered, type Json } from '@lockseal/core';
import { lastApproved, type LastApprovedInput } from '../enforce/last-approved.ts';
import type { CountedApproval } from '../enforce/types.ts';
import { approvalHistory } from '../history.ts';
import { toSeconds } from '../statement/approval.ts';
import { readApprovedPackages, readPackageRecords } from '../statement/approved-package-rows.ts';
import type { ParsedApproval } from '../statement/parse-approval.ts';
import { parseApprovalStatement } from '../statement/parse-statement.ts';
import type { ApprovedPackage, PackageRecord, PreviousApproval } from '../statement/types.ts';
import { fromRequirements, reachTexts } from './recorded.ts';

/** What the run is about that asks what it need not look at again. */
export interface CoverageInput extends LastApprovedInput {
  /** Where the lockfile lies now; null: in no repository. */
  readonly repository: string | null;
  /** Lower-case hex sha256 of the trusted root, and of the registry keys, in use. */
  readonly trustedRoot256: string;
  readonly registryKeys: string;
  /** The verifier's own version: another one may look at more. */
  readonly lockseal: string;
  /** Whether the policy in force demands no more than what an approval recorded. */
  readonly areNoStronger: (recorded: Json) => boolean;
}

/** What the last valid approval covers, or why nothing is. */
export type Coverage =
  | { readonly status: 'covers'; readonly from: PreviousApproval; readonly covered: Covered }
  | { readonly status: 'none'; readonly reason: string };

/** One of the approvals that make the state valid. */
interface Source {
  readonly statement: ParsedApproval;
  readonly packages: readonly RecordedPackage[];
  /** The approval itself, as the place where what it does not carry was looked at. */
  readonly origin: CarriedOrigin;
}

/**
 * What need not be looked at again: the artifacts on which all approvals of the last approved state agree, that proved
 * something, that nobody objected to, and that somebody looked at recently enough. In doubt it is looked at again.
 * @throws LocksealError as `lastApproved`
 */
export function coverageOf(input: CoverageInput): Coverage {
  const { state } = lastApproved(input);
  if (state === undefined) return { status: 'none', reason: 'no earlier state is approved' };
  const sources = state.approvals.map((counted) => readSource(counted, input));
  const [first] = sources;
  const { revoked } = approvalHistory(input.approvals, input.path, input.policy, input.trustedRoot);
  const holds = (origin: CarriedOrigin): boolean => origin.sequence > revoked && isRecent(origin, input);
  const unfit = sources.map(({ statement, origin }) =>
    origin.sequence > revoked ? objectionTo(statement, origin, input) : 'a revocation stands after the last approval',
  );
  const reason = unfit.find((each) => each !== undefined);
  if (first === undefined || reason !== undefined) return { status: 'none', reason: reason ?? 'nobody approved it' };
  const table = tableOf(sources, holds);
  return {
    status: 'covers',
    from: { sha256: first.statement.digest, sequence: first.statement.sequence },
    covered: ({ spec, row, reach, hasInstallScript, needsTarball }) => {
      const found = table.get(canonicalize(row as unknown as Json));
      if (found === undefined || found.excepted.has(spec)) return undefined;
      const { scripts } = found.evidence;
      const isOtherwiseReached = reachTexts(reach).join() !== found.reach.join();
      const isUnread = needsTarball && scripts === undefined;
      const isOtherwise =
        scripts !== undefined && hasInstallScript !== undefined && hasInstallScript !== scripts.length > 0;
      return isOtherwiseReached || isUnread || isOtherwise ? undefined : found.evidence;
    },
  };
}

interface RecordedPackage extends ApprovedPackage {
  readonly record: PackageRecord | null;
}

function readSource({ line, trustedTime }: CountedApproval, { approvals }: CoverageInput): Source {
  const stored = approvals.find((each) => each.line === line);
  if (stored === undefined) throw new RangeError(`no approval in line ${line}`);
  const statement = parseApprovalStatement(stored.payload, stored.payloadType);
  const { digest, sequence, approvedAt, expiresAt } = statement;
  const looked = trustedTime === undefined ? approvedAt : new Date(trustedTime);
  const origin = { sha256: digest, sequence, approvedAt: toSeconds(looked), expiresAt: toSeconds(expiresAt) };
  const records = readPackageRecords(stored.payload);
  const packages = readApprovedPackages(stored.payload).map((row, index) => ({
    ...row,
    record: records[index] ?? null,
  }));
  return { statement, packages, origin };
}

/** Why an approval covers nothing here, although it stands. */
function objectionTo(statement: ParsedApproval, origin: CarriedOrigin, input: CoverageInput): string | undefined {
  const { demands } = statement.policy;
  if (!isRecent(origin, input)) return 'the last approval has expired or is too old';
  if (statement.source.repository !== input.repository) return 'the last approval is of another repository';
  if (statement.trustedRoot !== input.trustedRoot256) return 'the trusted root is another one';
  if (statement.registryKeys !== input.registryKeys) return 'the registry keys are other ones';
  if (statement.verifier.version !== input.lockseal) return 'another version of lockseal verified it';
  if (demands === undefined || !input.areNoStronger(demands)) return 'the policy may demand more than it did then';
  return undefined;
}

/** Held to what approvals are held to: neither expired nor older than the policy allows. */
function isRecent({ approvedAt, expiresAt }: CarriedOrigin, { now, policy }: CoverageInput): boolean {
  const age = (now.getTime() - Date.parse(approvedAt)) / 1000;
  return now.getTime() < Date.parse(expiresAt) && age <= (policy.maxAgeSeconds ?? Number.POSITIVE_INFINITY);
}

interface CoveredRow {
  readonly evidence: CarriedEvidence;
  readonly reach: readonly string[];
  /** `name@version` of what some approver saw a finding for: they see it again. */
  readonly excepted: ReadonlySet<string>;
}

/** By row of the package set. What one approver says and another does not is not covered. */
function tableOf(
  [first, ...others]: readonly Source[],
  holds: (origin: CarriedOrigin) => boolean,
): ReadonlyMap<string, CoveredRow> {
  const table = new Map<string, CoveredRow>();
  if (first === undefined) return table;
  const excepted = new Set(
    [first, ...others].flatMap(({ statement: { findings, waivers } }) =>
      [...findings, ...waivers].map(({ subject }) => subject),
    ),
  );
  const indices = others.map(({ packages }) => new Map(packages.map((row) => [keyOf(row), row])));
  for (const row of first.packages) {
    const rows = [row, ...indices.map((index) => index.get(keyOf(row)))];
    const origins = rows.map((each, at) => originOf(each, [first, ...others][at]));
    const oldest = origins.reduce(older);
    const evidence = oldest !== undefined && holds(oldest) ? evidenceOf(row, oldest) : undefined;
    const isAgreed = rows.every((each) => each !== undefined && findingsOf(each) === findingsOf(row));
    if (evidence !== undefined && isAgreed) {
      table.set(keyOf(row), { evidence, reach: row.record?.reach ?? ['prod'], excepted });
    }
  }
  return table;
}

function keyOf({ purl, digest, source, patch }: ApprovedPackage): string {
  return canonicalize({ purl, digest, source, ...(patch === undefined ? {} : { patch }) } as Json);
}

/** All that was found out, as text; only whether it was carried may differ. */
function findingsOf(row: RecordedPackage): string {
  return canonicalize({ ...row, carried: 0 } as unknown as Json);
}

function originOf(row: ApprovedPackage | undefined, source: Source | undefined): CarriedOrigin | undefined {
  if (row?.carried === undefined) return source?.origin;
  return source?.statement.carried?.origins[row.carried];
}

/** undefined, where one of them is: what nobody looked at is older than everything. */
function older(a: CarriedOrigin | undefined, b: CarriedOrigin | undefined): CarriedOrigin | undefined {
  if (a === undefined || b === undefined) return undefined;
  return Date.parse(b.approvedAt) < Date.parse(a.approvedAt) ? b : a;
}

function evidenceOf(row: RecordedPackage, origin: CarriedOrigin): CarriedEvidence | undefined {
  const { grade, identity, scripts, record } = row;
  if (record === null || grade === 'unprovable' || grade === 'contradicted') return undefined;
  return { grade, identity, scripts, requires: fromRequirements(record.requires), origin };
}
