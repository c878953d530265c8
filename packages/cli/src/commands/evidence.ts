import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { idOf, mergePacks, prunePack, writePack, type PackContent } from '@lockseal/registry';
import { flagOption, listOption, textOption, type RawArgs } from '../args.ts';
import { shownPath } from '../approval/place.ts';
import { decodeEvidenceOptions, withEvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { writeFileAtomically } from '../io/write-file.ts';
import { describePack, renderPack } from '../pack/describe-pack.ts';
import { gather, requireComplete } from '../pack/gather.ts';
import { readPackFile } from '../pack/pack-file.ts';
import { decodeJudgingOptions, withPolicyOptions } from '../policy/options.ts';
import type { Command } from './command.ts';

/** What each action takes besides files. */
const OPTIONS = {
  pack: ['output', 'allow-incomplete'],
  show: ['json'],
  merge: ['output'],
  prune: ['output', 'lockfile', 'allow-incomplete'],
} as const;
type Action = keyof typeof OPTIONS;

const RUN: Readonly<Record<Action, (raw: RawArgs, console: Console) => Promise<number>>> = { pack, show, merge, prune };

/** `lockseal evidence`: makes and reads evidence packs, files with everything that a verification needs to be repeated. */
export const evidence: Command = {
  builder: (program) =>
    withPolicyOptions(withEvidenceOptions(program))
      .positional('action', { type: 'string', describe: Object.keys(OPTIONS).join(', ') })
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'pack: a lockfile, or the folder of one; otherwise packs',
      })
      .option('output', { alias: 'o', type: 'string', requiresArg: true, describe: 'Write the pack to this file' })
      .option('lockfile', { type: 'string', requiresArg: true, describe: 'prune: what is to be kept' })
      .option('allow-incomplete', { type: 'boolean', describe: 'Write a pack even if some evidence could not be had' })
      .option('json', { type: 'boolean', describe: 'show: for programs' })
      .example('$0 evidence pack -o evidence.pack', 'all evidence on the lockfile in this folder')
      .example('$0 verify --offline --evidence=evidence.pack', 'repeat the verification, anywhere and at any time')
      .example('$0 evidence merge a.pack b.pack -o c.pack', 'what either of them holds')
      .example('$0 evidence prune c.pack --lockfile=package-lock.json -o d.pack', 'only what this lockfile needs'),
  run: async (raw, console) => {
    const given = textOption(raw, 'action');
    const action = (Object.keys(OPTIONS) as Action[]).find((each) => each === given);
    if (action === undefined) {
      const expected = Object.keys(OPTIONS).join(', ');
      throw new LocksealError('ERR_USAGE', 'Say what to do with evidence.', { expected, found: given });
    }
    refuseOptions(raw, action);
    return RUN[action](raw, console);
  },
};

/** An option that the action does not read would be passed over in silence. */
function refuseOptions(raw: RawArgs, action: Action): void {
  const taken: readonly string[] = OPTIONS[action];
  const misplaced = Object.values(OPTIONS)
    .flat()
    .find((name) => !taken.includes(name) && raw[name] !== undefined && raw[name] !== false);
  if (misplaced === undefined) return;
  throw new LocksealError('ERR_USAGE', `evidence ${action} does not take --${misplaced}.`, {
    hint: 'See `lockseal evidence --help`.',
  });
}

async function pack(raw: RawArgs, console: Console): Promise<number> {
  const [target = '.'] = filesIn(raw, console, 0, 1);
  const output = outputIn(raw, console);
  const options = decodeEvidenceOptions(raw, console);
  if (options.pack !== undefined) {
    throw new LocksealError('ERR_USAGE', 'evidence pack asks the registries, not another pack.', {
      hint: 'To keep part of a pack: `lockseal evidence prune`.',
    });
  }
  const gathered = await gather(target, { evidence: options, judging: decodeJudgingOptions(raw, console) }, console);
  if (!flagOption(raw, 'allow-incomplete')) requireComplete(gathered.missing);
  return write(gathered.content, output, console);
}

async function show(raw: RawArgs, console: Console): Promise<number> {
  const [file = ''] = filesIn(raw, console, 1, 1);
  const description = describePack(await readPackFile({ file, sha256: undefined }));
  const json = flagOption(raw, 'json');
  console.stdout.write(json ? `${JSON.stringify(description, null, 2)}\n` : renderPack(description));
  return EXIT.good;
}

async function merge(raw: RawArgs, console: Console): Promise<number> {
  const files = filesIn(raw, console, 2, Infinity);
  const output = outputIn(raw, console);
  const [first, ...rest] = await Promise.all(files.map((file) => readPackFile({ file, sha256: undefined })));
  if (first === undefined) throw new LocksealError('ERR_INTERNAL', 'There is nothing to merge.');
  return write(rest.reduce<PackContent>(mergePacks, first), output, console);
}

/** Verifies the lockfile out of the pack, and keeps what that asked for. */
async function prune(raw: RawArgs, console: Console): Promise<number> {
  const [file = ''] = filesIn(raw, console, 1, 1);
  const output = outputIn(raw, console);
  const lockfile = textOption(raw, 'lockfile');
  if (lockfile === undefined) {
    throw new LocksealError('ERR_USAGE', 'Say for which lockfile the pack is pruned.', {
      hint: 'Give --lockfile=<file>.',
    });
  }
  const whole = await readPackFile({ file, sha256: undefined });
  // Nothing is decided by it here: the pack is named by its own digest so that all of it answers.
  const from = { ...decodeEvidenceOptions(raw, console), pack: { file, sha256: whole.sha256 } };
  const gathered = await gather(lockfile, { evidence: from, judging: decodeJudgingOptions(raw, console) }, console);
  if (!flagOption(raw, 'allow-incomplete')) requireComplete(gathered.missing);
  return write(prunePack(whole, new Set(gathered.content.lines.keys())), output, console);
}

async function write(content: PackContent, output: string, console: Console): Promise<number> {
  const { bytes, sha256 } = writePack(content);
  await writeFileAtomically(output, bytes);
  const versions = new Set(
    [...content.lines.values()].flatMap(({ key }) => (key.length === 3 ? [idOf({ part: 'documents', key })] : [])),
  );
  console.stdout.write(
    `${shownPath(output, console)}  sha256:${sha256}\n` +
      `Evidence on ${versions.size} versions in ${bytes.length} bytes. Keep the digest apart from the file; then:\n` +
      `  lockseal verify --offline --evidence=${shownPath(output, console)} --evidence-digest=sha256:${sha256}\n`,
  );
  return EXIT.good;
}

/** @throws LocksealError ERR_USAGE unless there are from `least` to `most` */
function filesIn(raw: RawArgs, { cwd }: Console, least: number, most: number): readonly string[] {
  const files = listOption(raw, 'files').map((file) => path.resolve(cwd, file));
  if (files.length >= least && files.length <= most) return files;
  const number = least === most ? String(least) : most === Infinity ? `at least ${least}` : `at most ${most}`;
  throw new LocksealError('ERR_USAGE', `It takes ${number} ${most === 1 ? 'file' : 'files'}.`, {
    found: String(files.length),
    hint: 'See `lockseal evidence --help`.',
  });
}

function outputIn(raw: RawArgs, { cwd }: Console): string {
  const output = textOption(raw, 'output');
  if (output !== undefined) return path.resolve(cwd, output);
  throw new LocksealError('ERR_USAGE', 'Say where the pack goes.', { hint: 'Give --output=<file>.' });
}
