import { lockedSha512 } from '../checks/bind-bytes.ts';
import { checkTarballUrl } from '../checks/tarball-url.ts';
import { checkPin } from '../integrity.ts';
import type { CarriedEvidence, CheckResult, DeclaredDependencies } from '../model/evidence.ts';
import type { EntryId, LockedPackage, Lockfile, LockfileFormat, PublishedEntry } from '../model/lockfile.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Project } from '../model/project.ts';
import type { Reach } from '../model/published.ts';
import { toSpec } from '../package-id.ts';
import { packageSetFacts, registryArtifact, type PackageSetEntry, type PackageSetFacts } from '../package-set.ts';
import type { RegistryMap, TarballMode } from '../ports.ts';
import { toPackageVersion, type PackageFacts } from '../verify-package.ts';
import { isPublished } from './group.ts';

/** An artifact about which an approval may be asked. All that the lockfile itself tells of it is as it should be. */
export interface CoverableArtifact {
  /** `name@version`, as findings name it. */
  readonly spec: string;
  /** Its row in the package set: an approval must have the very same. */
  readonly row: PackageSetEntry;
  /** How the project comes to its entries. */
  readonly reach: readonly Reach[];
  /** What the lockfile says of install scripts; undefined: the format does not say. */
  readonly hasInstallScript: boolean | undefined;
  /** Every tarball is to be read: an approval for which it was not read is not enough. */
  readonly needsTarball: boolean;
}

/** Asks the last valid approval: what it says of an artifact, or undefined where it must be looked at again. */
export type Covered = (artifact: CoverableArtifact) => CarriedEvidence | undefined;

export interface CoverageInput {
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
  readonly registries: RegistryMap;
  readonly tarballs: TarballMode;
  readonly covered?: Covered | undefined;
}

interface Context extends CoverageInput {
  readonly reachOf: (entry: EntryId) => Reach;
  readonly facts: PackageSetFacts;
  /** Entries inside whose tarball others lie: only the tarball tells whether they do. */
  readonly bundling: ReadonlySet<EntryId>;
}

export interface Separated {
  readonly carried: readonly (readonly [EntryId, PackageFacts])[];
  /** What is to be looked at, once for all entries of an artifact. */
  readonly open: readonly (readonly [PublishedEntry, ...PublishedEntry[]])[];
}

/** What a registry serves, told apart: what an approval covers, and what is to be looked at. */
export function separateCovered(
  groups: readonly (readonly LockedPackage[])[],
  input: CoverageInput,
  reach: (entry: EntryId) => Reach,
): Separated {
  const { lockfile, registries, project } = input;
  const parents = lockfile.entries.flatMap(({ source }) => (source.type === 'bundled' ? (source.parent ?? []) : []));
  const context = { ...input, reachOf: reach, facts: packageSetFacts(registries, project), bundling: new Set(parents) };
  const carried: (readonly [EntryId, PackageFacts])[] = [];
  const open: (readonly [PublishedEntry, ...PublishedEntry[]])[] = [];
  for (const group of groups) {
    const [entry, ...others] = group.filter(isPublished);
    if (entry === undefined) continue;
    const entries = [entry, ...others] as const;
    const evidence = carriedFor(entries, context);
    if (evidence === undefined) open.push(entries);
    else for (const each of entries) carried.push([each.id, carriedFacts(each, evidence, lockfile.format)]);
  }
  return { carried, open };
}

/**
 * What an approval says of the artifact that these entries share. It is not even asked where the lockfile alone gives
 * reason to look: a pin that is not one strong sha512 of the tarball, a patch, other packages said to be inside the
 * tarball, or a URL that is not the usual one.
 */
function carriedFor(
  entries: readonly [PublishedEntry, ...PublishedEntry[]],
  context: Context,
): CarriedEvidence | undefined {
  const [entry] = entries;
  if (context.covered === undefined) return undefined;
  const sha512 = lockedSha512(entry.pin);
  const isPlain = sha512 !== undefined && checkPin(entry.pin, context.lockfile.format).codes.length === 0;
  const isEntangled = entries.some(({ id, patch }) => patch !== undefined || context.bundling.has(id));
  if (!isPlain || isEntangled || !isUsualUrl(entry, context)) return undefined;
  return context.covered({
    spec: toSpec(entry.name, entry.version),
    row: registryArtifact(entry, sha512, context.facts),
    reach: entries.map(({ id }) => context.reachOf(id)),
    hasInstallScript: entry.hasInstallScript,
    needsTarball: context.tarballs === 'all',
  });
}

function isUsualUrl({ name, version, source, id }: PublishedEntry, { registries }: Context): boolean {
  const { namedRegistry, url } = source;
  const isArchiveUrl = id.includes('::__archiveUrl=');
  const verdict = checkTarballUrl(
    { name, version, namedRegistry, url, isArchiveUrl, registryUrl: undefined },
    registries,
  );
  return verdict.status === 'agrees';
}

/** The facts about an artifact for which an approval vouches: its checks say that they were not made. */
function carriedFacts(entry: PublishedEntry, carried: CarriedEvidence, format: LockfileFormat): PackageFacts {
  const notMade: CheckResult<never> = { status: 'not-applicable', reason: originText(carried) };
  return {
    checks: {
      integrity: checkPin(entry.pin, format).result,
      registry: notMade,
      signature: notMade,
      publishAttestation: notMade,
      provenance: notMade,
      tarball: notMade,
    },
    sha512: lockedSha512(entry.pin),
    registrySigns: false,
    observations: [],
    manifest: { proof: 'approval', manifest: manifestOf(entry, carried.requires) },
    tarball: undefined,
    published: undefined,
    installScripts: undefined,
    history: undefined,
    keys: [],
    registry: toPackageVersion(entry),
    carried,
  };
}

/** One clause for reports. */
export function originText({ origin }: CarriedEvidence): string {
  return `carried forward from approval ${origin.sequence} of ${origin.approvedAt.slice(0, 10)}`;
}

function manifestOf({ name, version }: PublishedEntry, requires: DeclaredDependencies): Manifest {
  const { dependencies, optionalDependencies, peerDependencies, optionalPeers, bundleDependencies } = requires;
  return {
    name,
    version,
    dependencies,
    optionalDependencies,
    peerDependencies,
    optionalPeers: new Set(optionalPeers),
    bundleDependencies,
    scripts: new Map(),
    deprecated: undefined,
  };
}
