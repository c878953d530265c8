import semver from 'semver';
import { lineOf } from '../history/select-previous.ts';
import { ZIP, type LockedArtifact, type LockedState } from './locked-state.ts';

/**
 * `swapped`: the same version from another place or with other bytes; `redirected`: a dependency leads elsewhere;
 * `unbound`: the same version, and the bytes that would tell whether it was swapped could not be had.
 */
export type ChangeKind = 'added' | 'removed' | 'up' | 'down' | 'swapped' | 'redirected' | 'unbound';

/** What one artifact became. One of the two sides is undefined for `added` and `removed`. */
export interface ArtifactChange {
  readonly kind: ChangeKind;
  readonly before: LockedArtifact | undefined;
  readonly after: LockedArtifact | undefined;
}

export interface Pairing {
  /** In the order of names. */
  readonly changes: readonly ArtifactChange[];
  /** The same in both, bytes included. */
  readonly unchanged: number;
  /** The same name, version and source, pinned by what cannot be compared: only the tarballs tell. */
  readonly unbound: readonly { readonly before: LockedArtifact; readonly after: LockedArtifact }[];
}

/** The sha512 of an artifact's tarball (lower-case hex) as verified, where its pin does not hold it. */
export type DigestOf = (artifact: LockedArtifact) => string | undefined;

/**
 * Finds out what became of each artifact, name by name. The same version with other bytes is never an upgrade, and a
 * second copy under a version that is already there is held against that one: an attacker may swap one copy of several.
 */
export function pairArtifacts(before: LockedState, after: LockedState, digestOf: DigestOf = () => undefined): Pairing {
  const compare = { digestOf, isOneFormat: isOneFormat(before, after), isOneManager: isOneManager(before, after) };
  const old = Map.groupBy(before.artifacts, ({ name }) => name);
  const now = Map.groupBy(after.artifacts, ({ name }) => name);
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const parts = names.map((name) => pairByName(old.get(name) ?? [], now.get(name) ?? [], compare));
  return {
    changes: [...redirectedImporters(before, after), ...parts.flatMap(({ changes }) => changes)],
    unchanged: parts.reduce((sum, { unchanged }) => sum + unchanged, 0),
    unbound: parts.flatMap(({ unbound }) => unbound),
  };
}

/** A project or workspace of which a dependency leads to a package of another name. */
function redirectedImporters(before: LockedState, after: LockedState): readonly ArtifactChange[] {
  const known = new Map(before.importers.map((importer) => [importer.name, importer]));
  return after.importers.flatMap((now) => {
    const old = known.get(now.name);
    return old !== undefined && isRedirected([old, now]) ? [change('redirected', old, now)] : [];
  });
}

/** Whether both states write everything down in the same way. */
export function isOneFormat(before: LockedState, after: LockedState): boolean {
  return before.format === after.format && before.formatVersion === after.formatVersion;
}

/** Whether a pin of another kind is a change, and not only another manager's way. An approval has the best of pins. */
export function isOneManager(before: LockedState, after: LockedState): boolean {
  return before.format === undefined || before.format === after.format;
}

interface Comparison {
  readonly digestOf: DigestOf;
  readonly isOneFormat: boolean;
  /** Both are of one package manager, in whatever version of its format, or the one before is an approval. */
  readonly isOneManager: boolean;
}

type Pair = readonly [before: LockedArtifact, after: LockedArtifact];

function pairByName(old: readonly LockedArtifact[], now: readonly LockedArtifact[], compare: Comparison): Pairing {
  const free = { old: new Set(old), now: new Set(now) };
  const same = take(free, (each) => JSON.stringify([baseOf(each, compare), bytesOf(each, compare)]));
  const alike = Map.groupBy(
    take(free, (each) => baseOf(each, compare)),
    (pair) => compareBytes(pair, compare),
  );
  const swapped = [...(alike.get('different') ?? []), ...take(free, versionOf), ...takeCopies(old, free.now)];
  const moved = [...take(free, ({ version }) => version && lineOf(version)), ...takeInOrder(free)];
  const unknown = Map.groupBy(alike.get('unknown') ?? [], (pair) => isPinChanged(pair, compare));
  // Of several copies under one version, one that is gone leaves no trace as long as another is there.
  const versions = new Set(now.map(versionOf));
  const gone = [...free.old].filter((each) => !versions.has(versionOf(each)));
  return {
    changes: [
      ...same.filter(isRedirected).map((pair) => change('redirected', ...pair)),
      ...swapped.map((pair) => change('swapped', ...pair)),
      ...(unknown.get(true) ?? []).map((pair) => change('unbound', ...pair)),
      ...moved.map((pair) => change(directionOf(pair), ...pair)),
      ...[...free.now].map((each) => change('added', undefined, each)),
      ...gone.map((each) => change('removed', each, undefined)),
    ],
    unchanged: same.filter((pair) => !isRedirected(pair)).length,
    unbound: (unknown.get(false) ?? []).map(([before, after]) => ({ before, after })),
  };
}

interface Free {
  readonly old: Set<LockedArtifact>;
  readonly now: Set<LockedArtifact>;
}

/** Takes out pairs that have one key; artifacts without a key stay. */
function take(free: Free, keyOf: (artifact: LockedArtifact) => string | undefined): readonly Pair[] {
  const waiting = Map.groupBy([...free.old].reverse(), keyOf);
  return [...free.now].flatMap((after): Pair[] => {
    const key = keyOf(after);
    const before = key === undefined ? undefined : waiting.get(key)?.pop();
    if (before === undefined) return [];
    free.old.delete(before);
    free.now.delete(after);
    return [[before, after]];
  });
}

/** Further copies of a version that was there before. */
function takeCopies(old: readonly LockedArtifact[], free: Set<LockedArtifact>): readonly Pair[] {
  const first = new Map(old.toReversed().map((each) => [versionOf(each), each]));
  return [...free].flatMap((after): Pair[] => {
    const before = first.get(versionOf(after));
    if (before === undefined) return [];
    free.delete(after);
    return [[before, after]];
  });
}

/** What is left on both sides, highest version with highest. */
function takeInOrder(free: Free): readonly Pair[] {
  const [old, now] = [[...free.old].sort(byVersion), [...free.now].sort(byVersion)];
  return old.slice(0, now.length).flatMap((before, index): Pair[] => {
    const after = now[index];
    if (after === undefined) return [];
    free.old.delete(before);
    free.now.delete(after);
    return [[before, after]];
  });
}

function versionOf({ version }: LockedArtifact): string {
  return JSON.stringify(version ?? null);
}

/**
 * Version, source, place and patch, as far as the two formats write them alike: paths and named registries are spelled
 * differently, an approval has no versions of what comes from git or a URL, and patches are hashed in several ways.
 */
function baseOf(artifact: LockedArtifact, { isOneFormat: isAlike }: Comparison): string {
  const { version, source, place, patch } = artifact;
  if (isAlike) return JSON.stringify([version, source, place, patch]);
  const isVersioned = source === 'registry' || source === 'jsr';
  return JSON.stringify([isVersioned ? version : null, source, isRemote(artifact) ? place : null, patch !== undefined]);
}

function isRemote({ source }: LockedArtifact): boolean {
  return source === 'git' || source === 'tarball' || source === 'https';
}

/** Whether two artifacts come from one place, by what both formats record of it. */
export function isSameOrigin(before: LockedArtifact, after: LockedArtifact, isAlike: boolean): boolean {
  if (before.source !== after.source) return false;
  return before.place === after.place || !(isAlike || isRemote(after));
}

function bytesOf(artifact: LockedArtifact, compare: Comparison): string {
  return digestOf(artifact, compare) ?? `${artifact.pin.kind} ${artifact.pin.value}`;
}

/** A pin that is lost is a difference; one that is of another kind tells nothing without the bytes. */
function compareBytes([before, after]: Pair, compare: Comparison): 'different' | 'unknown' {
  const isKnown = digestOf(before, compare) !== undefined && digestOf(after, compare) !== undefined;
  const isLost = after.pin.kind === 'none' && before.pin.kind !== 'none' && compare.isOneManager;
  return isKnown || isLost || before.pin.kind === after.pin.kind ? 'different' : 'unknown';
}

/**
 * A version that keeps its number has no reason for another kind of pin, unless it is a better one, or Yarn packs all its
 * zips in another way.
 */
function isPinChanged([, after]: Pair, compare: Comparison): boolean {
  const isPackedAnew = !compare.isOneFormat && after.pin.kind.startsWith(ZIP);
  return compare.isOneManager && after.pin.kind !== 'sha512' && !isPackedAnew;
}

function digestOf(artifact: LockedArtifact, compare: Comparison): string | undefined {
  return artifact.pin.kind === 'sha512' ? artifact.pin.value : compare.digestOf(artifact);
}

function change(
  kind: ChangeKind,
  before: LockedArtifact | undefined,
  after: LockedArtifact | undefined,
): ArtifactChange {
  return { kind, before, after };
}

function directionOf([before, after]: Pair): ChangeKind {
  const [a, b] = [semver.parse(before.version), semver.parse(after.version)];
  if (a === null || b === null) return 'swapped';
  return semver.compareBuild(a, b) < 0 ? 'up' : 'down';
}

/** Highest first; what has no version comes last. */
function byVersion(a: LockedArtifact, b: LockedArtifact): number {
  const [x, y] = [semver.parse(a.version), semver.parse(b.version)];
  if (x === null || y === null) return Number(x === null) - Number(y === null);
  return semver.compareBuild(y, x);
}

function isRedirected(pair: Pair): boolean {
  return redirections(...pair).length > 0;
}

/** Dependencies by the same name that lead to a package of another name than before. */
export function redirections(
  before: LockedArtifact,
  after: LockedArtifact,
): readonly { readonly dependency: string; readonly before: readonly string[]; readonly after: readonly string[] }[] {
  return [...after.leadsTo].flatMap(([dependency, now]) => {
    const old = before.leadsTo.get(dependency);
    if (old === undefined || [...now].every((name) => old.has(name))) return [];
    return [{ dependency, before: [...old].sort(), after: [...now].sort() }];
  });
}
