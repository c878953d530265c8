import path from 'node:path';
import { LocksealError, parseTrustedRoot } from '@lockseal/core';
import { appendApprovals, approvalHistory, approvalsFileOf, buildRevocation, signStatements } from '@lockseal/signer';
import { flagOption, textOption } from '../args.ts';
import { askConsent } from '../approval/ask-consent.ts';
import { describeSource } from '../approval/describe-source.ts';
import { decodePolicyOptions, loadPolicy } from '../approval/load-policy.ts';
import { loadTrustBytes } from '../approval/load-trust-bytes.ts';
import { placeOf, shownPath } from '../approval/place.ts';
import { readApprovals } from '../approval/read-approvals.ts';
import { chooseRole } from '../approval/role.ts';
import { decodeSigning, withSigningOptions } from '../approval/signing-options.ts';
import { decodeEvidenceOptions, withTrustOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import { findLockfile, readLockfileBytes } from '../io/find-lockfile.ts';
import type { Command } from './command.ts';

/** `lockseal revoke`: takes back every approval of the lockfile as it is. Verifies nothing: there may be no time. */
export const revoke: Command = {
  builder: (program) => {
    const text = (describe: string) => ({ type: 'string', requiresArg: true, describe, group: 'Revocation:' }) as const;
    return withSigningOptions(withTrustOptions(program))
      .positional('target', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
      .option('reason', text('Why; it is signed and shown to everybody whom it stops'))
      .option('role', text('Role for which you revoke (default: the only one of the policy)'))
      .option('policy', text('Policy file (default: lockseal.yaml)'))
      .option('policy-ref', text('Git ref whose policy counts'))
      .option('repository', text('Repository to name (default: the CI job, or the remote origin)'))
      .option('ref', text('Git ref to name'))
      .option('commit', text('Commit to name'))
      .option('yes', { type: 'boolean', describe: 'Do not ask', group: 'Revocation:' })
      .example("$0 revoke --key=approver.pem --reason='the account was stolen'", 'every approval of this lockfile');
  },
  run: async (raw, console) => {
    const method = await decodeSigning(raw, console);
    const file = await findLockfile(path.resolve(console.cwd, textOption(raw, 'target') ?? '.'));
    const place = await placeOf(file, await readLockfileBytes(file));
    const policy = await loadPolicy(decodePolicyOptions(raw, console), place);
    const root = await loadTrustBytes(decodeEvidenceOptions(raw, console), console);
    const trustedRoot = (): ReturnType<typeof parseTrustedRoot> => parseTrustedRoot(root);
    const { approvals } = approvalHistory(
      await readApprovals(place),
      place.lockfile.path,
      policy.approvals,
      trustedRoot,
    );
    const last = approvals.findLast(({ statement }) => statement.lockfile.sha512 === place.lockfile.sha512)?.statement;
    if (last === undefined) {
      throw new LocksealError('ERR_USAGE', 'There is no approval of this lockfile that could be revoked.', { file });
    }
    const statement = buildRevocation({
      lockfile: place.lockfile,
      packageSet: last.packageSet,
      sequence: last.sequence,
      revokedAt: new Date(console.now()),
      reason: textOption(raw, 'reason') ?? '',
      source: await describeSource(raw, place, console),
      role: chooseRole(textOption(raw, 'role'), policy.approvals),
    });
    await askConsent(`Revoke all approvals up to sequence ${last.sequence}?`, flagOption(raw, 'yes'), console);
    await appendApprovals(approvalsFileOf(file), await signStatements([statement], method));
    console.stdout.write(
      `Revoked up to sequence ${last.sequence}. Commit ${shownPath(approvalsFileOf(file), console)} where builds take their baseline from.\n`,
    );
    return EXIT.good;
  },
};
