import { lockedSha512 } from '../checks/bind-bytes.ts';
import type { Edge, EntryId, LockedPackage, Lockfile, LockfileFormat, Pin } from '../model/lockfile.ts';

/** What one state locks, whether a lockfile tells it or an approval. */
export interface LockedState {
  /** For messages: `package-lock.json at origin/main`. Untrusted text. */
  readonly origin: string;
  /** undefined: an approval, which names packages and no entries. */
  readonly format: LockfileFormat | undefined;
  /** Two versions of a format may record as little alike as two formats do. */
  readonly formatVersion: string | undefined;
  readonly artifacts: readonly LockedArtifact[];
  /** The project and its workspaces, by what their dependencies lead to. They are no packages, and are not counted. */
  readonly importers: readonly LockedArtifact[];
  /** Names of what lies inside other packages' tarballs, as far as the lockfile tells. */
  readonly bundled: ReadonlySet<string>;
}

/** One name, version, source and pin, wherever it is installed. */
export interface LockedArtifact {
  readonly name: string;
  readonly version: string | undefined;
  /** The class of its entries; a link is a directory. */
  readonly source: string;
  /** What tells two sources of one kind apart: a commit, a URL, a path; undefined: nothing does. */
  readonly place: string | undefined;
  readonly pin: ComparablePin;
  /** Digest or path of the patch that is applied to it. */
  readonly patch: string | undefined;
  /** Every way to it is optional, as the lockfile says. */
  readonly optional: boolean;
  /** Its entries; none in an approval. */
  readonly entries: readonly EntryId[];
  /** Name of a dependency -> real names of the packages that it leads to. */
  readonly leadsTo: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A pin as far as two can be compared: sha512 of the tarball, anything else as it is written, or none. */
type ComparablePin =
  | { readonly kind: 'sha512'; readonly value: string }
  | { readonly kind: string; readonly value: string }
  | { readonly kind: 'none'; readonly value: '' };

/**
 * The artifacts of a lockfile. Left out, as in the package set, is what other digests cover: what tarballs bundle, and
 * the workspaces with the links to them; the patches that Yarn itself brings leave no mark.
 */
export function lockedState(lockfile: Lockfile, origin: string): LockedState {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const folders = new Set(lockfile.entries.flatMap((entry) => folderOf(entry) ?? []));
  const counted = lockfile.entries.filter((entry) => isCounted(entry, folders));
  const groups = Map.groupBy(counted, (entry) => keyOf(entry));
  const bundled = lockfile.entries.filter(({ source }) => source.type === 'bundled');
  return {
    origin,
    format: lockfile.format,
    formatVersion: lockfile.formatVersion,
    artifacts: [...groups.values()].flatMap((group) => toArtifact(group, entries)),
    importers: lockfile.importers.map(({ path, edges }) => ({
      ...PROJECT,
      name: path,
      leadsTo: leadsTo(edges, entries),
    })),
    bundled: new Set([...bundled.map(({ name }) => name), ...lockfile.entries.flatMap((entry) => entry.bundles)]),
  };
}

const PROJECT: Omit<LockedArtifact, 'name' | 'leadsTo'> = {
  version: undefined,
  source: 'project',
  place: undefined,
  pin: { kind: 'none', value: '' },
  patch: undefined,
  optional: false,
  entries: [],
};

/** Where the files of a local directory are. */
function folderOf({ source }: LockedPackage): string | undefined {
  return source.type === 'workspace' || source.type === 'directory' ? source.path : undefined;
}

/** @param folders local directories that have an entry of their own */
function isCounted({ source, patch }: LockedPackage, folders: ReadonlySet<string>): boolean {
  if (source.type === 'bundled' || source.type === 'workspace') return false;
  if (source.type === 'link' && folders.has(source.path)) return false;
  const isBuiltin = patch?.path === undefined && patch?.hash?.algorithm === 'hex-prefix';
  return source.type !== 'patched' || !isBuiltin;
}

function keyOf(entry: LockedPackage): string {
  return JSON.stringify([
    entry.name,
    entry.version,
    entry.source.type,
    placeOf(entry),
    pinOf(entry.pin),
    patchOf(entry),
  ]);
}

function toArtifact(
  group: readonly LockedPackage[],
  entries: ReadonlyMap<EntryId, LockedPackage>,
): readonly LockedArtifact[] {
  const [first] = group;
  if (first === undefined) return [];
  const { name, version, source, pin } = first;
  return [
    {
      name,
      version,
      source: source.type === 'link' ? 'directory' : source.type,
      place: placeOf(first),
      pin: pinOf(pin),
      patch: patchOf(first),
      optional: group.every(({ flags }) => flags.optional),
      entries: group.map(({ id }) => id),
      leadsTo: leadsTo(
        group.flatMap(({ edges }) => edges),
        entries,
      ),
    },
  ];
}

/** A registry is known by the project's configuration; its URL counts only where nothing pins the bytes. */
function placeOf({ source, pin }: LockedPackage): string | undefined {
  switch (source.type) {
    case 'registry':
      return source.namedRegistry ?? (pin.kind === 'none' ? source.url : undefined);
    case 'git':
      return source.commit ?? source.repository;
    case 'tarball':
    case 'https':
      return source.url.replace(/#.*$/s, '');
    case 'file':
    case 'directory':
    case 'link':
    case 'workspace':
      return source.path;
    case 'patched':
      return source.inner;
    case 'runtime':
      return source.variants.map(({ integrity }) => integrity).join(' ');
    case 'bundled':
    case 'jsr':
    case 'unknown':
      return undefined;
  }
}

/** How the kinds of pins begin that are of Yarn's own zips, which each cache key packs in its own way. */
export const ZIP = "zip of Yarn's cache";

function pinOf(pin: Pin): ComparablePin {
  const sha512 = lockedSha512(pin);
  if (sha512 !== undefined) return { kind: 'sha512', value: sha512 };
  switch (pin.kind) {
    case 'none':
      return { kind: 'none', value: '' };
    case 'integrity':
      return { kind: `integrity of the ${pin.of}`, value: pin.text };
    case 'yarn-checksum':
      return { kind: `${ZIP} ${pin.cacheKey ?? ''}`, value: pin.sha512 };
    case 'sha256':
      return { kind: 'sha256', value: pin.hex };
  }
}

function patchOf({ patch }: LockedPackage): string | undefined {
  const isBuiltin = patch?.path === undefined && patch?.hash?.algorithm === 'hex-prefix';
  return patch === undefined || isBuiltin ? undefined : (patch.hash?.value ?? patch.path ?? 'a patch');
}

function leadsTo(
  edges: readonly Edge[],
  entries: ReadonlyMap<EntryId, LockedPackage>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { name, target } of edges) {
    const reached = target.type === 'entry' ? entries.get(target.id)?.name : undefined;
    if (reached !== undefined) found.set(name, (found.get(name) ?? new Set()).add(reached));
  }
  return found;
}
