import { LocksealError, type EntryFlags } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';
import type { ApprovedPackage } from './approved.ts';
import { join } from './layout.ts';
import { isForPlatform } from './omitted.ts';
import type { FileFound } from './read-digest.ts';
import type { Run } from './run.ts';

const SOURCE_TAG = /^[\u0021-\u007e]{1,1024}\n?$/;
const PATCH_TAG = /^\.bun-tag-[0-9a-f]{16}$/;
const TAG_BOUND = 2048;

/** Yarn's pnpm linker puts a package.json that says nothing in the place of a package for another platform. */
export function isPlaceholder(run: Run, { name, entries }: ApprovedPackage, place: string): boolean {
  if (run.lockfile.format !== 'yarn-berry' || !entries.every(({ flags }) => mayBeForAnother(run, flags))) return false;
  const [only, ...others] = run.disk.items(place);
  if (only?.name !== 'package.json' || only.type !== 'file' || others.length > 0) return false;
  const text = run.disk.small(join(place, 'package.json'), run.limits.manifest)?.toString();
  return text?.trimEnd() === JSON.stringify({ name, mocked: true }, null, 2);
}

/** Which C library this system has is not known: what asks for one may be for another. */
function mayBeForAnother({ platform }: Run, flags: EntryFlags): boolean {
  return flags.libc.length > 0 || !isForPlatform(flags, platform);
}

/** A file that no tarball has and that a package manager writes into a package's folder. @throws Unreadable */
export function permittedFile(
  run: Run,
  of: ApprovedPackage,
  place: string,
  file: string,
): 'source-tag' | 'unplugged' | undefined {
  const { format } = run.lockfile;
  if (format === 'bun' && file.startsWith('.bun-tag'))
    return isSourceTag(run, of, place, file) ? 'source-tag' : undefined;
  const isUnplugged = format === 'yarn-berry' && file === '.ready' && place.includes('.yarn/unplugged/');
  return isUnplugged && run.disk.file(join(place, file)).size === 0 ? 'unplugged' : undefined;
}

/** bun notes where something comes from that no registry serves, and in the name of an empty file which patch it has. */
function isSourceTag(run: Run, { entries }: ApprovedPackage, place: string, file: string): boolean {
  if (file !== '.bun-tag') {
    const isPatched = entries.some(({ patch }) => patch !== undefined);
    return isPatched && PATCH_TAG.test(file) && run.disk.file(join(place, file)).size === 0;
  }
  if (entries.some(({ source }) => source.type === 'registry')) return false;
  return SOURCE_TAG.test(run.disk.small(join(place, file), TAG_BOUND)?.toString() ?? '');
}

/** Whether an approved install script of the package may have written there. */
export function mayBeWritten({ written }: Run, { entries }: ApprovedPackage, file: string): boolean {
  const folders = entries.flatMap(({ id }) => written.get(id) ?? []);
  return folders.some((folder) => folder === '' || file.startsWith(`${folder.replace(/\/+$/, '')}/`));
}

/** Whether a file in a bundled package's folder is that file of a locked package of the same name. */
export async function isMerged(run: Run, folder: string, file: string): Promise<boolean> {
  const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(folder)?.[1] ?? '';
  for (const { artifact } of run.approved.named(name)) {
    if (artifact !== undefined && (await hasFile(run, artifact, join(folder, file), file))) return true;
  }
  return false;
}

async function hasFile(run: Run, artifact: ApprovedArtifact, place: string, file: string): Promise<boolean> {
  try {
    const expected = (await run.fileList(artifact)).find(({ path }) => path === file);
    if (expected === undefined) return false;
    const wanted = { file: run.disk.pathOf(place), size: expected.size, reading: 'whole' } as const;
    const found = await new Promise<FileFound>((tell) => run.hasher.read(wanted, tell));
    return found.type === 'digest' && found.sha256 === expected.sha256;
  } catch (error) {
    // What cannot be listed is no excuse: the file is told as it was found.
    if (error instanceof LocksealError) return false;
    throw error;
  }
}

/**
 * Whether what a tarball holds below `node_modules` lies there. Yarn's node-modules linker leaves it out, and puts the
 * locked packages of these names there.
 */
export function ownsModules({ lockfile }: Run, place: string): boolean {
  return lockfile.format !== 'yarn-berry' || /(?:node_modules\/\.store|\.yarn\/unplugged)\//.test(place);
}
