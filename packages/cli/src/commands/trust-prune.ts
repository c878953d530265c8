import path from 'node:path';
import { parseTrustedRoot } from '@lockseal/core';
import { approvalsFileOf, archiveOf, pruneApprovals } from '@lockseal/signer';
import { textOption } from '../args.ts';
import { decodePolicyOptions, loadPolicy } from '../approval/load-policy.ts';
import { loadTrustBytes } from '../approval/load-trust-bytes.ts';
import { placeOf, shownPath } from '../approval/place.ts';
import { decodeEvidenceOptions, withTrustOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import { findLockfile, readLockfileBytes } from '../io/find-lockfile.ts';
import type { Command } from './command.ts';

/** `lockseal trust prune`: moves approvals that newer ones supersede out of the file that every build reads. */
export const trustPrune: Command = {
  builder: (program) =>
    withTrustOptions(program)
      .positional('target', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
      .option('archive', {
        type: 'string',
        requiresArg: true,
        describe: 'Where the lines go (default: <lockfile>.archive.approvals.jsonl)',
      })
      .option('policy', { type: 'string', requiresArg: true, describe: 'Policy file (default: lockseal.yaml)' })
      .option('policy-ref', { type: 'string', requiresArg: true, describe: 'Git ref whose policy counts' })
      .example('$0 trust prune', 'keep the last approved state, revocations and releases'),
  run: async (raw, console) => {
    const file = await findLockfile(path.resolve(console.cwd, textOption(raw, 'target') ?? '.'));
    const place = await placeOf(file, await readLockfileBytes(file));
    const policy = await loadPolicy(decodePolicyOptions(raw, console), place);
    const root = await loadTrustBytes(decodeEvidenceOptions(raw, console), console);
    const given = textOption(raw, 'archive');
    const archive = given === undefined ? archiveOf(file) : path.resolve(console.cwd, given);
    const { kept, pruned, sequence } = await pruneApprovals(approvalsFileOf(file), archive, {
      path: place.lockfile.path,
      policy: policy.approvals,
      trustedRoot: () => parseTrustedRoot(root),
      now: new Date(console.now()),
    });
    const where = pruned === 0 ? '' : ` ${pruned} went to ${shownPath(archive, console)}.`;
    console.stdout.write(`Kept ${kept} lines: sequence ${sequence} and what does not age.${where}\n`);
    return EXIT.good;
  },
};
