import { LocksealError, type EntryId, type LockedPackage, type Lockfile } from '@lockseal/core';
import type {
  ApprovedScripts,
  HeldScripts,
  InstalledFolder,
  ScriptedPackage,
  ScriptPermit,
  ScriptPlan,
} from './model.ts';
import { dependencyOrder, optionalEntries } from './order.ts';
import { readScripts, type FoundScripts } from './read-scripts.ts';

export interface PlanInput {
  readonly lockfile: Lockfile;
  /** Every folder of every installed package, compared with what was approved already. */
  readonly folders: readonly InstalledFolder[];
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
  permitsFor,
  pathTo,
  read = readScripts,
}: PlanInput): Promise<ScriptPlan> {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const optional = optionalEntries(lockfile);
  const approved: ApprovedScripts[] = [];
  const held: HeldScripts[] = [];
  for (const folder of inOrder(lockfile, folders)) {
    const entry = entries.get(folder.entry);
    if (entry === undefined) throw unknownEntry(folder);
    if (!isInstalledCopy(entry)) continue;
    const found = await read(folder.directory);
    if (found === undefined) continue;
    const about = { path: pathTo(entry.id), isOptional: optional.has(entry.id) };
    const scripted = describe(entry, folder, found, about);
    if (scripted.commit !== undefined && found.preparing.length > 0) held.push(preparation(scripted, found));
    if (found.scripts.sha256 === undefined) continue;
    const listed = permitsFor(entry.name, entry.version);
    const permit = listed.find((each) => permits(each, scripted));
    if (permit !== undefined) approved.push({ ...scripted, permit });
    else held.push({ ...scripted, why: listed.length === 0 ? 'unlisted' : 'changed' });
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
  { directory }: InstalledFolder,
  { scripts, steps }: FoundScripts,
  about: Pick<ScriptedPackage, 'path' | 'isOptional'>,
): ScriptedPackage {
  return {
    entry: id,
    directory,
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

function unknownEntry({ entry, directory }: InstalledFolder): LocksealError {
  return new LocksealError('ERR_INTERNAL', `an installed folder is of an entry that is not locked: ${entry}`, {
    file: directory,
  });
}
