import { gradeOf, type Graded } from './checks/grade.ts';
import { originText } from './artifacts/carried.ts';
import { declaredDependencies } from './artifacts/declared-dependencies.ts';
import type { CheckResult, Evidence, Observation } from './model/evidence.ts';
import type { EntryId, LockedPackage, Lockfile } from './model/lockfile.ts';
import type { Manifest } from './model/manifest.ts';
import type { Change, Reach } from './model/published.ts';
import { checkPin } from './integrity.ts';
import { lockedSha512 } from './checks/bind-bytes.ts';
import { toPurl, toSpec } from './package-id.ts';
import { shapeOf } from './checks/tarball-contents.ts';
import type { PackageFacts } from './verify-package.ts';

export interface AssemblyInput {
  readonly lockfile: Lockfile;
  readonly facts: { readonly byEntry: ReadonlyMap<EntryId, PackageFacts> };
  /** Observations about the structure of the lockfile, by entry. */
  readonly structure: ReadonlyMap<EntryId, readonly Observation[]>;
  readonly reachOf: (entry: EntryId) => Reach;
  readonly changeOf: (entry: LockedPackage) => Change | undefined;
  readonly checkEdges: (
    entry: LockedPackage,
    held: { readonly manifest: Manifest; readonly hasBindingGyp: boolean },
  ) => { readonly compared: number; readonly observations: readonly Observation[] };
}

/** Longest chain of patches and bundles that is followed; real ones have two links. */
const MAX_CARRIERS = 32;

/** One Evidence an entry, in the order of the lockfile. */
export function assembleEvidence(input: AssemblyInput): Evidence[] {
  const entries = new Map(input.lockfile.entries.map((entry) => [entry.id, entry]));
  const done = new Map<EntryId, Evidence>();
  const assemble = (entry: LockedPackage, above: readonly EntryId[]): Evidence => {
    const known = done.get(entry.id);
    if (known !== undefined) return known;
    const carrier = carrierOf(entry, entries);
    const isEndless = carrier !== undefined && (above.includes(carrier.id) || above.length >= MAX_CARRIERS);
    const carried = carrier === undefined || isEndless ? undefined : assemble(carrier, [...above, entry.id]);
    const evidence = assembleOne(entry, carried, carrier, input);
    done.set(entry.id, evidence);
    return evidence;
  };
  return input.lockfile.entries.map((entry) => assemble(entry, []));
}

/** The entry whose tarball holds this one's files: the parent that bundles it, or what a patch is applied to. */
function carrierOf(entry: LockedPackage, entries: ReadonlyMap<EntryId, LockedPackage>): LockedPackage | undefined {
  if (entry.source.type === 'bundled')
    return entry.source.parent === undefined ? undefined : entries.get(entry.source.parent);
  return entry.source.type === 'patched' ? entries.get(entry.source.inner) : undefined;
}

function assembleOne(
  entry: LockedPackage,
  carried: Evidence | undefined,
  carrier: LockedPackage | undefined,
  input: AssemblyInput,
): Evidence {
  const own = input.facts.byEntry.get(entry.id);
  const held =
    own ?? (entry.source.type === 'patched' && carrier !== undefined ? input.facts.byEntry.get(carrier.id) : undefined);
  const edges = checkEdgesOf(entry, held, input);
  const checks: Evidence['checks'] = {
    ...(own?.checks ?? uncheckedFor(entry, carrier, input.lockfile)),
    edges: edges.result,
  };
  const observations = [
    ...relabel(own?.observations ?? pinObservations(entry, input.lockfile), entry),
    ...checkBundled(entry, carrier, input),
    ...edges.observations,
    ...(input.structure.get(entry.id) ?? []),
  ];
  const graded = grade(entry, carried, checks, observations, own);
  return {
    entry: entry.id,
    purl: toPurl(entry.name, entry.version),
    class: entry.source.type,
    grade: graded.grade,
    reason: graded.reason,
    sha512: own === undefined ? lockedSha512(entry.pin) : own.sha512,
    checks,
    observations: unique(observations),
    ...toldOf(own),
    reach: input.reachOf(entry.id),
    change: input.changeOf(entry),
  };
}

function toldOf(own: PackageFacts | undefined): Partial<Evidence> {
  if (own === undefined) return {};
  const { signedDigest, published, installScripts, history, tarball, carried } = own;
  const requires = declaredDependencies(own);
  return { signedDigest, published, installScripts, history, contents: tarball && shapeOf(tarball), requires, carried };
}

/** What was found out about an artifact, said of this entry of it. */
function relabel(observations: readonly Observation[], entry: LockedPackage): Observation[] {
  return observations.map((each) => ({ ...each, entry: entry.id, position: entry.position }));
}

function checkEdgesOf(
  entry: LockedPackage,
  held: PackageFacts | undefined,
  input: AssemblyInput,
): { readonly result: Evidence['checks']['edges']; readonly observations: readonly Observation[] } {
  if (held === undefined) return { result: { status: 'not-applicable', reason: noEvidence(entry) }, observations: [] };
  if (held.manifest === undefined) {
    const { registry } = held.checks;
    const result: CheckResult<never> =
      registry.status === 'unavailable'
        ? registry
        : { status: 'not-applicable', reason: 'there is no manifest to hold them against' };
    return { result, observations: [] };
  }
  const { compared, observations } = input.checkEdges(entry, {
    manifest: held.manifest.manifest,
    hasBindingGyp: held.carried?.requires.usesGyp ?? held.tarball?.hasBindingGyp ?? false,
  });
  const [first] = observations.filter(({ code }) => code === 'edge-forged' || code === 'name-mismatch');
  if (first !== undefined) {
    const reason = `${first.dependency ?? 'a dependency'} is not what the manifest declares`;
    return { result: { status: 'invalid', code: first.code, reason }, observations };
  }
  return { result: { status: 'verified', proof: held.manifest.proof, compared }, observations };
}

/** Registry entries report their pin among their facts; others that record one report it here. */
function pinObservations(entry: LockedPackage, lockfile: Lockfile): Observation[] {
  if (!isPinExpected(entry)) return [];
  const pin = checkPin(entry.pin, lockfile.format);
  return pin.codes.map((code) => ({ code, entry: entry.id, position: entry.position, found: pin.found }));
}

/** A local tarball lies in the repository beside the lockfile, as the project's own files do; a pin that it has is compared. */
function isPinExpected(entry: LockedPackage): boolean {
  const { type } = entry.source;
  return type === 'registry' || type === 'tarball' || type === 'jsr' || type === 'https';
}

function uncheckedFor(
  entry: LockedPackage,
  carrier: LockedPackage | undefined,
  lockfile: Lockfile,
): Omit<Evidence['checks'], 'edges'> {
  const reason = carrier === undefined ? noEvidence(entry) : carriedReason(entry, carrier);
  const none = { status: 'not-applicable', reason } as const;
  const integrity = isPinExpected(entry) ? checkPin(entry.pin, lockfile.format).result : none;
  return { integrity, registry: none, signature: none, publishAttestation: none, provenance: none, tarball: none };
}

/** With the parent's tarball read, a bundled entry must really be in it. */
function checkBundled(entry: LockedPackage, carrier: LockedPackage | undefined, input: AssemblyInput): Observation[] {
  if (entry.source.type !== 'bundled' || carrier === undefined) return [];
  const tarball = input.facts.byEntry.get(carrier.id)?.tarball;
  const spec = toSpec(entry.name, entry.version);
  if (tarball === undefined || tarball.bundled.includes(spec)) return [];
  const found = `not in the tarball of ${toSpec(carrier.name, carrier.version)}`;
  return [{ code: 'false-bundle-claim', entry: entry.id, position: entry.position, expected: spec, found }];
}

/** Files that travel in another entry's tarball are as good as that tarball. */
function grade(
  entry: LockedPackage,
  carried: Evidence | undefined,
  checks: Evidence['checks'],
  observations: readonly Observation[],
  own: PackageFacts | undefined,
): Graded {
  const graded = gradeOf(checks, observations, own?.registrySigns ?? false);
  if (own?.carried !== undefined && graded.grade !== 'contradicted') {
    return { grade: own.carried.grade, reason: originText(own.carried) };
  }
  if (graded.grade === 'contradicted' || carried === undefined) {
    return own === undefined && graded.grade !== 'contradicted'
      ? { grade: 'unprovable', reason: noEvidence(entry) }
      : graded;
  }
  const how =
    entry.source.type === 'patched' ? 'patched by the project; before that' : `inside ${carried.purl}, which is`;
  return { grade: carried.grade, reason: `${how} ${carried.grade} (${carried.reason})` };
}

function carriedReason(entry: LockedPackage, carrier: LockedPackage): string {
  const spec = toSpec(carrier.name, carrier.version);
  return entry.source.type === 'patched' ? `checked as ${spec}, before the patch` : `inside the tarball of ${spec}`;
}

/** Why nothing can be had for an entry that no registry serves. */
function noEvidence(entry: LockedPackage): string {
  switch (entry.source.type) {
    case 'registry':
      return 'the entry has no version';
    case 'tarball':
      return 'a tarball from a URL: no registry signs it';
    case 'git':
      return 'a git dependency: no registry signs it';
    case 'file':
      return 'a local tarball: no registry signs it';
    case 'directory':
      return 'a local directory';
    case 'link':
      return 'a link to a local directory';
    case 'workspace':
      return 'a workspace of this project';
    case 'bundled':
      return 'bundled by a package that the lockfile does not name';
    case 'patched':
      return 'a patch of a package that is not locked';
    case 'jsr':
      return 'a JSR package: npm has no evidence for it';
    case 'https':
      return 'a module by URL: npm has no evidence for it';
    case 'runtime':
      return 'a runtime binary: npm has no evidence for it';
    case 'unknown':
      return entry.source.reason;
  }
}

/** Reader, graph and evidence may notice the same fact; it is told once. */
function unique(observations: readonly Observation[]): Observation[] {
  const seen = new Set<string>();
  return observations.filter((each) => {
    const key = JSON.stringify([each.code, each.dependency, each.expected, each.found]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
