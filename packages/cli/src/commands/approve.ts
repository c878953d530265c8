import { appendApprovals, approvalsFileOf, buildVsa, signStatements } from '@lockseal/signer';
import { LocksealError } from '@lockseal/core';
import type { Argv } from 'yargs';
import { flagOption, listOption, type RawArgs } from '../args.ts';
import { askConsent } from '../approval/ask-consent.ts';
import { shownPath } from '../approval/place.ts';
import { signRelease } from '../approval/release.ts';
import { renderPrepared } from '../approval/render-approval.ts';
import { decodeSigning, withSigningOptions } from '../approval/signing-options.ts';
import { verifyToApprove, type ReadyToApprove } from '../approval/verify-to-approve.ts';
import { withEvidenceOptions } from '../evidence/options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import type { Command } from './command.ts';

/** `lockseal approve`: verifies, shows what changes in trust, asks, signs, and keeps the approval beside the lockfile. */
export const approve: Command = {
  builder: (program) => withApprovalOptions(withSigningOptions(withEvidenceOptions(program))),
  run: async (raw, console) => {
    const targets = decodeTargets(raw);
    const method = await decodeSigning(raw, console);
    const ready: ReadyToApprove[] = [];
    const refused: ExitCode[] = [];
    for (const target of targets) {
      const outcome = await verifyToApprove(target, raw, console);
      if (outcome.status === 'ready') ready.push(outcome);
      else refused.push(outcome.exitCode);
    }
    // All or none: whoever approves several lockfiles at once means them to go together.
    if (refused.length > 0) return Math.min(...refused);
    for (const { approval } of ready) console.stdout.write(renderPrepared(approval));
    const role = ready[0]?.approval.statement.predicate.approver.role ?? '';
    const what = ready.length === 1 ? '' : ` ${ready.length} lockfiles`;
    await askConsent(`Approve${what} as ${role}?`, flagOption(raw, 'yes'), console);
    await sign(ready, method, { raw, console });
    return EXIT.good;
  },
};

/** One statement each, all signed before any is stored. */
async function sign(
  ready: readonly ReadyToApprove[],
  method: Awaited<ReturnType<typeof decodeSigning>>,
  { raw, console }: { readonly raw: RawArgs; readonly console: Console },
): Promise<void> {
  const signed: { readonly file: string; readonly bundles: Awaited<ReturnType<typeof signStatements>> }[] = [];
  for (const { approval, file, requireCounted } of ready) {
    const release = await signRelease(raw, approval.statement, console);
    const bundles = await signStatements([approval.statement, buildVsa(approval.statement), ...release], method);
    requireCounted(bundles);
    signed.push({ file: approvalsFileOf(file), bundles });
  }
  for (const { file, bundles } of signed) await appendApprovals(file, bundles);
  const files = signed.map(({ file }) => shownPath(file, console)).join(' ');
  const them = signed.length === 1 ? 'the lockfile' : 'the lockfiles';
  console.stdout.write(`Approved. Commit ${files} together with ${them}; then: lockseal enforce\n`);
}

/** @throws LocksealError ERR_USAGE where several lockfiles are to be what one release was built from */
function decodeTargets(raw: RawArgs): readonly string[] {
  const targets = listOption(raw, 'targets');
  const single = ['release', 'sbom'].find((name) => raw[name] !== undefined);
  if (targets.length > 1 && single !== undefined) {
    throw new LocksealError('ERR_USAGE', `--${single} is about one lockfile, and several were named.`, {
      found: targets.join(', '),
      hint: 'Approve the lockfile of the release by itself.',
    });
  }
  return targets.length === 0 ? ['.'] : targets;
}

function withApprovalOptions(program: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', requiresArg: true, describe, group: 'Approval:' }) as const;
  return program
    .positional('targets', {
      type: 'string',
      array: true,
      describe: 'lockfiles, or the folders that hold them',
      default: [],
      defaultDescription: 'this folder',
    })
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
    .example('$0 approve . packages/site --key=approver.pem', 'two lockfiles of one repository')
    .example('$0 approve --keyless --role=release', 'with an identity');
}
