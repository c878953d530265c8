import type { LockfileFormat, TarballFile } from '@lockseal/core';
import type { ApprovedPackage } from './approved.ts';

/** One file that must be in a package's folder. */
export interface ExpectedFile {
  readonly size: number;
  readonly sha256: string;
  readonly executable: boolean;
  /** It lies there under another name than in the tarball. */
  readonly renamed: boolean;
}

/** What must lie in a package's folder: its files by path, and every folder that holds one. */
export interface ExpectedFiles {
  readonly files: ReadonlyMap<string, ExpectedFile>;
  readonly folders: ReadonlySet<string>;
  /** Files may be left out. */
  readonly isPartial: boolean;
}

/** Files by path, with their folders. */
export function expectedOf(files: ReadonlyMap<string, ExpectedFile>): ExpectedFiles {
  return { files, folders: foldersOf(files.keys()), isPartial: false };
}

/** What a package manager makes of a tarball's files. */
export function expectedFiles(
  list: readonly TarballFile[],
  format: LockfileFormat,
  { entries }: Pick<ApprovedPackage, 'entries'>,
): ExpectedFiles {
  const renames = format === 'npm' && entries.every(({ source }) => source.type !== 'git');
  const paths = new Set(list.map(({ path }) => path));
  const files = new Map<string, ExpectedFile>();
  for (const { path, size, sha256, executable } of list) {
    const name = renames ? ignoreFileName(path, paths) : path;
    if (name !== undefined) files.set(name, { size, sha256, executable, renamed: name !== path });
  }
  return expectedOf(files);
}

const GIT_IGNORE = /(^|\/)\.gitignore$/;

/** pacote extracts `.gitignore` as `.npmignore`, unless there is one; from git it leaves it as it is. */
function ignoreFileName(path: string, paths: ReadonlySet<string>): string | undefined {
  if (!GIT_IGNORE.test(path)) return path;
  const renamed = path.replace(GIT_IGNORE, '$1.npmignore');
  return paths.has(renamed) ? undefined : renamed;
}

function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}
