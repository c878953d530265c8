import {
  bareFacts,
  compareStates,
  factsOf,
  LocksealError,
  lockedSha512,
  pairArtifacts,
  verifyLockfile,
  type ArtifactChange,
  type Fetched,
  type LockedArtifact,
  type LockedPackage,
  type PackageHistory,
  type Pairing,
  type SideFacts,
  type TarballMode,
  type TrustDiff,
} from '@lockseal/core';
import { dependencyPaths } from '@lockseal/lockfile';
import type { Evidence } from '../evidence/open-evidence.ts';
import type { Console } from '../io/console.ts';
import { readCodeDeltas, type CodeSide } from './read-code.ts';
import { narrowSource, specOf } from './narrow-source.ts';
import type { OpenedState } from './opened-state.ts';

type OpenedLockfile = Extract<OpenedState, { kind: 'lockfile' }>;

export interface DiffRun {
  readonly evidence: Evidence;
  readonly tarballs: TarballMode;
  readonly console: Console;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Compares two states. Only packages that differ are verified, in both states, so that the work grows with the change
 * and not with the lockfile.
 */
export async function diffStates(base: OpenedState, after: OpenedLockfile, run: DiffRun): Promise<TrustDiff> {
  // A lockfile that was not there is of the format of the one that is.
  const { format, formatVersion } = after.state;
  const before = base.kind === 'nothing' ? { ...base.state, format, formatVersion } : base.state;
  const first = pairArtifacts(before, after.state);
  const wanted = wantedOf(first, run.tarballs);
  const now = await lookAt(after, wanted.after, run);
  const was = base.kind === 'lockfile' ? await lookAt(base, wanted.before, run) : undefined;
  if (run.console.signal.aborted) throw new LocksealError('ERR_INTERRUPTED', 'The run was interrupted.');
  // With the tarballs read, artifacts that are pinned by hashes of different things can be told apart after all.
  // By the artifact, never by its entry: one key may be in both lockfiles, for other bytes.
  const isNow = new Set(after.state.artifacts);
  const digestOf = (each: LockedArtifact): string | undefined => (isNow.has(each) ? now : was)?.digestOf(each);
  const paired = pairArtifacts(before, after.state, digestOf);
  const factsBefore = was?.factsOf ?? approvedFacts(base);
  const pairing = withOpenPairs(paired, factsBefore, now.factsOf);
  const deltas =
    run.tarballs === 'all'
      ? await readCodeDeltas(pairing, { before: was ?? NOTHING, after: now }, run.evidence.source)
      : undefined;
  return compareStates({
    before,
    after: after.state,
    pairing,
    factsBefore,
    factsAfter: now.factsOf,
    pathTo: (artifact, side) => (side === 'after' ? now.pathTo(artifact) : was?.pathTo(artifact)),
    codeOf: deltas && ((change: ArtifactChange) => deltas.get(change)),
    now: run.console.now(),
  });
}

/** Pairs whose bytes were read to no avail, or speak against a lockfile, are told like changes. */
function withOpenPairs(
  { changes, unchanged, unbound }: Pairing,
  factsBefore: (artifact: LockedArtifact) => SideFacts,
  factsAfter: (artifact: LockedArtifact) => SideFacts,
): Pairing {
  const isOpen = ({ grade, undecided }: SideFacts): boolean => grade === 'contradicted' || undecided !== undefined;
  const groups = Map.groupBy(unbound, ({ before, after }) => isOpen(factsBefore(before)) || isOpen(factsAfter(after)));
  const open = (groups.get(true) ?? []).map((pair): ArtifactChange => ({ kind: 'unbound', ...pair }));
  return { changes: [...changes, ...open], unchanged, unbound: groups.get(false) ?? [] };
}

/** What an approval says; nothing, where there was no lockfile. */
function approvedFacts(base: OpenedState): (artifact: LockedArtifact) => SideFacts {
  const facts = base.kind === 'approval' ? base.facts : undefined;
  return (artifact) => facts?.get(artifact) ?? bareFacts(artifact);
}

/** What is gone is looked at by nobody; what only its bytes tell apart is, where tarballs are read. */
function wantedOf(
  { changes, unbound }: Pairing,
  tarballs: TarballMode,
): { readonly before: readonly LockedArtifact[]; readonly after: readonly LockedArtifact[] } {
  const told = changes.filter(({ kind }) => kind !== 'removed');
  const pairs = [...told, ...(tarballs === 'all' ? unbound : [])];
  return { before: pairs.flatMap(({ before }) => before ?? []), after: pairs.flatMap(({ after }) => after ?? []) };
}

/** What was found out about one side. */
interface SeenSide extends CodeSide {
  readonly factsOf: (artifact: LockedArtifact) => SideFacts;
  readonly pathTo: (artifact: LockedArtifact) => readonly string[] | undefined;
}

const NOTHING: CodeSide = { entryOf: () => undefined, digestOf: () => undefined };

async function lookAt(
  { lockfile, project }: OpenedLockfile,
  wanted: readonly LockedArtifact[],
  { evidence, tarballs, console, onProgress }: DiffRun,
): Promise<SeenSide> {
  const ids = new Set(wanted.flatMap(({ entries }) => entries));
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const looked = lockfile.entries.filter(({ id }) => ids.has(id));
  const source = narrowSource(evidence.source, {
    specs: new Set(looked.map(({ name, version }) => specOf(name, version))),
    sha512: new Set(looked.flatMap(({ pin }) => lockedSha512(pin) ?? [])),
  });
  const histories = await readHistories(looked, evidence);
  const verify = (): ReturnType<typeof verifyLockfile> =>
    verifyLockfile({
      ...evidence,
      source,
      lockfile,
      project,
      clock: console,
      tarballs,
      // Against a baseline that locks nothing all is new, and the files of what is looked at are kept.
      baseline: { origin: '', versions: new Map() },
      onProgress,
    });
  const all = ids.size === 0 ? [] : (await verify()).evidence;
  const seen = new Map(all.flatMap((each) => (ids.has(each.entry) ? [[each.entry, each]] : [])));
  const paths = dependencyPaths(lockfile);
  return {
    factsOf: (artifact) => factsOf(artifact, { evidence: seen, entries, historyOf: (name) => histories.get(name) }),
    entryOf: ({ entries: [first = ''] }) => entries.get(first),
    digestOf: ({ entries: own }) => own.flatMap((id) => seen.get(id)?.sha512 ?? [])[0],
    pathTo: ({ entries: own }) => own.flatMap((id) => [paths(id) ?? []]).find((path) => path.length > 0),
  };
}

/** Ages and earlier publishers: the registry's word, asked for once a package. */
async function readHistories(
  looked: readonly LockedPackage[],
  { source }: Evidence,
): Promise<ReadonlyMap<string, Fetched<PackageHistory>>> {
  const byName = new Map(looked.map((entry) => [entry.name, entry]));
  const asked = [...byName.values()].map(async ({ name, version, source: { type, ...of } }) => {
    if (type !== 'registry' || version === undefined) return [];
    const namedRegistry = 'namedRegistry' in of ? of.namedRegistry : undefined;
    const history = await source.history?.({ name, version, namedRegistry });
    return history === undefined ? [] : [[name, history] as const];
  });
  return new Map((await Promise.all(asked)).flat());
}
