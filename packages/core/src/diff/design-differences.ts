import type { LockfileFormat } from '../model/lockfile.ts';
import { toSpec } from '../package-id.ts';
import type { LockedArtifact, LockedState } from './locked-state.ts';
import type { ArtifactChange, Pairing } from './pair-artifacts.ts';

/** Why two lockfiles of one project list different packages, or pin them so that they cannot be compared. */
export const DESIGN_REASONS = {
  'bundled-listed':
    'Yarn and bun list what tarballs bundle as packages of their own, in the latest version that fits; npm installs what is in the tarball.',
  'left-out-by-deno': 'Deno leaves out local files and directories, and optional dependencies of the root.',
  'not-in-approvals': 'An approval holds the package set, which leaves out local directories and links.',
  'pinned-otherwise':
    'The same version is pinned by hashes of different things (the tarball, the tar inside, the zip of Yarn); --tarballs compares the bytes.',
} as const;

type DesignReason = keyof typeof DESIGN_REASONS;

export interface DesignDifference {
  readonly reason: DesignReason;
  /** `name@version`. Untrusted text. */
  readonly packages: readonly string[];
}

const LISTS_BUNDLED: ReadonlySet<LockfileFormat | undefined> = new Set<LockfileFormat | undefined>([
  'yarn-classic',
  'yarn-berry',
  'bun',
]);

/** Takes out of the changes what only the formats make differ. Within one format nothing differs by design. */
export function explainByDesign(
  pairing: Pairing,
  before: LockedState,
  after: LockedState,
): { readonly changes: readonly ArtifactChange[]; readonly byDesign: readonly DesignDifference[] } {
  const reasonOf = (change: ArtifactChange): DesignReason | undefined =>
    before.format === after.format ? undefined : reasonFor(change, before, after);
  const groups = Map.groupBy(pairing.changes, reasonOf);
  const found = [...groups].flatMap(([reason, changes]): DesignDifference[] =>
    reason === undefined ? [] : [{ reason, packages: specsOf(changes.map((each) => each.after ?? each.before)) }],
  );
  const unbound = specsOf(pairing.unbound.map((pair) => pair.after));
  return {
    changes: groups.get(undefined) ?? [],
    byDesign: [...found, ...(unbound.length === 0 ? [] : [{ reason: 'pinned-otherwise' as const, packages: unbound }])],
  };
}

function reasonFor(
  { kind, before: old, after: now }: ArtifactChange,
  before: LockedState,
  after: LockedState,
): DesignReason | undefined {
  if (kind === 'added' && now !== undefined) return reasonAlone(now, after, before);
  if (kind === 'removed' && old !== undefined) return reasonAlone(old, before, after);
  return undefined;
}

/** Why one state has an artifact that the other has not. */
function reasonAlone(artifact: LockedArtifact, own: LockedState, other: LockedState): DesignReason | undefined {
  if (LISTS_BUNDLED.has(own.format) && other.bundled.has(artifact.name)) return 'bundled-listed';
  if (other.format === undefined && artifact.source === 'directory') return 'not-in-approvals';
  const isLeftOut = artifact.source === 'file' || artifact.source === 'directory' || artifact.optional;
  return other.format === 'deno' && isLeftOut ? 'left-out-by-deno' : undefined;
}

function specsOf(artifacts: readonly (LockedArtifact | undefined)[]): readonly string[] {
  return artifacts.flatMap((each) => (each === undefined ? [] : [toSpec(each.name, each.version)])).sort();
}
