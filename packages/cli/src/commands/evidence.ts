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

const OUTPUT = { alias: 'o', type: 'string', requiresArg: true, describe: 'Write the pack to this file' } as const;
const INCOMPLETE = { type: 'boolean', describe: 'Write a pack even if some evidence could not be had' } as const;

/** `lockseal evidence pack`: a file with everything that a verification needs to be repeated. */
export const evidencePack: Command = {
  builder: (program) =>
    withPolicyOptions(withEvidenceOptions(program))
      .positional('lockfile', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
      .option('output', OUTPUT)
      .option('allow-incomplete', INCOMPLETE)
      .example('$0 evidence pack -o evidence.pack', 'all evidence on the lockfile in this folder')
      .example('$0 verify --offline --evidence=evidence.pack', 'repeat the verification, anywhere and at any time'),
  run: pack,
};

/** `lockseal evidence show`: what a pack holds. */
export const evidenceShow: Command = {
  builder: (program) =>
    program
      .positional('pack', { type: 'string', describe: 'a file that `evidence pack` wrote' })
      .option('json', { type: 'boolean', describe: 'For programs' })
      .example('$0 evidence show evidence.pack', 'what it holds, of when'),
  run: show,
};

/** `lockseal evidence merge`: what any of several packs holds. */
export const evidenceMerge: Command = {
  builder: (program) =>
    program
      .positional('packs', { type: 'string', array: true, describe: 'two packs or more' })
      .option('output', OUTPUT)
      .example('$0 evidence merge a.pack b.pack -o c.pack', 'what either of them holds'),
  run: merge,
};

/** `lockseal evidence prune`: what one lockfile needs of a pack. */
export const evidencePrune: Command = {
  builder: (program) =>
    withPolicyOptions(withEvidenceOptions(program))
      .positional('pack', { type: 'string', describe: 'a file that `evidence pack` wrote' })
      .option('output', OUTPUT)
      .option('lockfile', { type: 'string', requiresArg: true, describe: 'The lockfile whose evidence is kept' })
      .example('$0 evidence prune c.pack --lockfile=package-lock.json -o d.pack', 'only what this lockfile needs'),
  run: prune,
};

async function pack(raw: RawArgs, console: Console): Promise<number> {
  const target = textOption(raw, 'lockfile') ?? '.';
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
  const file = path.resolve(console.cwd, textOption(raw, 'pack') ?? '');
  const description = describePack(await readPackFile({ file, sha256: undefined }));
  const json = flagOption(raw, 'json');
  console.stdout.write(json ? `${JSON.stringify(description, null, 2)}\n` : renderPack(description));
  return EXIT.good;
}

async function merge(raw: RawArgs, console: Console): Promise<number> {
  const files = packsIn(raw, console);
  const output = outputIn(raw, console);
  const [first, ...rest] = await Promise.all(files.map((file) => readPackFile({ file, sha256: undefined })));
  if (first === undefined) throw new LocksealError('ERR_INTERNAL', 'There is nothing to merge.');
  return write(rest.reduce<PackContent>(mergePacks, first), output, console);
}

/** Verifies the lockfile out of the pack, and keeps what that asked for. */
async function prune(raw: RawArgs, console: Console): Promise<number> {
  const file = path.resolve(console.cwd, textOption(raw, 'pack') ?? '');
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

/** @throws LocksealError ERR_USAGE unless there are several */
function packsIn(raw: RawArgs, { cwd }: Console): readonly string[] {
  const files = listOption(raw, 'packs').map((file) => path.resolve(cwd, file));
  if (files.length >= 2) return files;
  throw new LocksealError('ERR_USAGE', 'It takes at least 2 packs.', { found: String(files.length) });
}

function outputIn(raw: RawArgs, { cwd }: Console): string {
  const output = textOption(raw, 'output');
  if (output !== undefined) return path.resolve(cwd, output);
  throw new LocksealError('ERR_USAGE', 'Say where the pack goes.', { hint: 'Give --output=<file>.' });
}
