import type { TarballFile } from '../model/manifest.ts';
import type { InstallScripts, TarballShape } from '../model/published.ts';

/** What is known of the tarball of one version: an `Evidence` is one, and so is the `PreviousVersion` in a history. */
export interface TarballSide {
  readonly contents?: TarballShape | undefined;
  readonly installScripts?: InstallScripts | undefined;
}

/** What a tarball has that the one before had not. `unknown` is never "no difference". */
export type TarballDelta =
  | { readonly status: 'unknown'; readonly reason: string }
  | {
      readonly status: 'compared';
      /** Sorted by path, as all lists here. */
      readonly added: readonly TarballFile[];
      readonly removed: readonly TarballFile[];
      readonly changed: readonly { readonly before: TarballFile; readonly after: TarballFile }[];
      readonly unchanged: number;
      /** Install scripts by a name that the version before had not; a binding.gyp that runs by itself is one. */
      readonly newScripts: readonly string[];
      /** There is a binding.gyp at the root, and there was none: package managers build it, script or no script. */
      readonly newBindingGyp: boolean;
      /** Files that can be run, and could not be or were not there before: by mode, `#!` or the format of a program. */
      readonly newExecutables: readonly TarballFile[];
      /** Programs for a machine or for WebAssembly, new or with other bytes. */
      readonly programs: readonly TarballFile[];
      /** Added files that do not fit what the version before was made of. */
      readonly strangers: readonly StrangeFile[];
      readonly size: { readonly before: SizeFacts; readonly after: SizeFacts };
    };

export interface StrangeFile {
  readonly file: TarballFile;
  /** `folder`: in a top-level folder that was not there; `extension`: of a kind that runs, of which there was no file. */
  readonly because: 'folder' | 'extension';
}

interface SizeFacts {
  readonly files: number;
  readonly unpackedSize: number;
}

/** Extensions of what a system, a shell or an interpreter beside Node runs or loads. */
const RUNNABLE: ReadonlySet<string> = new Set(
  'app bat bin bash cmd com cpl dll dylib elf exe fish hta jar jse lua msi node ocx pl pm ps1 psm1 py pyc pyd rb scr sh so sys vbe vbs wasm wsf zsh'.split(
    ' ',
  ),
);

/** Compares what is in two tarballs by the lists of their files. */
export function compareTarballs(before: TarballSide, after: TarballSide): TarballDelta {
  const [old, now] = [before.contents, after.contents];
  if (old?.list === undefined) return { status: 'unknown', reason: 'the files of the version before are not known' };
  if (now?.list === undefined) return { status: 'unknown', reason: 'the files of this version are not known' };
  const known = new Map(old.list.map((file) => [file.path, file]));
  const present = new Set(now.list.map(({ path }) => path));
  const added = now.list.filter(({ path }) => !known.has(path));
  const kept = now.list.flatMap((file) => {
    const earlier = known.get(file.path);
    return earlier === undefined ? [] : [{ before: earlier, after: file }];
  });
  const changed = kept.filter(({ before: was, after: is }) => was.sha256 !== is.sha256);
  const fresh = [...added, ...changed.map(({ after: is }) => is)];
  return {
    status: 'compared',
    added,
    removed: old.list.filter(({ path }) => !present.has(path)),
    changed,
    unchanged: kept.length - changed.length,
    newScripts: newScripts(before.installScripts, after.installScripts),
    newBindingGyp: hasBindingGyp(now) && !hasBindingGyp(old),
    newExecutables: byPath([
      ...added.filter(isRunnable),
      ...kept.filter((pair) => isRunnable(pair.after) && !isRunnable(pair.before)).map((pair) => pair.after),
    ]),
    programs: byPath(fresh.filter(({ program }) => program !== undefined && program !== 'script')),
    strangers: strangersAmong(added, old.list),
    size: { before: sizeOf(old), after: sizeOf(now) },
  };
}

function isRunnable({ executable, program }: TarballFile): boolean {
  return executable || program !== undefined;
}

function newScripts(before: InstallScripts | undefined, after: InstallScripts | undefined): readonly string[] {
  return after?.names.filter((name) => before?.names.includes(name) !== true) ?? [];
}

/** npm builds it whatever case its name is in, where the file system folds case. */
function hasBindingGyp({ hasBindingGyp: told, list = [] }: TarballShape): boolean {
  return told ?? list.some(({ path }) => path.toLowerCase() === 'binding.gyp');
}

function strangersAmong(added: readonly TarballFile[], old: readonly TarballFile[]): readonly StrangeFile[] {
  const folders = new Set(old.map(({ path }) => folderOf(path)));
  const extensions = new Set(old.map(({ path }) => extensionOf(path)));
  return added.flatMap((file): StrangeFile[] => {
    const extension = extensionOf(file.path);
    if (RUNNABLE.has(extension) && !extensions.has(extension)) return [{ file, because: 'extension' }];
    return folders.has(folderOf(file.path)) ? [] : [{ file, because: 'folder' }];
  });
}

/** The first folder of a path; the root of the package is always there. */
function folderOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** In lower case, without its point; empty: none. */
function extensionOf(path: string): string {
  return /\.([^./]{1,16})$/.exec(path)?.[1]?.toLowerCase() ?? '';
}

function sizeOf({ files, unpackedSize }: TarballShape): SizeFacts {
  return { files, unpackedSize };
}

function byPath(files: readonly TarballFile[]): readonly TarballFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
