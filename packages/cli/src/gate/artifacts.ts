import {
  lockedSha512,
  registryFor,
  toPurl,
  toSpec,
  type EntryClass,
  type EntryId,
  type LockedPackage,
  type Lockfile,
  type RegistryMap,
} from '@lockseal/core';
import type { ApprovedArtifact } from '@lockseal/gate';
import { dependencyPaths } from '@lockseal/lockfile';
import type { InstallSettings } from '@lockseal/policy';

/** What becomes of one entry of the lockfile at the gate; each has exactly one standing. */
type Standing =
  | { readonly class: 'served'; readonly artifact: ApprovedArtifact; readonly isOnlySigned: boolean }
  /** On disk already, or inside another entry's tarball: nothing is asked of the gate. */
  | { readonly class: 'local'; readonly source: EntryClass }
  /** By git, past the gate: the policy says that the commit is pin enough. */
  | { readonly class: 'git'; readonly repository: string; readonly commit: string }
  | { readonly class: 'refused'; readonly reason: string };

export interface Selection {
  /** Each artifact once. */
  readonly artifacts: readonly ApprovedArtifact[];
  /** Every entry of the lockfile. */
  readonly standings: ReadonlyMap<EntryId, Standing>;
}

/** What vouches for the bytes of an entry. `reason` is one clause. */
export type Vouched<Pin> =
  | {
      readonly status: 'vouched';
      readonly pin: Pin;
      /** The lockfile binds nothing: the registry has signed it. */
      readonly isOnlySigned?: true;
    }
  | { readonly status: 'none'; readonly reason: string };

/** Who vouches: an approval, or a verification. */
export interface Voucher {
  /** Lower-case hex sha512 of the tarball as served. */
  readonly sha512Of: (entry: LockedPackage) => Vouched<string>;
  /** Full id of the commit. */
  readonly commitOf: (entry: LockedPackage) => Vouched<string>;
}

/** Decides for every entry of a lockfile what the gate does about it. */
export function selectArtifacts(
  lockfile: Lockfile,
  registries: RegistryMap,
  voucher: Voucher,
  git: InstallSettings['git'],
): Selection {
  const artifacts = new Map<string, ApprovedArtifact>();
  const pathTo = dependencyPaths(lockfile);
  const standings = new Map<EntryId, Standing>();
  for (const entry of lockfile.entries) {
    const standing = standingOf(entry, { registries, voucher, git });
    standings.set(entry.id, standing);
    if (standing.class === 'served') {
      const key = keyOf(standing.artifact);
      const known = artifacts.get(key);
      const path = known?.path ?? pathTo(entry.id);
      artifacts.set(key, { ...standing.artifact, entries: [...(known?.entries ?? []), entry.id], path });
    }
  }
  for (const [id, standing] of standings) {
    const merged = standing.class === 'served' ? artifacts.get(keyOf(standing.artifact)) : undefined;
    if (standing.class === 'served' && merged !== undefined) standings.set(id, { ...standing, artifact: merged });
  }
  return { artifacts: [...artifacts.values()], standings };
}

/** The entries that cannot be installed through the gate, and why. */
export function refusedOf({ standings }: Selection): readonly { readonly entry: EntryId; readonly reason: string }[] {
  return [...standings].flatMap(([entry, standing]) =>
    standing.class === 'refused' ? [{ entry, reason: standing.reason }] : [],
  );
}

/** How many artifacts are let through by the digest that the registry signed, as no hash of the lockfile binds them. */
export function countOnlySigned({ standings }: Selection): number {
  const artifacts = [...standings.values()].flatMap((each) =>
    each.class === 'served' && each.isOnlySigned ? [each.artifact] : [],
  );
  return new Set(artifacts).size;
}

/** Why what is locked under a name is not let through: what a package manager is told that asks for it. */
export function reasonsByName({ entries }: Lockfile, { standings }: Selection): (name: string) => string | undefined {
  const reasons = Map.groupBy(
    entries.flatMap(({ id, name, version }) => {
      const standing = standings.get(id);
      return standing?.class === 'refused' ? [{ name, text: `${toSpec(name, version)}: ${standing.reason}` }] : [];
    }),
    ({ name }) => name,
  );
  return (name) =>
    reasons
      .get(name)
      ?.map(({ text }) => text)
      .join('; ');
}

interface Deciding {
  readonly registries: RegistryMap;
  readonly voucher: Voucher;
  readonly git: InstallSettings['git'];
}

function standingOf(entry: LockedPackage, deciding: Deciding): Standing {
  const { source } = entry;
  switch (source.type) {
    case 'registry': {
      const registry = registryFor(deciding.registries, entry.name, source.namedRegistry);
      if (entry.version === undefined) return refused('the lockfile records no version');
      if (registry === undefined) return refused(`no configuration names the registry "${source.namedRegistry}"`);
      return served(entry, { registry, lockedUrl: source.url }, deciding);
    }
    case 'tarball':
      return served(entry, { registry: undefined, lockedUrl: source.url }, deciding);
    case 'git':
      return gitStanding(entry, source.repository, deciding);
    case 'file':
    case 'directory':
    case 'link':
    case 'workspace':
    case 'bundled':
    case 'patched':
      return { class: 'local', source: source.type };
    case 'jsr':
    case 'https':
    case 'runtime':
      return refused(ELSEWHERE[source.type]);
    case 'unknown':
      return refused(source.reason);
  }
}

/** Sources that no registry serves, and what to do instead. */
const ELSEWHERE: Readonly<Record<'jsr' | 'https' | 'runtime', string>> = {
  jsr: 'Deno fetches it from JSR itself; lock it in the form of npm, as `npm:@jsr/<scope>__<name>` from npm.jsr.io',
  https: 'it is a module by URL, which only Deno fetches; lock a published package instead',
  runtime:
    'it is a runtime, which pnpm fetches from its maker and no registry serves; install it before (by the image, or a version ' +
    'manager), and say `"onFail": "error"` in `devEngines.runtime`, or leave that out, so that it is not locked',
};

/** The digest decides that somebody vouches for; what the lockfile pins must not speak against it. */
function served(
  entry: LockedPackage,
  place: Pick<ApprovedArtifact, 'registry' | 'lockedUrl'>,
  { voucher }: Deciding,
): Standing {
  const vouched = voucher.sha512Of(entry);
  if (vouched.status === 'none') return refused(vouched.reason);
  const locked = lockedSha512(entry.pin);
  if (locked !== undefined && locked !== vouched.pin)
    return refused('the lockfile pins other bytes than were approved');
  const { name, version } = entry;
  const purl = toPurl(name, version, place.registry);
  return {
    class: 'served',
    isOnlySigned: vouched.isOnlySigned === true,
    artifact: { name, version, purl, ...place, sha512: vouched.pin, entries: [entry.id], path: undefined },
  };
}

function gitStanding(entry: LockedPackage, repository: string, { voucher, git }: Deciding): Standing {
  if (git === 'refuse') return refused('the policy refuses dependencies by git (`install.git`)');
  const vouched = voucher.commitOf(entry);
  return vouched.status === 'none' ? refused(vouched.reason) : { class: 'git', repository, commit: vouched.pin };
}

function refused(reason: string): Standing {
  return { class: 'refused', reason };
}

function keyOf({ purl, lockedUrl, sha512 }: ApprovedArtifact): string {
  return JSON.stringify([purl, lockedUrl, sha512]);
}
