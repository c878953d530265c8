import {
  NO_FLAGS,
  type DeclaredOverride,
  type Edge,
  type LockedPackage,
  type Lockfile,
  type Manifest,
  type Project,
  type ProjectManifest,
  type Source,
} from '@lockseal/core';

/** `name: spec -> entry id`; `!` before the id leads to an importer, `@` to a link, '' nowhere. */
export function edge(name: string, spec: string | undefined, to: string, kind: Edge['kind'] = 'prod'): Edge {
  return { name, kind, spec, target: targetOf(to), position: undefined };
}

function targetOf(to: string): Edge['target'] {
  if (to === '') return { type: 'none' };
  if (to.startsWith('!')) return { type: 'importer', path: to.slice(1) };
  if (to.startsWith('@@')) return { type: 'link', path: to.slice(2) };
  return { type: 'entry', id: to };
}

const REGISTRY: Source = { type: 'registry', url: undefined, namedRegistry: undefined };

/** An entry of the public registry whose id is `name@version`, unless told otherwise. */
export function entry(spec: string, changes: Partial<LockedPackage> = {}): LockedPackage {
  const at = spec.indexOf('@', 1);
  return {
    id: spec,
    name: at < 0 ? spec : spec.slice(0, at),
    version: at < 0 ? undefined : spec.slice(at + 1),
    aliases: [],
    source: REGISTRY,
    pin: { kind: 'none' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
    ...changes,
  };
}

/** A lockfile of npm's version 3 whose root has the given edges. */
export function lockfile(
  root: readonly Edge[],
  entries: readonly LockedPackage[],
  changes: Partial<Lockfile> = {},
): Lockfile {
  return {
    path: 'package-lock.json',
    format: 'npm',
    formatVersion: '3',
    bytes: { length: 0, sha256: '', sha512: '' },
    entries,
    importers: [{ path: '.', edges: root, position: undefined }],
    descriptors: new Map(),
    claims: { overrides: new Map(), packageExtensions: [], patches: new Map(), catalogs: new Map() },
    observations: [],
    ...changes,
  };
}

type Texts = Readonly<Record<string, string>>;

export interface ManifestParts {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Texts;
  readonly devDependencies?: Texts;
  readonly optionalDependencies?: Texts;
  readonly peerDependencies?: Texts;
  readonly optionalPeers?: readonly string[];
  readonly bundleDependencies?: readonly string[];
  readonly scripts?: Texts;
}

export function manifest(parts: ManifestParts): ProjectManifest & Manifest {
  const texts = (table: Texts | undefined): ReadonlyMap<string, string> => new Map(Object.entries(table ?? {}));
  return {
    name: parts.name,
    version: parts.version,
    dependencies: texts(parts.dependencies),
    devDependencies: texts(parts.devDependencies),
    optionalDependencies: texts(parts.optionalDependencies),
    peerDependencies: texts(parts.peerDependencies),
    optionalPeers: new Set(parts.optionalPeers ?? []),
    bundleDependencies: parts.bundleDependencies ?? [],
    scripts: texts(parts.scripts),
    deprecated: undefined,
  };
}

/** A project of a root and, by path, workspaces. */
export function project(manifests: Readonly<Record<string, ManifestParts>>, changes: Partial<Project> = {}): Project {
  return {
    manifests: new Map(Object.entries(manifests).map(([path, parts]) => [path, manifest(parts)])),
    overrides: [],
    packageExtensions: [],
    patches: [],
    catalogs: new Map(),
    configDependencies: new Map(),
    otherLockfiles: [],
    localTarballs: new Map(),
    ...changes,
  };
}

/** `override('ms', '2.0.0')`, `override('ms@2', '2.0.0', 'debug')`. */
export function override(target: string, replacement: string, ...parents: readonly string[]): DeclaredOverride {
  const selector = (text: string): DeclaredOverride['target'] => {
    const at = text.indexOf('@', 1);
    return at < 0 ? { name: text, range: undefined } : { name: text.slice(0, at), range: text.slice(at + 1) };
  };
  return { target: selector(target), parents: parents.map(selector), replacement, origin: 'package.json' };
}
