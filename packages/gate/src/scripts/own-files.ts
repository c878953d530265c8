import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, open, readdir, readlink, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** The most files of one package that are looked at; the largest published ones have some tens of thousands. */
const MAX_FILES = 500_000;

interface Item {
  readonly file: string;
  /** Below the folder. */
  readonly name: string;
  readonly isLink: boolean;
  readonly mode: number;
  readonly size: number;
  readonly links: number;
  readonly isFile: boolean;
}

/**
 * Everything below a folder that is no folder itself, never through a link. Other packages, which lie in folders called
 * node_modules, are left out where `skips` says so.
 */
async function* walk(folder: string, skips: (name: string) => boolean = isNone, below = ''): AsyncGenerator<Item> {
  const items = await readdir(path.join(folder, below), { withFileTypes: true }).catch(() => []);
  for (const item of items) {
    const name = path.posix.join(below, item.name);
    const file = path.join(folder, name);
    if (skips(name)) continue;
    if (item.isDirectory()) {
      yield* walk(folder, skips, name);
      continue;
    }
    const found = await lstat(file).catch(() => undefined);
    if (found === undefined) continue;
    const { mode, size, nlink } = found;
    yield { file, name, isLink: found.isSymbolicLink(), isFile: found.isFile(), mode, size, links: nlink };
  }
}

/** How much lies in some folders; what is gone while it is measured counts for nothing. */
export async function measure(
  folders: readonly string[],
  most: number,
): Promise<{ readonly files: number; readonly bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (const folder of folders) {
    for await (const { size } of walk(folder)) {
      files += 1;
      bytes += size;
      if (files > most) return { files, bytes };
    }
  }
  return { files, bytes };
}

/** Where other packages lie inside of a package's own folder. */
export const NESTED = 'node_modules';

const isNested = (name: string): boolean => name === NESTED;
const isNone = (): boolean => false;

/**
 * Gives files of a folder that have further names elsewhere (pnpm's and bun's stores hard-link them) an inode of their own:
 * else whoever writes to them writes to the store, and to every project that shares it.
 */
export async function breakHardLinks(folder: string): Promise<void> {
  for await (const { file, isFile, links } of walk(folder, isNested)) {
    if (!isFile || links < 2) continue;
    // A name that nobody can foresee, and no file's: one of the package's own in its place would be written to, in the store.
    const copy = path.join(path.dirname(file), `.lockseal-${randomUUID()}`);
    await copyFile(file, copy, constants.COPYFILE_EXCL);
    await rename(copy, file).catch(async (error: unknown) => {
      await rm(copy, { force: true });
      throw error;
    });
  }
}

/** What the files of a package are, by path: kind, mode and digest. Outputs are left out, and so are nested packages. */
export async function fingerprint(folder: string, outputs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const prints = new Map<string, string>();
  const skips = (name: string): boolean => isNested(name) || outputs.includes(name);
  for await (const item of walk(folder, skips)) {
    if (prints.size > MAX_FILES) throw new RangeError(`more than ${MAX_FILES} files`);
    prints.set(item.name, `${item.mode} ${await contentOf(item)}`);
  }
  return prints;
}

async function contentOf({ file, isFile, isLink }: Item): Promise<string> {
  if (isLink) return `link ${await readlink(file)}`;
  if (!isFile) return 'special';
  const hash = createHash('sha256');
  const handle = await open(file);
  for await (const chunk of handle.createReadStream()) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Paths that are new, gone or other, sorted. */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted();
}

const SET_ID = 0o6000;

/**
 * What a script can leave behind that harms whoever comes later: a link that leads out of the package (to where others will
 * then write or read), a program that runs as its owner, a socket, pipe or device.
 * @param folder of the package; other packages inside of it are left out
 * @param writable it, or folders in it
 * @param system folders that links may lead to
 * @returns one line each, bounded; names are untrusted text
 */
export async function leftBehind(
  folder: string,
  writable: readonly string[],
  system: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const each of writable) {
    // Removed is nothing that could harm; what it became instead can.
    const real = await realpath(each).catch(() => each);
    if (real !== each) found.push(`${path.relative(folder, each)} is a link`);
    if (real !== each) continue;
    for await (const item of walk(each, each === folder ? isNested : isNone)) {
      const fault = await faultOf(item, [folder, ...system]);
      if (fault !== undefined) found.push(`${path.relative(folder, item.file)} ${fault}`);
      if (found.length >= MOST_FAULTS) return found;
    }
  }
  return found;
}

const MOST_FAULTS = 20;

async function faultOf(item: Item, allowed: readonly string[]): Promise<string | undefined> {
  if (!item.isLink && !item.isFile) return 'is a socket, a pipe or a device';
  if (!item.isLink) return (item.mode & SET_ID) === 0 ? undefined : 'runs with the rights of its owner';
  const named = path.resolve(path.dirname(item.file), await readlink(item.file).catch(() => '/'));
  // What it says, and, where that passes through further links, where it ends.
  const targets = [named, await realpath(item.file).catch(() => named)];
  const outside = targets.find((target) => !allowed.some((root) => isWithin(root, target)));
  return outside === undefined ? undefined : `is a link that leads out of the package, to ${outside}`;
}

/** @param file absolute, in normal form; as `folder` is */
export function isWithin(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder === '/' ? folder : `${folder}/`);
}
