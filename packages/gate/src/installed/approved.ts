import { toSpec, type EntryId, type LockedPackage, type Lockfile } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';

/** What may lie in a folder of its own: the entries of a lockfile that are the same bytes. */
export interface ApprovedPackage {
  /** `name@version`, for messages. */
  readonly spec: string;
  readonly name: string;
  readonly version: string | undefined;
  /** undefined: no approved tarball says what its files are. */
  readonly artifact: ApprovedArtifact | undefined;
  readonly entries: readonly LockedPackage[];
  /** Its real name and the aliases under which its entries are installed. */
  readonly names: ReadonlySet<string>;
}

/** The entries of a lockfile that put a folder of files into `node_modules`, by what they are asked for. */
export class ApprovedPackages {
  readonly #byEntry = new Map<EntryId, ApprovedPackage>();
  readonly #byName = new Map<string, ApprovedPackage[]>();
  readonly #entries: ReadonlyMap<EntryId, LockedPackage>;

  constructor({ entries }: Lockfile, artifacts: readonly ApprovedArtifact[]) {
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
    for (const group of grouped(entries, artifactsByEntry(artifacts))) this.#add(group);
  }

  entry(id: EntryId): LockedPackage | undefined {
    return this.#entries.get(id);
  }

  /** undefined: the entry puts no folder of its own on disk (workspaces, links, what is bundled). */
  ofEntry(id: EntryId): ApprovedPackage | undefined {
    return this.#byEntry.get(id);
  }

  /** Those that may lie in a folder of this name. */
  named(name: string): readonly ApprovedPackage[] {
    return this.#byName.get(name) ?? [];
  }

  #add(group: ApprovedPackage): void {
    for (const { id } of group.entries) this.#byEntry.set(id, group);
    for (const name of group.names) this.#byName.set(name, [...(this.#byName.get(name) ?? []), group]);
  }
}

function artifactsByEntry(artifacts: readonly ApprovedArtifact[]): ReadonlyMap<EntryId, ApprovedArtifact> {
  return new Map(artifacts.flatMap((artifact) => artifact.entries.map((id) => [id, artifact] as const)));
}

function* grouped(
  entries: readonly LockedPackage[],
  artifacts: ReadonlyMap<EntryId, ApprovedArtifact>,
): Generator<ApprovedPackage> {
  const groups = new Map<string, LockedPackage[]>();
  for (const entry of entries) {
    if (!hasFolder(entry)) continue;
    const artifact = artifactOf(entry, artifacts);
    const key = JSON.stringify([entry.name, artifact === undefined ? entry.id : artifact.sha512]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const artifact = artifactOf(first, artifacts);
    const version = first.version ?? artifact?.version;
    yield {
      spec: toSpec(first.name, version),
      name: first.name,
      version,
      artifact,
      entries: group,
      names: new Set(group.flatMap(({ name, aliases }) => [name, ...aliases])),
    };
  }
}

/** A patched entry is the files of another one, with the patch. */
function artifactOf(
  entry: LockedPackage,
  artifacts: ReadonlyMap<EntryId, ApprovedArtifact>,
): ApprovedArtifact | undefined {
  const own = artifacts.get(entry.id);
  return own === undefined && entry.source.type === 'patched' ? artifacts.get(entry.source.inner) : own;
}

function hasFolder({ source: { type } }: LockedPackage): boolean {
  return type !== 'workspace' && type !== 'link' && type !== 'bundled';
}
