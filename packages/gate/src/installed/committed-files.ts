import type { LockfileFormat } from '@lockseal/core';
import type { ApprovedPackage } from './approved.ts';
import { expectedOf, type ExpectedFiles } from './expected-files.ts';
import { packedByYarn } from './packed-by-yarn.ts';
import type { Run } from './run.ts';

/** Managers that put files of a commit on disk as they are. */
const KEEPS_FILES: ReadonlySet<LockfileFormat> = new Set(['npm', 'pnpm', 'yarn-classic', 'bun']);

/**
 * What may lie in the folder of a git dependency: the files of its commit. Packing leaves some out (`files`, `.npmignore`), so
 * that what is missing is permitted, and nothing else; Yarn 2 and later write package.json anew. undefined: it is none, or
 * nobody fetches its commit.
 * @param manifest lower-case hex sha256 of the package.json that was found
 * @throws LocksealError where the commit cannot be had, or does not tell what Yarn makes of it
 */
export async function committedFiles(
  run: Run,
  of: ApprovedPackage,
  place: string,
  manifest: string | undefined,
): Promise<ExpectedFiles | undefined> {
  const { commitFiles, lockfile } = run;
  const [entry, ...others] = of.entries;
  const isOne = entry?.source.type === 'git' && others.length === 0 && run.asFetched.has(entry.id);
  const isYarn = lockfile.format === 'yarn-berry';
  if (!isOne || commitFiles === undefined || !(isYarn || KEEPS_FILES.has(lockfile.format))) return undefined;
  const { files, isRewritten } = isYarn
    ? await packedByYarn(commitFiles, entry, manifest)
    : { files: await commitFiles(entry), isRewritten: false };
  run.told.byCommit(of, place);
  if (isRewritten) run.told.permit('packed-manifest');
  const expected = files.map(
    ({ path, size, sha256, executable }) => [path, { size, sha256, executable, renamed: false }] as const,
  );
  return { ...expectedOf(new Map(expected)), isPartial: true };
}
