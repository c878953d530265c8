import {
  LocksealError,
  isExactVersion,
  type Edge,
  type Importer,
  type LockedPackage,
  type LockfileClaims,
  type Observation,
  type Patch,
  type Source,
} from '@lockseal/core';
import { isHttpUrl } from '../git-url.ts';
import type { Fields } from '../json/fields.ts';
import type { Bundlers } from './bundles.ts';
import { realName, type NpmDependencies, type NpmEntry } from './entry.ts';
import { bundlesOf } from './packages-section.ts';
import { pinOf, sourceOf } from './source.ts';
import type { NpmTree } from './tree.ts';

/** What was read of the section that counts. */
export interface Sections {
  readonly entries: readonly NpmEntry[];
  readonly tree: NpmTree;
  readonly bundlers: Bundlers;
  /** The root's dependencies, where the file records them. */
  readonly rootDependencies: NpmDependencies | undefined;
  readonly rootFields: Fields | undefined;
  readonly workspaces: ReadonlySet<string>;
  readonly observations: readonly Observation[];
}

/** The parts of a Lockfile that the entries make up. */
export interface Contents {
  readonly entries: readonly LockedPackage[];
  readonly importers: readonly Importer[];
  readonly observations: readonly Observation[];
}

export function assemble(file: string, sections: Sections): Contents {
  const { entries, tree, bundlers } = sections;
  const edges = entries.map((entry) => tree.edges(entry.location.key, entry.dependencies));
  const importers = importersOf(sections, edges);
  const askedForByUrl = new Set<string>();
  for (const own of edges) addAskedFor(own, askedForByUrl);
  for (const importer of importers) addAskedFor(importer.edges, askedForByUrl);
  return {
    entries: entries.map((entry, index) => {
      const source = sourceOf(entry, tree, bundlers.get(entry), askedForByUrl);
      checkVersion(file, entry, source);
      return lockedPackage(entry, source, source.type === 'workspace' ? [] : (edges[index] ?? []));
    }),
    importers,
    observations: falseBundleClaims(sections),
  };
}

/** `edges` are those of the entries, in their order. */
function importersOf(sections: Sections, edges: readonly (readonly Edge[])[]): readonly Importer[] {
  const { entries, rootDependencies, rootFields, tree } = sections;
  const importers: Importer[] = [];
  if (rootDependencies !== undefined) {
    importers.push({ path: '.', edges: tree.edges('', rootDependencies), position: rootFields?.position });
  }
  for (const [index, entry] of entries.entries()) {
    const { key } = entry.location;
    if (!sections.workspaces.has(key)) continue;
    importers.push({ path: key, edges: edges[index] ?? [], position: entry.position });
  }
  return importers;
}

/** Adds the entries that some edge asks for by an http(s) URL. */
function addAskedFor(edges: readonly Edge[], asked: Set<string>): void {
  for (const { spec, target } of edges) {
    if (spec !== undefined && target.type === 'entry' && isHttpUrl(spec)) asked.add(target.id);
  }
}

function lockedPackage(entry: NpmEntry, source: Source, edges: readonly Edge[]): LockedPackage {
  const name = realName(entry);
  const { location } = entry;
  return {
    id: location.key,
    name,
    version: entry.version,
    aliases: location.type === 'installed' && !entry.link && location.name !== name ? [location.name] : [],
    source,
    pin: pinOf(entry),
    edges,
    flags: entry.flags,
    hasInstallScript: entry.hasInstallScript,
    patch: entry.patch,
    bundles: entry.bundles,
    deprecated: entry.deprecated,
    position: entry.position,
  };
}

/** What a registry serves has an exact version; that an entry has none at all is judged later. */
function checkVersion(file: string, entry: NpmEntry, source: Source): void {
  if (source.type !== 'registry' || entry.version === undefined || isExactVersion(entry.version)) return;
  throw new LocksealError('ERR_LOCKFILE_FIELD', `${file}: the version of ${entry.location.key} is no version`, {
    file,
    position: entry.position,
    expected: 'an exact semantic version',
    found: JSON.stringify(entry.version),
  });
}

/** Entries marked as bundled that nothing in the file bundles: a reader that skips bundled entries overlooks them. */
function falseBundleClaims({ entries, bundlers, tree, rootFields }: Sections): readonly Observation[] {
  const bundledWhenPacked =
    (rootFields !== undefined && bundlesOf(rootFields).length > 0) ||
    entries.some((entry) => entry.bundles.length > 0 && tree.isWorkspace(entry.location.key));
  if (bundledWhenPacked) return [];
  return entries
    .filter((entry) => entry.inBundle && !bundlers.has(entry))
    .map((entry) => ({
      code: 'false-bundle-claim',
      entry: entry.location.key,
      position: entry.position,
      expected: 'an entry above that bundles it',
      found: 'none',
    }));
}

/** npm records patches and extensions at the entries that they were applied to; overrides only by their effect. */
export function claimsOf(entries: readonly NpmEntry[]): LockfileClaims {
  const extensions = new Set<string>();
  const patches = new Map<string, Patch>();
  for (const { location, extension, patch } of entries) {
    if (extension !== undefined) extensions.add(extension);
    if (patch !== undefined) patches.set(location.key, patch);
  }
  return { overrides: new Map(), packageExtensions: [...extensions].toSorted(), patches, catalogs: new Map() };
}
