import semver from 'semver';
import type { Observation } from '../model/evidence.ts';
import type { Edge, LockedPackage } from '../model/lockfile.ts';
import type { Manifest } from '../model/manifest.ts';
import type { PackageExtension } from '../model/project.ts';
import { describe } from './objection.ts';
import { toleratedBy } from './compatibility.ts';
import type { EdgeContext } from './context.ts';
import { judgeEdge } from './judge-edge.ts';
import { overrideNote } from './observe.ts';

export interface ManifestEdges {
  /** How many dependencies were compared. */
  readonly compared: number;
  readonly observations: readonly Observation[];
}

/** What a version's manifest asks for once the project's package extensions are added. */
interface Required {
  readonly prod: ReadonlyMap<string, string>;
  readonly optional: ReadonlyMap<string, string>;
  readonly peer: ReadonlyMap<string, string>;
  readonly bundled: ReadonlySet<string>;
  /** Dependencies that the package manager may have added by itself. */
  readonly tolerated: ReadonlyMap<string, string>;
  /** Scripts call node-gyp, or there is a binding.gyp for which npm calls it. */
  readonly usesGyp: boolean;
}

/**
 * Holds the edges that a lockfile records for a published entry against that version's own manifest: no more and no
 * fewer, with the same specifiers, each leading to the package asked for at a version in range. Overrides, package
 * extensions and what managers add of their own are taken into account.
 * Bundled entries are part of their parent's tarball and have nothing to compare.
 * @param hasBindingGyp whether the tarball holds a binding.gyp, where that is known
 */
export function checkManifestEdges(
  entry: LockedPackage,
  manifest: Manifest,
  context: EdgeContext,
  hasBindingGyp = false,
): ManifestEdges {
  if (entry.source.type === 'bundled') return { compared: 0, observations: [] };
  const required = requiredBy(entry, manifest, context, hasBindingGyp);
  const wanted = new Map([...required.prod, ...required.optional]);
  const recorded = entry.edges.filter((edge) => !isPeerEdge(edge, wanted, required));
  const names = new Set(recorded.map(({ name }) => name));
  return {
    compared: wanted.size,
    observations: [
      ...recorded.flatMap((edge) => checkRecorded(edge, wanted.get(edge.name), entry, required, context)),
      ...entry.edges.flatMap((edge) => checkPeer(edge, wanted, entry, required, context)),
      ...[...required.prod].flatMap(([name, spec]) =>
        names.has(name) ? [] : checkAbsent(name, spec, entry, required, context),
      ),
    ],
  };
}

function requiredBy(entry: LockedPackage, manifest: Manifest, context: EdgeContext, hasBindingGyp: boolean): Required {
  const extensions = context.project?.packageExtensions.filter((extension) => isExtended(entry, extension)) ?? [];
  const merge = (
    own: ReadonlyMap<string, string>,
    added: readonly ReadonlyMap<string, string>[],
  ): Map<string, string> => new Map([...added.flatMap((table) => [...table]), ...own]);
  const optional = merge(
    manifest.optionalDependencies,
    extensions.map((each) => each.optionalDependencies),
  );
  const prod = merge(
    manifest.dependencies,
    extensions.map((each) => each.dependencies),
  );
  const peer = merge(
    manifest.peerDependencies,
    extensions.map((each) => each.peerDependencies),
  );
  const tolerated = toleratedBy(entry, context.lockfile.format);
  for (const [name, spec] of tolerated.peers) if (!peer.has(name)) peer.set(name, spec);
  // pnpm and Yarn take a name that is only in peerDependenciesMeta for a peer of any version.
  for (const name of manifest.optionalPeers) if (!peer.has(name)) peer.set(name, '*');
  for (const name of optional.keys()) prod.delete(name);
  const usesGyp = hasBindingGyp || callsGyp(manifest);
  return {
    prod,
    optional,
    peer,
    bundled: new Set(manifest.bundleDependencies),
    tolerated: tolerated.dependencies,
    usesGyp,
  };
}

/** Yarn Berry's own test for adding a dependency on node-gyp. */
const GYP = /\b(?:node-gyp|prebuild-install)\b/;

export function callsGyp({ scripts }: Pick<Manifest, 'scripts'>): boolean {
  return [...scripts.values()].some((script) => GYP.test(script));
}

function isExtended(entry: LockedPackage, { selector }: PackageExtension): boolean {
  if (selector.name !== entry.name) return false;
  if (selector.range === undefined || entry.version === undefined) return selector.range === undefined;
  return semver.satisfies(entry.version, selector.range, { loose: true, includePrerelease: true });
}

/** pnpm and Deno record a resolved peer like any other dependency; the manifest tells which it is. */
function isPeerEdge(edge: Edge, wanted: ReadonlyMap<string, string>, required: Required): boolean {
  if (edge.kind === 'peer' || edge.kind === 'optional-peer') return true;
  return edge.spec === undefined && !wanted.has(edge.name) && required.peer.has(edge.name);
}

function checkRecorded(
  edge: Edge,
  asked: string | undefined,
  entry: LockedPackage,
  required: Required,
  context: EdgeContext,
): Observation[] {
  const about = { entry: entry.id, dependency: edge.name, position: edge.position };
  if (asked === undefined) return checkExtra(edge, entry, required, context);
  const isRestated = edge.spec !== undefined && !isSameSpecifier(edge.spec, asked, edge, entry, context);
  const judged = judgeEdge(edge, asked, { type: 'entry', entry }, context);
  if (edge.target.type === 'none') {
    const isHole = required.prod.has(edge.name) && judged.override === undefined && !isDiverted(context);
    return isHole ? checkAbsent(edge.name, asked, entry, required, context) : [];
  }
  // A restated specifier says all: where the edge leads follows from it.
  if (isRestated) return [{ ...about, code: 'edge-forged', expected: asked, found: edge.spec }];
  if (judged.objection !== undefined) return [{ ...about, ...judged.objection, code: forged(judged.objection.code) }];
  return judged.override === undefined ? [] : [overrideNote(judged.override, edge, about)];
}

/** Yarn Berry files what resolutions divert under the replacement alone; without the project nobody knows where. */
function isDiverted({ project, lockfile }: EdgeContext): boolean {
  return project === undefined && lockfile.format === 'yarn-berry';
}

/** Held against the manifest itself, a package of another name is a forged edge whatever the format. */
function forged<Code extends Observation['code']>(code: Code): Code | 'edge-forged' {
  return code === 'name-mismatch' ? 'edge-forged' : code;
}

function isSameSpecifier(
  recorded: string,
  asked: string,
  edge: Edge,
  entry: LockedPackage,
  context: EdgeContext,
): boolean {
  if (recorded === asked) return true;
  const [left, right] = [context.specifier(edge.name, recorded), context.specifier(edge.name, asked)];
  if (left.type !== 'unknown' && JSON.stringify(left) === JSON.stringify(right)) return true;
  const overrides = context.overrides.applicable({ type: 'entry', entry }, edge.name, asked);
  return overrides.some(({ replacement }) => replacement === recorded);
}

/** An edge that the manifest does not ask for. */
function checkExtra(edge: Edge, entry: LockedPackage, required: Required, context: EdgeContext): Observation[] {
  const isGyp = edge.name === 'node-gyp' && required.usesGyp && context.lockfile.format === 'yarn-berry';
  const target = edge.target.type === 'entry' ? context.entries.get(edge.target.id) : undefined;
  const tolerated = required.tolerated.get(edge.name);
  if (tolerated !== undefined) return checkRecorded(edge, tolerated, entry, required, context);
  if (isGyp && (target === undefined || target.name === 'node-gyp')) return [];
  const found = edge.spec ?? (target === undefined ? edge.target.type : describe(target));
  const detail = 'The manifest of this version declares no such dependency.';
  return [{ entry: entry.id, dependency: edge.name, position: edge.position, code: 'edge-forged', found, detail }];
}

/** A recorded peer range is the manifest's; what answers it bears the name asked for, or one declared elsewhere. */
function checkPeer(
  edge: Edge,
  wanted: ReadonlyMap<string, string>,
  entry: LockedPackage,
  required: Required,
  context: EdgeContext,
): Observation[] {
  if (!isPeerEdge(edge, wanted, required)) return [];
  const about = { entry: entry.id, dependency: edge.name, position: edge.position };
  const asked = required.peer.get(edge.name);
  if (asked === undefined) {
    return wanted.has(edge.name) ? [] : checkExtra(edge, entry, required, context);
  }
  if (edge.spec !== undefined && !isSameSpecifier(edge.spec, asked, edge, entry, context)) {
    return [{ ...about, code: 'edge-forged', expected: asked, found: edge.spec }];
  }
  const target = edge.target.type === 'entry' ? context.entries.get(edge.target.id) : undefined;
  const spec = context.specifier(edge.name, asked);
  if (target === undefined || !('name' in spec) || spec.name === target.name) return [];
  if (isDeclaredAlias(edge, target, context) || context.isNamedElsewhere(edge)) return [];
  return [{ ...about, code: 'edge-forged', expected: asked, found: describe(target) }];
}

/** The project installs this package under that name, by an alias or an override. */
function isDeclaredAlias(edge: Edge, target: LockedPackage, context: EdgeContext): boolean {
  const manifests = [...(context.project?.manifests.values() ?? [])];
  const declared = manifests.flatMap(({ dependencies, devDependencies, optionalDependencies }) =>
    [dependencies, devDependencies, optionalDependencies].map((group) => group.get(edge.name)),
  );
  const overrides = context.overrides.applicable({ type: 'entry', entry: target }, edge.name, undefined);
  return [...declared, ...overrides.map(({ replacement }) => replacement)].some((spec) => {
    const parsed = spec === undefined ? undefined : context.specifier(edge.name, spec);
    return parsed !== undefined && 'name' in parsed && parsed.name === target.name;
  });
}

/** A required dependency that the entry has no edge for. */
function checkAbsent(
  name: string,
  spec: string,
  entry: LockedPackage,
  required: Required,
  context: EdgeContext,
): Observation[] {
  // pnpm installs configuration dependencies alone, without what they depend on.
  if (required.bundled.has(name) || entry.flags.config) return [];
  // npm and pnpm leave a name that is also a peer to the peer.
  if (required.peer.has(name) && entry.edges.some((edge) => edge.name === name)) return [];
  const overrides = context.overrides.applicable({ type: 'entry', entry }, name, spec);
  if (overrides.some(({ replacement }) => replacement === '-')) return [];
  return [{ code: 'dependency-not-locked', entry: entry.id, dependency: name, expected: spec }];
}
