import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { loadPolicy, type Policy } from '@lockseal/policy';
import { createFile } from '@lockseal/signer/files';
import { gitRoot } from '../approval/git.ts';
import { textOption, type RawArgs } from '../args.ts';
import { decodeEvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { judge } from '../policy/judge.ts';
import { learn } from '../policy/learn.ts';
import { writePolicy } from '../policy/write-policy.ts';
import { verifyFile } from '../verify-file.ts';

const STARTING_POINT = 'version: 1\nextends: recommended\n';

/** `lockseal policy init [lockfile]`: a commented policy, learned from what is locked and verified now. Asks nothing. */
export async function initPolicy(raw: RawArgs, console: Console): Promise<number> {
  const target = textOption(raw, 'lockfile') ?? '.';
  const lockfile = await findLockfile(path.resolve(console.cwd, target));
  const root = (await gitRoot(path.dirname(lockfile))) ?? path.dirname(lockfile);
  const file = path.resolve(console.cwd, textOption(raw, 'policy') ?? path.join(root, 'lockseal.yaml'));
  await refuseExisting(file);
  const progress = createProgressLine('Verifying', console, false);
  const evidence = decodeEvidenceOptions(raw, console);
  const verified = await verifyFile(target, evidence, console, progress.advance, async () => ({
    history: 'all',
  })).finally(progress.clear);
  const policy = await parse(STARTING_POINT, console);
  const opened = { policy, inForce: undefined, observations: [], warnings: [] };
  const report = judge(verified, opened, { version: '', durationMs: 0 });
  const learned = learn(verified, report, console.now());
  const text = writePolicy(learned);
  await parse(text, console);
  await createFile(file, text).catch((cause: unknown) => {
    throw notWritten(file, cause);
  });
  const { scripts, identities, waivers, open } = learned;
  console.stdout.write(
    `${path.relative(console.cwd, file)}: ${scripts.length} install scripts allowed, ${identities.length} packages pinned, ` +
      `${waivers.length} findings waived for a while\n` +
      (open === 0 ? '' : `${open} findings remain; \`lockseal verify\` shows them\n`) +
      'Read it, then commit it: in CI, `lockseal verify --policy-ref=origin/main --base=origin/main` uses it.\n',
  );
  return EXIT.good;
}

/** Asked early, so that nobody waits for a policy that would not be written; what decides is the writing itself. */
async function refuseExisting(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found !== undefined) throw existing(file);
}

function existing(file: string): LocksealError {
  return new LocksealError('ERR_USAGE', 'There is a policy already; it is not written over.', {
    file,
    hint: 'Move it away, or write another with --policy=<file>.',
  });
}

function notWritten(file: string, cause: unknown): LocksealError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return existing(file);
  return new LocksealError('ERR_OUTPUT', `The policy could not be written to ${file}.`, {
    file,
    found: cause instanceof Error ? cause.message : String(cause),
    hint: 'Give --policy a path in a folder that exists and can be written, on a file system that knows hard links.',
    cause,
  });
}

/** What lockseal writes it must be able to read. */
async function parse(text: string, console: Console): Promise<Policy> {
  const loaded = await loadPolicy({ file: 'lockseal.yaml', text }, { now: console.now(), read: async () => undefined });
  if (loaded.status === 'ok') return loaded.policy;
  const [first] = loaded.problems;
  throw new LocksealError('ERR_INTERNAL', `policy init wrote what it cannot read: ${first?.message ?? ''}`);
}
