import { toSpec } from '../package-id.ts';
import type { CodeDelta } from './compare-code.ts';
import { compareTarballs, type TarballDelta } from './compare-tarballs.ts';
import { explainByDesign, type DesignDifference } from './design-differences.ts';
import type { LockedArtifact, LockedState } from './locked-state.ts';
import { isOneFormat, isOneManager, type ArtifactChange, type ChangeKind, type Pairing } from './pair-artifacts.ts';
import { readSigns } from './read-signs.ts';
import type { SideFacts } from './side-facts.ts';
import { bySeverity, rankOf, type TrustSign } from './signs.ts';

/** What became of one package, and what changed in trust. Texts are untrusted. */
export interface PackageChange {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly before: SideFacts | undefined;
  readonly after: SideFacts | undefined;
  /** Gravest first; empty: nothing changed in trust. */
  readonly signs: readonly TrustSign[];
  /** Install scripts that differ; a text that is not known is undefined. */
  readonly scripts: readonly ScriptChange[];
  /** undefined: there is nothing to compare with. */
  readonly tarball: TarballDelta | undefined;
  /** undefined: nobody asked. */
  readonly code: CodeDelta | undefined;
  /** From an importer to it, now; before, for what is gone. */
  readonly path: readonly string[] | undefined;
  /** `name@version` of what it asks for and what was not locked before. */
  readonly brings: readonly string[];
}

export interface ScriptChange {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Two states compared: facts, no opinion. */
export interface TrustDiff {
  readonly before: StateSummary;
  readonly after: StateSummary;
  /** What changed in trust, or could not be told: gravest sign first, then by name. */
  readonly changes: readonly PackageChange[];
  /** Other versions, and nothing changed in trust. */
  readonly quiet: readonly PackageChange[];
  readonly removed: readonly PackageChange[];
  readonly unchanged: number;
  /** Where the two differ because their formats do. */
  readonly byDesign: readonly DesignDifference[];
  /** ISO 8601 from the injected clock. */
  readonly comparedAt: string;
}

export interface StateSummary {
  readonly origin: string;
  readonly format: LockedState['format'];
  /** Artifacts: one name, version, source and pin each. */
  readonly packages: number;
}

export interface CompareInput {
  readonly before: LockedState;
  readonly after: LockedState;
  /** Of these two states. */
  readonly pairing: Pairing;
  readonly factsBefore: (artifact: LockedArtifact) => SideFacts;
  readonly factsAfter: (artifact: LockedArtifact) => SideFacts;
  readonly pathTo: (artifact: LockedArtifact, side: 'before' | 'after') => readonly string[] | undefined;
  readonly codeOf?: ((change: ArtifactChange) => CodeDelta | undefined) | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What changed in trust between two states, of which the changed packages were verified. */
export function compareStates(input: CompareInput): TrustDiff {
  const { before, after, pairing, now } = input;
  const { byDesign, changes: real } = explainByDesign(pairing, before, after);
  const context = { input, names: new Set(before.artifacts.map(({ name }) => name)), news: newSpecs(real) };
  const changes = real.map((change) => describe(change, context));
  const isTold = ({ signs, after: now_, before: was }: PackageChange): boolean =>
    signs.length > 0 || now_?.undecided !== undefined || (now_ !== undefined && was?.undecided !== undefined);
  return {
    before: summaryOf(before),
    after: summaryOf(after),
    changes: changes.filter(isTold).sort(byGravity),
    quiet: changes.filter((change) => change.kind !== 'removed' && !isTold(change)),
    removed: changes.filter(({ kind }) => kind === 'removed'),
    unchanged: pairing.unchanged,
    byDesign,
    comparedAt: new Date(now).toISOString(),
  };
}

function summaryOf({ origin, format, artifacts }: LockedState): StateSummary {
  return { origin, format, packages: artifacts.length };
}

interface Context {
  readonly input: CompareInput;
  readonly names: ReadonlySet<string>;
  /** Real name -> `name@version` of what is new. */
  readonly news: ReadonlyMap<string, readonly string[]>;
}

function newSpecs(changes: readonly ArtifactChange[]): Context['news'] {
  const added = changes.flatMap(({ kind, after }) => (kind === 'added' && after !== undefined ? [after] : []));
  const groups = Map.groupBy(added, ({ name }) => name);
  return new Map([...groups].map(([name, all]) => [name, all.map(({ version }) => toSpec(name, version))]));
}

function describe(change: ArtifactChange, { input, names, news }: Context): PackageChange {
  const { kind } = change;
  const name = change.after?.name ?? change.before?.name ?? '';
  const before = change.before && input.factsBefore(change.before);
  const after = change.after && input.factsAfter(change.after);
  const isCompared = before !== undefined && after !== undefined && kind !== 'redirected';
  const tarball = isCompared ? compareTarballs(before, after) : undefined;
  const code = isCompared ? input.codeOf?.(change) : undefined;
  const asked = [...(change.after?.leadsTo.values() ?? [])].flatMap((all) => [...all]);
  return {
    kind,
    name,
    before,
    after,
    signs: readSigns({
      change,
      before,
      after,
      tarball,
      code,
      isKnownName: names.has(name),
      isOneFormat: isOneFormat(input.before, input.after),
      isOneManager: isOneManager(input.before, input.after),
      now: input.now,
    }),
    scripts: after === undefined ? [] : scriptChanges(before, after),
    tarball,
    code,
    path: pathOf(change, input),
    brings: [...new Set(asked)].sort().flatMap((each) => news.get(each) ?? []),
  };
}

function pathOf({ before, after }: ArtifactChange, { pathTo }: CompareInput): readonly string[] | undefined {
  if (after !== undefined) return pathTo(after, 'after');
  return before && pathTo(before, 'before');
}

function scriptChanges(before: SideFacts | undefined, after: SideFacts): readonly ScriptChange[] {
  const [old, now] = [textsOf(before), textsOf(after)];
  if (now === undefined || (before !== undefined && old === undefined)) return [];
  const names = [...new Set([...(old?.keys() ?? []), ...now.keys()])];
  return names
    .map((name) => ({ name, before: old?.get(name), after: now.get(name) }))
    .filter((script) => script.before !== script.after);
}

/** undefined where nobody knows; an approval keeps the names of scripts, and not their texts. */
function textsOf(side: SideFacts | undefined): ReadonlyMap<string, string> | undefined {
  const scripts = side?.installScripts;
  const texts = scripts?.texts;
  if (scripts === undefined || texts === undefined) return undefined;
  return new Map(scripts.names.map((name, index) => [name, texts[index] ?? '']));
}

function byGravity(a: PackageChange, b: PackageChange): number {
  const [x, y] = [a.signs.toSorted(bySeverity)[0], b.signs.toSorted(bySeverity)[0]];
  const byRank = (x === undefined ? Infinity : rankOf(x.sign)) - (y === undefined ? Infinity : rankOf(y.sign));
  if (byRank !== 0 && !Number.isNaN(byRank)) return byRank;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
