import type { LockfileFormat } from '@lockseal/core';
import type { ApprovedPackage } from './approved.ts';
import { expectedOf, type ExpectedFiles } from './expected-files.ts';
import type { Run } from './run.ts';

/** Managers that put files of a commit on disk as they are; the others write package.json anew when they pack it. */
const KEEPS_FILES: ReadonlySet<LockfileFormat> = new Set(['npm', 'pnpm', 'yarn-classic', 'bun']);

/**
 * What may lie in the folder of a git dependency: the files of its commit. Packing leaves some out (`files`, `.npmignore`), so
 * that what is missing is permitted, and nothing else. undefined: it is none, or nobody fetches its commit.
 * @throws LocksealError where the commit cannot be had
 */
export async function committedFiles(run: Run, of: ApprovedPackage, place: string): Promise<ExpectedFiles | undefined> {
  const [entry, ...others] = of.entries;
  const isOne = entry?.source.type === 'git' && others.length === 0 && run.asFetched.has(entry.id);
  if (!isOne || run.commitFiles === undefined || !KEEPS_FILES.has(run.lockfile.format)) return undefined;
  const files = await run.commitFiles(entry);
  run.told.byCommit(of, place);
  return {
    ...expectedOf(new Map(files.map(({ path, ...file }) => [path, { ...file, renamed: false }]))),
    isPartial: true,
  };
}
