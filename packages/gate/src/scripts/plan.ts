import { LocksealError, type EntryId, type LockedPackage, type Lockfile } from '@lockseal/core';
import type {
  ApprovedScripts,
  HeldScripts,
  InstalledFolder,
  ScriptedPackage,
  ScriptPermit,
  ScriptPlan,
  ZippedFolder,
} from './model.ts';
import { dependencyOrder, optionalEntries } from './order.ts';
import { readScripts, type FoundScripts } from './read-scripts.ts';

export interface PlanInput {
  readonly lockfile: Lockfile;
  /** Every folder of every installed package, compared with what was approved already. */
  readonly folders: readonly InstalledFolder[];
  /** Packages with scripts that lie in zips, compared as well. Default: none. */
  readonly zipped?: readonly ZippedFolder[] | undefined;
  readonly permitsFor: (name: string, version: string | undefined) => readonly ScriptPermit[];
  readonly pathTo: (entry: EntryId) => readonly string[] | undefined;
  /** Reads the scripts of a folder; a test gives its own. */
  readonly read?: ((directory: string) => Promise<FoundScripts | undefined>) | undefined;
}

/**
 * Finds every install script on disk, and which of them the policy lists: by the digest of its text as it lies there, or,
 * of a git dependency, by its commit. Whatever is not listed is held.
 * @throws LocksealError ERR_PROJECT_UNREADABLE
 */
export async function planScripts({
  lockfile,
  folders,
  zipped = [],
  permitsFor,
  pathTo,
  read = readScripts,
}: PlanInput): Promise<ScriptPlan> {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const optional = optionalEntries(lockfile);
  const approved: ApprovedScripts[] = [];
  const held: HeldScripts[] = [];
  const knownEntry = (id: EntryId, file: string): LockedPackage => entries.get(id) ?? unknownEntry(id, file);
  const listedOf = (scripted: ScriptedPackage): readonly ScriptPermit[] => permitsFor(scripted.name, scripted.version);
  for (const folder of inOrder(lockfile, folders)) {
    const entry = knownEntry(folder.entry, folder.directory);
    if (!isInstalledCopy(entry)) continue;
    const found = await read(folder.directory);
    if (found === undefined) continue;
    const about = { path: pathTo(entry.id), isOptional: optional.has(entry.id) };
    const scripted = describe(entry, folder, found, about);
    if (scripted.commit !== undefined && found.preparing.length > 0) held.push(preparation(scripted, found));
    if (found.scripts.sha256 === undefined) continue;
    const listed = listedOf(scripted);
    const permit = listed.find((each) => permits(each, scripted));
    if (permit !== undefined) approved.push({ ...scripted, permit });
    else held.push({ ...scripted, why: listed.length === 0 ? 'unlisted' : 'changed' });
  }
  for (const { entry: id, file, found } of zipped) {
    if (found.scripts.sha256 === undefined) continue;
    const about = { path: pathTo(id), isOptional: optional.has(id) };
    const scripted = describe(knownEntry(id, file), { entry: id, directory: file }, found, about);
    const listed = listedOf(scripted);
    const isListed = listed.some((each) => permits(each, scripted));
    held.push({ ...scripted, why: isListed ? 'zipped' : listed.length === 0 ? 'unlisted' : 'changed' });
  }
  return { approved, held };
}

/** Files of the project itself are no package's: its own scripts are its own affair. */
function isInstalledCopy({ source }: LockedPackage): boolean {
  return source.type !== 'workspace' && source.type !== 'link';
}

function inOrder({ entries }: Lockfile, folders: readonly InstalledFolder[]): readonly InstalledFolder[] {
  const rank = new Map(dependencyOrder(entries).map((id, at) => [id, at]));
  const once = new Map(folders.map((folder) => [folder.directory, folder]));
  return [...once.values()].toSorted(
    (a, b) => (rank.get(a.entry) ?? 0) - (rank.get(b.entry) ?? 0) || (a.directory < b.directory ? -1 : 1),
  );
}

function describe(
  { id, name, version, source }: LockedPackage,
  { directory, programs, pnp }: InstalledFolder,
  { scripts, steps }: FoundScripts,
  about: Pick<ScriptedPackage, 'path' | 'isOptional'>,
): ScriptedPackage {
  return {
    entry: id,
    directory,
    programs,
    pnp,
    name,
    version,
    commit: source.type === 'git' ? source.commit : undefined,
    ...about,
    scripts,
    steps,
  };
}

function permits({ sha256, commit }: ScriptPermit, { scripts, ...scripted }: ScriptedPackage): boolean {
  if (sha256 !== undefined) return sha256 === scripts.sha256;
  return commit !== undefined && commit === scripted.commit;
}

function preparation(scripted: ScriptedPackage, { preparing }: FoundScripts): HeldScripts {
  const scripts = { proof: 'tarball', names: preparing, sha256: undefined } as const;
  return { ...scripted, scripts, steps: [], why: 'prepare' };
}

function unknownEntry(entry: EntryId, file: string): never {
  throw new LocksealError('ERR_INTERNAL', `an installed package is of an entry that is not locked: ${entry}`, { file });
}
