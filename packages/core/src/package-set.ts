import { createHash } from 'node:crypto';
import { canonicalize, type Json } from './canonical.ts';
import { registryFor } from './checks/tarball-url.ts';
import { MAX_PATCHES } from './edges/answer.ts';
import { patchSha256Of } from './edges/patches.ts';
import type { EntryId, LockedPackage, Lockfile, PublishedEntry, RuntimeVariant } from './model/lockfile.ts';
import type { Project } from './model/project.ts';
import { toPurl } from './package-id.ts';
import { YARN_PUBLIC_ALIAS, type RegistryMap } from './ports.ts';

export const PACKAGE_SET_TYPE = 'https://lockseal.dev/package-set/v1';

const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Where an artifact of the set comes from. */
export type ArtifactSource = 'registry' | 'tarball' | 'git' | 'file' | 'jsr' | 'https' | 'runtime' | 'unknown';

/** One artifact. A null digest says that nothing pins it, which is not the same as its absence. */
export interface PackageSetEntry {
  readonly purl: string;
  readonly digest: PackageDigest | null;
  readonly source: ArtifactSource;
  /** The patch that the project applies to it; a null sha256 says that the patch file is not known. */
  readonly patch?: { readonly sha256: string | null };
}

/** Lower-case hex. sha512 is of the tarball as served. */
export type PackageDigest = { readonly sha512: string } | { readonly sha256: string } | { readonly gitCommit: string };

/** The canonical package set: which artifacts a lockfile installs, whatever its format. */
export interface PackageSet {
  readonly document: { readonly type: typeof PACKAGE_SET_TYPE; readonly packages: readonly PackageSetEntry[] };
  /** RFC 8785 text of the document. */
  readonly text: string;
  /** Lower-case hex sha256 of the text's UTF-8. */
  readonly sha256: string;
}

/** What the set needs to know besides the lockfile; each may be left out where it is not known. */
export interface PackageSetFacts {
  /** Base URL of the registry that serves the entry; undefined is npm's public one. */
  readonly registryOf?: ((entry: LockedPackage) => string | undefined) | undefined;
  /** Lower-case hex sha256 of the patch file applied to the entry. */
  readonly patchSha256Of?: ((entry: LockedPackage) => string | undefined) | undefined;
}

/** The facts as the user's configuration and the project give them; whoever compares sets must use the same ones. */
export function packageSetFacts(registries: RegistryMap, project: Project | undefined): PackageSetFacts {
  const registryOf = ({ name, source }: LockedPackage): string | undefined => {
    const base = registryFor(registries, name, source.type === 'registry' ? source.namedRegistry : undefined);
    return base === YARN_PUBLIC_ALIAS ? undefined : base;
  };
  return { registryOf, patchSha256Of: patchSha256Of(project) };
}

/**
 * The canonical package set of a lockfile. Its digest answers "the same artifacts?", not "the same program": places,
 * aliases, edges and flags are left out on purpose, because no two formats record them alike.
 * Left out too is what other digests cover: bundled packages are in their parent's tarball; workspaces, links and
 * local directories are the project's own sources.
 * @param sha512Of lower-case hex sha512 of the entry's tarball, as locked or as verified; undefined: nothing pins it
 */
export function packageSet(
  lockfile: Lockfile,
  sha512Of: (entry: LockedPackage) => string | undefined,
  facts: PackageSetFacts = {},
): PackageSet {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const rows = lockfile.entries.flatMap((entry) => rowsOf(entry, { entries, sha512Of, facts }));
  const unique = new Map(rows.map((row) => [sortKey(row), row]));
  const packages = [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const document = { type: PACKAGE_SET_TYPE, packages } as const;
  const text = textOf(packages);
  return { document, text, sha256: createHash('sha256').update(text, 'utf8').digest('hex') };
}

/** RFC 8785 text of the document, row by row: all at once the library remembers a path to each of ten thousand objects. */
function textOf(packages: readonly PackageSetEntry[]): string {
  const rows = packages.map((row) => canonicalize(row as unknown as Json));
  return `{"packages":[${rows.join(',')}],"type":${canonicalize(PACKAGE_SET_TYPE)}}`;
}

/** The row of an entry that is one artifact by itself, without a digest unless the entry has one that is no sha512. */
export function packageSetRow(entry: LockedPackage, facts: PackageSetFacts): PackageSetEntry | undefined {
  return rowsOf(entry, { entries: new Map([[entry.id, entry]]), sha512Of: () => undefined, facts })[0];
}

/** The row of one entry that a registry serves, whatever else is locked. */
export function registryArtifact(entry: PublishedEntry, sha512: string, facts: PackageSetFacts): PackageSetEntry {
  const sources = { entries: new Map(), sha512Of: () => sha512, facts };
  return withPatch(entry, registryRow(entry, sources), sources);
}

interface Sources {
  readonly entries: ReadonlyMap<EntryId, LockedPackage>;
  readonly sha512Of: (entry: LockedPackage) => string | undefined;
  readonly facts: PackageSetFacts;
}

/** By purl, then digest, then the rest; the separator sorts before every character of a purl. */
function sortKey({ purl, digest, source, patch }: PackageSetEntry): string {
  return [purl, JSON.stringify(digest), source, JSON.stringify(patch ?? null)].join('\n');
}

function rowsOf(entry: LockedPackage, sources: Sources, patches = 0): PackageSetEntry[] {
  const { source } = entry;
  switch (source.type) {
    case 'registry':
      return [withPatch(entry, registryRow(entry, sources), sources)];
    case 'patched': {
      const inner = sources.entries.get(source.inner);
      if (inner === undefined || patches >= MAX_PATCHES) return [unknownRow(entry)];
      return rowsOf(inner, sources, patches + 1).map((row) => withPatch(entry, row, sources));
    }
    case 'tarball': {
      const purl = `${toPurl(entry.name, undefined)}?download_url=${encode(source.url.replace(/#.*$/s, ''))}`;
      return [withPatch(entry, { purl, digest: sha512(entry, sources), source: 'tarball' }, sources)];
    }
    case 'git': {
      // A branch or a short id pins nothing.
      const digest = FULL_COMMIT.test(source.commit ?? '') ? { gitCommit: source.commit ?? '' } : null;
      return [withPatch(entry, { purl: toPurl(entry.name, undefined), digest, source: 'git' }, sources)];
    }
    case 'file':
      // Not every format records the version inside a local tarball; its digest says more.
      return [
        withPatch(
          entry,
          { purl: toPurl(entry.name, undefined), digest: sha512(entry, sources), source: 'file' },
          sources,
        ),
      ];
    case 'jsr':
      return [{ purl: jsrPurl(entry), digest: sha256(entry), source: 'jsr' }];
    case 'https':
      return [{ purl: genericPurl(source.url), digest: sha256(entry), source: 'https' }];
    case 'runtime':
      return source.variants.map((variant) => runtimeRow(variant));
    case 'unknown':
      return [unknownRow(entry)];
    case 'bundled':
    case 'workspace':
    case 'link':
    case 'directory':
      return [];
  }
}

function unknownRow({ name, version }: LockedPackage): PackageSetEntry {
  return { purl: toPurl(name, version), digest: null, source: 'unknown' };
}

function registryRow(entry: LockedPackage, { sha512Of, facts }: Sources): PackageSetEntry {
  const hex = sha512Of(entry);
  return {
    purl: toPurl(entry.name, entry.version, facts.registryOf?.(entry)),
    digest: hex === undefined ? null : { sha512: hex },
    source: 'registry',
  };
}

function sha512(entry: LockedPackage, { sha512Of }: Sources): PackageDigest | null {
  const hex = sha512Of(entry);
  return hex === undefined ? null : { sha512: hex };
}

function sha256({ pin }: LockedPackage): PackageDigest | null {
  return pin.kind === 'sha256' ? { sha256: pin.hex } : null;
}

/** Yarn's built-in compatibility patches are part of Yarn and leave no mark. */
function withPatch(entry: LockedPackage, row: PackageSetEntry, { facts }: Sources): PackageSetEntry {
  const isBuiltin = entry.patch?.path === undefined && entry.patch?.hash?.algorithm === 'hex-prefix';
  if (entry.patch === undefined || isBuiltin) return row;
  return { ...row, patch: { sha256: facts.patchSha256Of?.(entry) ?? null } };
}

function jsrPurl({ name, version }: LockedPackage): string {
  return toPurl(name, version).replace(/^pkg:npm\//, 'pkg:jsr/');
}

function genericPurl(url: string): string {
  const name = withoutQuery(url).replace(/\/+$/, '').split('/').at(-1) ?? '';
  return `pkg:generic/${encode(name === '' ? 'module' : name)}?download_url=${encode(url)}`;
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

/** A lone surrogate, which JSON can smuggle in, has no encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function runtimeRow({ url, integrity }: RuntimeVariant): PackageSetEntry {
  const hash = /^sha256-([A-Za-z0-9+/]{43}=)$/.exec(integrity)?.[1];
  const digest = hash === undefined ? null : { sha256: Buffer.from(hash, 'base64').toString('hex') };
  return { purl: genericPurl(url), digest, source: 'runtime' };
}
