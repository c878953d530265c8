import { hash } from 'node:crypto';
import type { LockedPackage, TarballFile } from '@lockseal/core';
import type { ApprovedPackage } from './approved.ts';
import { expectedOf, type ExpectedFile, type ExpectedFiles } from './expected-files.ts';
import { join } from './layout.ts';
import type { Run, YarnZipFile } from './run.ts';

/** Files of packages are read whole. */
const MAX_FILE = 512 * 1024 * 1024;

/** The checksum that a lockfile of Yarn records for a package that it patches; undefined: none. */
export function patchedChecksum({
  source,
  pin,
}: LockedPackage): { readonly cacheKey: string; readonly sha512: string } | undefined {
  if (source.type !== 'patched' || pin.kind !== 'yarn-checksum' || pin.cacheKey === undefined) return undefined;
  return { cacheKey: pin.cacheKey, sha512: pin.sha512 };
}

/**
 * What Yarn patches by itself cannot be taken back, but the lockfile records a checksum of what comes out: Yarn's zip of
 * the patched files, sorted by name. It is rebuilt from the folder; if it has that checksum, all that lies there is as
 * the approved lockfile says. undefined: it has not, or nothing can rebuild it.
 * @throws Unreadable
 */
export function patchedFiles(
  run: Run,
  of: ApprovedPackage,
  place: string,
  list: readonly TarballFile[],
): ExpectedFiles | undefined {
  const runnable = new Map(list.map(({ path, executable }) => [path, executable]));
  for (const entry of of.entries) {
    const checksum = patchedChecksum(entry);
    if (checksum === undefined) continue;
    const files = new Map<string, ExpectedFile>();
    const sha512 = run.yarnZip(checksum.cacheKey, entry.name, inYarnsOrder(run, place, runnable, files));
    if (sha512 === checksum.sha512) return expectedOf(files);
  }
  return undefined;
}

/** First what the tarball has, as Yarn walks a folder to put it into a zip; then what the patch has made. */
function* inYarnsOrder(
  run: Run,
  place: string,
  runnable: ReadonlyMap<string, boolean>,
  files: Map<string, ExpectedFile>,
): Generator<YarnZipFile> {
  const made: YarnZipFile[] = [];
  for (const file of filesBelow(run, place, '', runnable, files)) {
    if (file.bytes === undefined || runnable.has(file.path)) yield file;
    else made.push(file);
  }
  yield* made;
}

/** Sorted by name; what other packages lie inside is not of it. */
function* filesBelow(
  run: Run,
  place: string,
  folder: string,
  runnable: ReadonlyMap<string, boolean>,
  files: Map<string, ExpectedFile>,
): Generator<YarnZipFile> {
  for (const { name, type } of run.disk.items(join(place, folder))) {
    const path = join(folder, name);
    if (path === 'node_modules') continue;
    if (type === 'folder') {
      yield { path, executable: true, bytes: undefined };
      yield* filesBelow(run, place, path, runnable, files);
      continue;
    }
    const bytes = type === 'file' ? run.disk.small(join(place, path), MAX_FILE) : undefined;
    // Left out, so that the checksum is another one.
    if (bytes === undefined) continue;
    const executable = runnable.get(path) ?? false;
    files.set(path, { size: bytes.length, sha256: hash('sha256', bytes), executable, renamed: false });
    yield { path, executable, bytes };
  }
}
