import { LocksealError, type Json, type TrustedRootMaterial } from '@lockseal/core';
import { demandsOf } from '@lockseal/policy';
import { renderHuman } from '@lockseal/report';
import {
  appendApprovals,
  approvalHistory,
  approvalsFileOf,
  buildVsa,
  signStatements,
  type BundleJson,
} from '@lockseal/signer';
import type { Argv } from 'yargs';
import { flagOption, textOption, type RawArgs } from '../args.ts';
import { askConsent } from '../approval/ask-consent.ts';
import { describeSource } from '../approval/describe-source.ts';
import { decodePolicyOptions, noApprovers, type LoadedPolicy } from '../approval/load-policy.ts';
import { findCoverage } from '../approval/find-coverage.ts';
import { placeOf, shownPath, type Place } from '../approval/place.ts';
import { prepareApproval, type PreparedApproval } from '../approval/prepare-approval.ts';
import { readApprovals } from '../approval/read-approvals.ts';
import { requireCounted } from '../approval/require-counted.ts';
import { signRelease } from '../approval/release.ts';
import { renderPrepared } from '../approval/render-approval.ts';
import { chooseRole } from '../approval/role.ts';
import { decodeSigning, withSigningOptions } from '../approval/signing-options.ts';
import { decodeEvidenceOptions, withEvidenceOptions } from '../evidence/options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { widthOf, type Console } from '../io/console.ts';
import { readLockfileBytes } from '../io/find-lockfile.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { styleFor } from '../io/render-error.ts';
import { readVersion } from '../io/version.ts';
import { judge } from '../policy/judge.ts';
import type { OpenedPolicy } from '../policy/open-policy.ts';
import { verifyUnderPolicy } from '../policy/verify-under-policy.ts';
import type { Command } from './command.ts';

/** `lockseal approve`: verifies, shows what changes in trust, asks, signs, and keeps the approval beside the lockfile. */
export const approve: Command = {
  builder: (program) => withApprovalOptions(withSigningOptions(withEvidenceOptions(program))),
  run: async (raw, console) => {
    const method = await decodeSigning(raw, console);
    const prepared = await prepare(raw, console);
    if (prepared.status === 'refused') return prepared.exitCode;
    const { approval, file } = prepared;
    console.stdout.write(renderPrepared(approval));
    await askConsent(`Approve as ${approval.statement.predicate.approver.role}?`, flagOption(raw, 'yes'), console);
    const release = await signRelease(raw, approval.statement, console);
    const statements = [approval.statement, buildVsa(approval.statement), ...release];
    const bundles = await signStatements(statements, method);
    prepared.requireCounted(bundles);
    await appendApprovals(approvalsFileOf(file), bundles);
    const shown = shownPath(approvalsFileOf(file), console);
    console.stdout.write(`Approved. Commit ${shown} together with the lockfile; then: lockseal enforce\n`);
    return EXIT.good;
  },
};

function withApprovalOptions(program: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', requiresArg: true, describe, group: 'Approval:' }) as const;
  return program
    .positional('target', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
    .option('role', text('Role for which you approve (default: the only one of the policy)'))
    .option('comment', text('Why you approve; it is signed'))
    .option('expires-in', text('How long the approval holds (ISO 8601 duration; default P30D)'))
    .option('policy', text('Policy file (default: lockseal.yaml)'))
    .option('policy-ref', text('Git ref whose policy counts'))
    .option('repository', text('Repository to bind to (default: the CI job, or the remote origin)'))
    .option('ref', text('Git ref to bind to (default: the CI job, or the branch checked out)'))
    .option('commit', text('Commit to name (default: the CI job, or HEAD)'))
    .option('release', {
      ...text('Artifacts built from this lockfile, to be signed as such'),
      type: 'array',
      string: true,
    })
    .option('sbom', text('Write a CycloneDX SBOM of the approved packages here, and name it in the release'))
    .option('full', {
      type: 'boolean',
      describe: 'Look at every package, also at those that a valid approval covers',
      group: 'Approval:',
    })
    .option('yes', { type: 'boolean', describe: 'Do not ask', group: 'Approval:' })
    .example('$0 approve --key=approver.pem', 'with a key')
    .example('$0 approve --keyless --role=release', 'with an identity');
}

/** What the policy that judged says of approvals. @throws LocksealError ERR_CONFIG where it says nothing */
function approvalsOf({ policy, inForce }: OpenedPolicy, { root }: Place): LoadedPolicy {
  if (inForce === undefined) throw noApprovers(root, 'no policy');
  if (policy.approvals === undefined) throw noApprovers(inForce.name, 'no `approvals`');
  return { name: inForce.name, sha256: inForce.sha256, approvals: policy.approvals };
}

type Prepared =
  | {
      readonly status: 'ready';
      readonly approval: PreparedApproval;
      readonly file: string;
      readonly requireCounted: (bundles: readonly BundleJson[]) => void;
    }
  | { readonly status: 'refused'; readonly exitCode: ExitCode };

async function prepare(raw: RawArgs, console: Console): Promise<Prepared> {
  const options = decodeEvidenceOptions(raw, console);
  const started = console.now();
  const progress = createProgressLine('Verifying', console, false);
  const judging = { ...decodePolicyOptions(raw, console), base: undefined };
  const { verified, opened, coverage } = await verifyUnderPolicy(
    textOption(raw, 'target') ?? '.',
    {
      evidence: options,
      judging,
      coverage: flagOption(raw, 'full')
        ? undefined
        : (file, policy, evidence) => findCoverage(file, policy, evidence, { raw, console }),
    },
    console,
    (done, total) => progress.advance(done, total),
  ).finally(() => progress.clear());
  const version = await readVersion();
  const report = judge(verified, opened, { version, durationMs: console.now() - started });
  const bytes = await readLockfileBytes(verified.file);
  const place = await placeOf(verified.file, bytes);
  if (place.lockfile.sha512 !== verified.verification.lockfile.sha512) {
    throw new LocksealError('ERR_LOCKFILE_UNREADABLE', 'The lockfile was changed while it was verified.', {
      file: verified.file,
    });
  }
  if (report.verdict !== 'good') {
    const style = styleFor(console.stderr, console.env);
    console.stderr.write(renderHuman(report, { style, columns: widthOf(console.stderr), verbose: false }));
    // Nothing that the policy objects to is ever signed; what could not be decided is no pass either.
    return { status: 'refused', exitCode: report.verdict === 'findings' ? EXIT.findings : EXIT.undecided };
  }
  const policy = approvalsOf(opened, place);
  const role = chooseRole(textOption(raw, 'role'), policy.approvals);
  const trustedRoot = (): TrustedRootMaterial => verified.trust.trustedRoot;
  const history = approvalHistory(await readApprovals(place), place.lockfile.path, policy.approvals, trustedRoot);
  const source = await describeSource(raw, place, console);
  const intent = {
    role,
    comment: textOption(raw, 'comment') ?? '',
    expiresIn: textOption(raw, 'expires-in') ?? 'P30D',
  };
  const now = new Date(console.now());
  const demands = demandsOf(opened.policy) as unknown as Json;
  const circumstances = { verified, report, place, policy, history, source, lockseal: version, now, demands, coverage };
  return {
    status: 'ready',
    approval: prepareApproval(intent, circumstances),
    file: verified.file,
    requireCounted: (bundles) => requireCounted(bundles, { policy, place, role, trustedRoot }),
  };
}
