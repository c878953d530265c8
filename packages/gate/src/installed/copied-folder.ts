import path from 'node:path/posix';
import { hash } from 'node:crypto';
import type { ApprovedPackage } from './approved.ts';
import { expectedOf, type ExpectedFile, type ExpectedFiles } from './expected-files.ts';
import { join } from './layout.ts';
import type { Run } from './run.ts';

/** Files of the project are read whole. */
const MAX_FILE = 256 * 1024 * 1024;
const NOT_COPIED: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * What may lie in the copy of a folder of the project (`file:` under pnpm, Yarn and bun): its files as they are now.
 * undefined: the package is none, or its folder lies outside of the project.
 * @throws Unreadable
 */
export function copiedFolder(run: Run, { entries }: ApprovedPackage): ExpectedFiles | undefined {
  const recorded = entries.flatMap(({ source }) => (source.type === 'directory' ? [source.path] : []));
  if (recorded.length !== entries.length) return undefined;
  const homes = ['', ...run.lockfile.importers.map((importer) => importer.path)];
  const places = recorded.flatMap((each) => homes.map((home) => path.join(home, each).replace(/\/$/, '')));
  const place = places.find((each) => isFolderHere(run, each));
  return place === undefined ? undefined : { ...expectedOf(new Map(filesBelow(run, place, ''))), isPartial: true };
}

function isFolderHere(run: Run, place: string): boolean {
  const parts = place.split('/');
  if (place === '.' || parts.includes('..')) return false;
  return parts.every((_, index) => run.disk.typeOf(parts.slice(0, index + 1).join('/')) === 'folder');
}

function* filesBelow(run: Run, place: string, folder: string): Generator<readonly [string, ExpectedFile]> {
  for (const { name, type } of run.disk.items(join(place, folder))) {
    const file = join(folder, name);
    if (type === 'folder' && !NOT_COPIED.has(name)) yield* filesBelow(run, place, file);
    const bytes = type === 'file' ? run.disk.small(join(place, file), MAX_FILE) : undefined;
    if (bytes === undefined) continue;
    const executable = (run.disk.file(join(place, file)).mode & 0o111) !== 0;
    yield [file, { size: bytes.length, sha256: hash('sha256', bytes), executable, renamed: false }];
  }
}
