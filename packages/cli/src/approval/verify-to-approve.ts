import type { Json, TrustedRootMaterial } from '@lockseal/core';
import { demandsOf } from '@lockseal/policy';
import { renderHuman, type Report } from '@lockseal/report';
import { approvalHistory, type BundleJson } from '@lockseal/signer';
import { flagOption, textOption, type RawArgs } from '../args.ts';
import type { Evidence } from '../evidence/open-evidence.ts';
import { decodeEvidenceOptions } from '../evidence/options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { widthOf, type Console } from '../io/console.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { styleFor } from '../io/render-error.ts';
import { readVersion } from '../io/version.ts';
import { judge } from '../policy/judge.ts';
import type { OpenedPolicy } from '../policy/open-policy.ts';
import { verifyUnderPolicy, type VerifiedUnderPolicy } from '../policy/verify-under-policy.ts';
import { describeSource } from './describe-source.ts';
import { findCoverage } from './find-coverage.ts';
import { decodePolicyOptions, noApprovers, type LoadedPolicy } from './load-policy.ts';
import { placeOfVerified, type Place } from './place.ts';
import { prepareApproval, type Circumstances, type PreparedApproval } from './prepare-approval.ts';
import { readApprovals } from './read-approvals.ts';
import { requireCounted } from './require-counted.ts';
import { chooseRole } from './role.ts';

/** A lockfile that the policy has nothing against, and what is to be signed of it. */
export interface ReadyToApprove {
  readonly status: 'ready';
  readonly approval: PreparedApproval;
  /** Absolute path. */
  readonly file: string;
  /** Throws where what was signed would not count. */
  readonly requireCounted: (bundles: readonly BundleJson[]) => void;
}

export interface RefusedApproval {
  readonly status: 'refused';
  readonly exitCode: ExitCode;
}

/**
 * Verifies a lockfile under the policy and prepares the statement; where the policy objects it says so, and nothing is
 * to be signed.
 * @throws LocksealError for whatever could not be decided
 */
export async function verifyToApprove(
  target: string,
  raw: RawArgs,
  console: Console,
): Promise<ReadyToApprove | RefusedApproval> {
  const started = console.now();
  const under = await verify(target, raw, console);
  const { verified, opened } = under;
  const version = await readVersion();
  const report = judge(verified, opened, { version, durationMs: console.now() - started });
  const { place } = await placeOfVerified(verified);
  if (report.verdict !== 'good') return refuse(report, console);
  const policy = approvalsOf(opened, place);
  const role = chooseRole(textOption(raw, 'role'), policy.approvals);
  const trustedRoot = (): TrustedRootMaterial => verified.trust.trustedRoot;
  const circumstances = await describe(under, { report, place, policy, version }, { raw, console });
  const comment = textOption(raw, 'comment') ?? '';
  const approval = prepareApproval(
    { role, comment, expiresIn: textOption(raw, 'expires-in') ?? 'P30D' },
    circumstances,
  );
  return {
    status: 'ready',
    approval,
    file: verified.file,
    requireCounted: (bundles) => requireCounted(bundles, { policy, place, role, trustedRoot }),
  };
}

async function verify(target: string, raw: RawArgs, console: Console): Promise<VerifiedUnderPolicy> {
  const progress = createProgressLine('Verifying', console, false);
  const coverage = flagOption(raw, 'full')
    ? undefined
    : (file: string, policy: OpenedPolicy, evidence: Evidence) =>
        findCoverage(file, policy, evidence, { raw, console });
  const judging = { ...decodePolicyOptions(raw, console), base: undefined };
  const options = { evidence: decodeEvidenceOptions(raw, console), judging, coverage };
  return verifyUnderPolicy(target, options, console, progress.advance).finally(progress.clear);
}

/** Nothing that the policy objects to is ever signed; what could not be decided is no pass either. */
function refuse(report: Report, console: Console): RefusedApproval {
  const style = styleFor(console.stderr, console.env);
  console.stderr.write(renderHuman(report, { style, columns: widthOf(console.stderr), verbose: false }));
  return { status: 'refused', exitCode: report.verdict === 'findings' ? EXIT.findings : EXIT.undecided };
}

async function describe(
  { verified, opened, coverage }: VerifiedUnderPolicy,
  known: { readonly report: Report; readonly place: Place; readonly policy: LoadedPolicy; readonly version: string },
  { raw, console }: { readonly raw: RawArgs; readonly console: Console },
): Promise<Circumstances> {
  const { report, place, policy, version } = known;
  const trustedRoot = (): TrustedRootMaterial => verified.trust.trustedRoot;
  return {
    verified,
    report,
    place,
    policy,
    history: approvalHistory(await readApprovals(place), place.lockfile.path, policy.approvals, trustedRoot),
    source: await describeSource(raw, place, console),
    lockseal: version,
    now: new Date(console.now()),
    demands: demandsOf(opened.policy) as unknown as Json,
    coverage,
  };
}

/** What the policy that judged says of approvals. @throws LocksealError ERR_CONFIG where it says nothing */
function approvalsOf({ policy, inForce }: OpenedPolicy, { root }: Place): LoadedPolicy {
  if (inForce === undefined) throw noApprovers(root, 'no policy');
  if (policy.approvals === undefined) throw noApprovers(inForce.name, 'no `approvals`');
  return { name: inForce.name, sha256: inForce.sha256, approvals: policy.approvals };
}
