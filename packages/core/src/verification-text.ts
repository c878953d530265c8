import { fromTable, tableText, type Table } from './json/table.ts';
import type { CheckName, DeclaredDependencies, Evidence } from './model/evidence.ts';
import type { LockedPackage } from './model/lockfile.ts';

/** What policies and reports ask of an entry beside its evidence: not its edges, which verification has looked at. */
export type EntryOutline = Pick<
  LockedPackage,
  'id' | 'name' | 'version' | 'source' | 'pin' | 'hasInstallScript' | 'deprecated' | 'position'
>;

/** An entry, and what was found out about it. */
export interface JudgedEntry {
  readonly entry: EntryOutline;
  readonly evidence: Evidence;
}

/** Maps, which JSON has none of, as lists. */
interface RequiresJson {
  readonly maps: readonly (readonly (readonly [name: string, spec: string])[])[];
  readonly rest: Pick<DeclaredDependencies, 'optionalPeers' | 'bundleDependencies' | 'usesGyp'>;
}

type EvidenceRow = Omit<Evidence, 'requires'> & { readonly requires: RequiresJson | undefined };

interface Texts {
  readonly entries: Table;
  readonly checks: Table;
  readonly evidence: Table;
}

/** A member that is added to the model and not here does not compile. */
const ENTRY = namesOf<EntryOutline>({
  id: true,
  name: true,
  version: true,
  source: true,
  pin: true,
  hasInstallScript: true,
  deprecated: true,
  position: true,
});
const CHECKS = namesOf<Record<CheckName, unknown>>({
  integrity: true,
  registry: true,
  signature: true,
  publishAttestation: true,
  provenance: true,
  edges: true,
  tarball: true,
});
const EVIDENCE = namesOf<Omit<EvidenceRow, 'checks'>>({
  entry: true,
  purl: true,
  class: true,
  grade: true,
  reason: true,
  sha512: true,
  signedDigest: true,
  observations: true,
  published: true,
  installScripts: true,
  contents: true,
  reach: true,
  change: true,
  requires: true,
  history: true,
  carried: true,
});

function namesOf<T>(members: Readonly<Record<keyof T & string, true>>): readonly (keyof T & string)[] {
  return Object.keys(members) as (keyof T & string)[];
}

/** Entries with their evidence as text. Not for what an approval vouches for (`carried`), which holds Maps. */
export function judgedText(judged: readonly JudgedEntry[]): string {
  const evidence = judged.map((each) => each.evidence);
  const entries = judged.map(({ entry }) => entry);
  const checks = evidence.map((each) => each.checks);
  const tables: Readonly<Record<keyof Texts, string>> = {
    entries: tableText(entries, ENTRY),
    checks: tableText(checks, CHECKS),
    evidence: tableText(evidence.map(toRow), EVIDENCE),
  };
  return `{${Object.entries(tables)
    .map(([name, text]) => `"${name}":${text}`)
    .join()}}`;
}

/** What `judgedText` has written. Whoever gives it vouches that it is that. */
export function readJudged(text: string): readonly JudgedEntry[] {
  const { entries, checks, evidence } = JSON.parse(text) as Texts;
  const checked = fromTable<Evidence['checks']>(checks, CHECKS);
  const known = new Map<RequiresJson, DeclaredDependencies>();
  const rows = fromTable<Omit<EvidenceRow, 'checks'>>(evidence, EVIDENCE);
  return fromTable<EntryOutline>(entries, ENTRY).map((entry, at) => {
    const row = rows[at];
    const own = checked[at];
    if (row === undefined || own === undefined) throw new RangeError('a table is shorter than another');
    return { entry, evidence: Object.assign(row, { checks: own, requires: requiresOf(row.requires, known) }) };
  });
}

function toRow(evidence: Evidence): EvidenceRow {
  const { requires } = evidence;
  if (requires === undefined) return { ...evidence, requires };
  const { dependencies, optionalDependencies, peerDependencies, ...others } = requires;
  const maps = [dependencies, optionalDependencies, peerDependencies].map((map) => [...map]);
  return { ...evidence, requires: { maps, rest: others } };
}

function requiresOf(
  json: RequiresJson | undefined,
  known: Map<RequiresJson, DeclaredDependencies>,
): DeclaredDependencies | undefined {
  if (json === undefined) return undefined;
  const again = known.get(json);
  if (again !== undefined) return again;
  const [dependencies, optionalDependencies, peerDependencies] = json.maps.map((map) => new Map(map));
  const requires = {
    dependencies: dependencies ?? new Map(),
    optionalDependencies: optionalDependencies ?? new Map(),
    peerDependencies: peerDependencies ?? new Map(),
    ...json.rest,
  };
  known.set(json, requires);
  return requires;
}
