import { checkGraph } from './edges/check-graph.ts';
import { checkManifestEdges } from './edges/check-manifest-edges.ts';
import { edgeContext } from './edges/context.ts';
import { reachOf } from './edges/reach.ts';
import { checkHistory, type HistoryMode } from './history/check-history.ts';
import { assembleEvidence } from './assemble-evidence.ts';
import { separateCovered, type Covered } from './artifacts/carried.ts';
import { groupArtifacts } from './artifacts/group.ts';
import { LocksealError } from './errors.ts';
import { mapBounded } from './map-bounded.ts';
import { registryFor } from './checks/tarball-url.ts';
import {
  GRADES,
  type Evidence,
  type Grade,
  type Observation,
  type TrustSummary,
  type Verification,
} from './model/evidence.ts';
import type { EntryClass, EntryId, LockedPackage, Lockfile, PublishedEntry } from './model/lockfile.ts';
import type { Project } from './model/project.ts';
import type { Baseline, Change, Reach } from './model/published.ts';
import { packageSet, packageSetFacts } from './package-set.ts';
import type { Clock, EvidenceSource, RegistryKey, RegistryMap, TarballMode, VerdictStore } from './ports.ts';
import type { JudgePool } from './judge-evidence.ts';
import { createKeyDecoder } from './registry-signature.ts';
import { openSettled, type SettledFacts } from './settled-facts.ts';
import { createTextSharing } from './share-texts.ts';
import { createVerifiers } from './sigstore/create-verifiers.ts';
import type { TrustedRootMaterial } from './sigstore/trusted-root.ts';
import { verifyPackage, type PackageContext, type PackageFacts } from './verify-package.ts';

export interface VerifyInput {
  /** As read, with its importers bound to the project (`bindProject`). */
  readonly lockfile: Lockfile;
  /** undefined: only the lockfile is here; root edges and overrides cannot be checked (an observation says so). */
  readonly project: Project | undefined;
  readonly registries: RegistryMap;
  readonly source: EvidenceSource;
  readonly trustedRoot: TrustedRootMaterial;
  readonly trust: TrustSummary['root'];
  readonly clock: Clock;
  readonly tarballs: TarballMode;
  /** Packages under way at once. */
  readonly concurrency: number;
  /** An earlier state to compare with. */
  readonly baseline?: Baseline | undefined;
  /** Default: `none`; rules about age and about changes need `all`. */
  readonly history?: HistoryMode | undefined;
  /**
   * `changed`: of every package that the baseline has in another version both tarballs are read and compared, unless
   * `tarballs` is `none`. Default: `none`.
   */
  readonly contents?: 'none' | 'changed' | undefined;
  /** What a valid approval covers is not looked at again; its edges, pins and URLs are. Default: look at everything. */
  readonly covered?: Covered | undefined;
  /** Verdicts of earlier runs, which need not be reached again; undefined: everything is verified. */
  readonly verdicts?: VerdictStore | undefined;
  /** Other threads that judge, with trust of the same root; undefined: everything is judged on this one. */
  readonly judges?: JudgePool | undefined;
  /** Called after each artifact that is looked at. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Proves what can be proved of every entry of a lockfile and every edge between them: facts, no opinion.
 * Bad evidence is an observation and evidence that cannot be had is a reason: one bad answer never ends the run.
 * @throws LocksealError ERR_INTERNAL if an entry would be left without a class or without evidence
 */
export async function verifyLockfile(input: VerifyInput): Promise<Verification> {
  const { lockfile, project } = input;
  const { evidence, observations, artifacts, keys } = await findEvidence(input);
  const set = packageSet(lockfile, sha512ByEntry(evidence), packageSetFacts(input.registries, project));
  return {
    lockfile: {
      path: lockfile.path,
      format: lockfile.format,
      formatVersion: lockfile.formatVersion,
      sha256: lockfile.bytes.sha256,
      sha512: lockfile.bytes.sha512,
    },
    counts: count(lockfile, evidence, artifacts),
    packageSet: { sha256: set.sha256, packages: set.document.packages.length },
    trust: { root: input.trust, keys },
    evidence,
    observations,
    ...(input.baseline === undefined ? {} : { baseline: { origin: input.baseline.origin } }),
    verifiedAt: new Date(input.clock.now()).toISOString(),
  };
}

interface FoundEvidence extends Pick<Verification, 'evidence' | 'observations'> {
  readonly artifacts: number;
  readonly keys: TrustSummary['keys'];
}

/** Everything about every entry. Facts are let go here: manifests are needed for no longer than edges are looked at. */
async function findEvidence(input: VerifyInput): Promise<FoundEvidence> {
  const { lockfile, project } = input;
  const reach = reachOf(lockfile);
  const facts = await gatherFacts(input, reach);
  const structure = groupByEntry([...lockfile.observations, ...checkGraph(lockfile, project)]);
  const context = edgeContext(lockfile, project);
  const evidence = assembleEvidence({
    lockfile,
    facts,
    structure: structure.byEntry,
    reachOf: reach,
    changeOf: (entry) => changeOf(entry, input.baseline),
    checkEdges: (entry, { manifest, hasBindingGyp }) => checkManifestEdges(entry, manifest, context, hasBindingGyp),
  });
  const keys = summariseKeys(facts, input.registries);
  return { evidence, observations: structure.ofLockfile, artifacts: facts.artifacts, keys };
}

/** Facts of each artifact (one name, version, source and pin), found by any of its entries. */
interface GatheredFacts {
  readonly artifacts: number;
  readonly byEntry: ReadonlyMap<EntryId, PackageFacts>;
}

async function gatherFacts(input: VerifyInput, reach: (entry: EntryId) => Reach): Promise<GatheredFacts> {
  const groups = groupArtifacts(input.lockfile.entries);
  const { carried, open } = separateCovered(groups, input, reach);
  const verifierFor = createVerifiers(input.trustedRoot);
  let done = 0;
  const context = {
    ...input,
    left: () => open.length - done,
    format: input.lockfile.format,
    verifierFor,
    decodeKey: createKeyDecoder(),
    verdicts: input.verdicts && { store: input.verdicts, trustedRoot: input.trustedRoot.sha256 },
    historyOf: historyReader(input),
    keepsFiles: (entry: PublishedEntry) => comparesContents(entry, input.baseline),
  };
  const comparing = { ...context, tarballs: 'all' } as const;
  const settled = await openSettledFacts(
    input,
    open.map(([entry]) => entry),
    context.keepsFiles,
  );
  const shareTexts = createTextSharing();
  const found: (readonly [PublishedEntry, PackageFacts])[] = [];
  const gathered = await mapBounded(open, input.concurrency, async (entries) => {
    const [entry] = entries;
    const known = settled?.get(entry);
    const facts = known ?? (await verifyPackage(entry, readsContents(entry, input) ? comparing : context));
    if (known === undefined) {
      shareTexts(facts.checks);
      found.push([entry, facts]);
    }
    done += 1;
    input.onProgress?.(done, open.length);
    return facts;
  });
  input.judges?.release();
  settled?.keep(found);
  const byEntry = new Map(carried);
  for (const [index, facts] of gathered.entries()) for (const { id } of open[index] ?? []) byEntry.set(id, facts);
  return { artifacts: groups.length, byEntry };
}

/** Nothing settles about the history of a package, which grows. */
async function openSettledFacts(
  input: VerifyInput,
  entries: readonly PublishedEntry[],
  isSpecial: (entry: PublishedEntry) => boolean,
): Promise<SettledFacts | undefined> {
  const { settled } = input.source;
  if (settled === undefined || input.history === 'all') return undefined;
  const { format } = input.lockfile;
  return openSettled(settled, entries, { ...input, format, trustedRoot: input.trustedRoot.sha256, isSpecial });
}

/** What the baseline locks in the same version is not compared with anything again; its age may still count. */
function historyReader(input: VerifyInput): PackageContext['historyOf'] {
  const { source, baseline } = input;
  if (input.history !== 'all') return undefined;
  return async (entry, { verifier, installScripts }) => {
    const examines = changeOf(entry, baseline) !== 'unchanged';
    return checkHistory(entry, {
      source,
      baseline,
      verifier,
      examines,
      readsTarballs: input.tarballs === 'all' || readsContents(entry, input),
      installScripts,
    });
  };
}

/** Whether the tarballs of this version and of the one before are read to be compared, whatever else they are for. */
function readsContents(entry: PublishedEntry, { contents, tarballs, baseline }: VerifyInput): boolean {
  return contents === 'changed' && tarballs !== 'none' && changeOf(entry, baseline) === 'changed';
}

/** Only a version that the baseline has in another version has something to be compared with. */
function comparesContents(entry: PublishedEntry, baseline: Baseline | undefined): boolean {
  const change = changeOf(entry, baseline);
  return change !== undefined && change !== 'unchanged';
}

function changeOf({ name, version }: LockedPackage, baseline: Baseline | undefined): Change | undefined {
  const locked = baseline?.versions.get(name);
  if (baseline === undefined) return undefined;
  if (locked === undefined) return 'added';
  return version !== undefined && locked.includes(version) ? 'unchanged' : 'changed';
}

function groupByEntry(observations: readonly Observation[]): {
  readonly byEntry: ReadonlyMap<EntryId, readonly Observation[]>;
  readonly ofLockfile: readonly Observation[];
} {
  const byEntry = new Map<EntryId, Observation[]>();
  const ofLockfile: Observation[] = [];
  for (const observation of observations) {
    if (observation.entry === undefined) ofLockfile.push(observation);
    else byEntry.set(observation.entry, [...(byEntry.get(observation.entry) ?? []), observation]);
  }
  return { byEntry, ofLockfile };
}

function sha512ByEntry(evidence: readonly Evidence[]): (entry: LockedPackage) => string | undefined {
  const known = new Map(evidence.map(({ entry, sha512 }) => [entry, sha512]));
  return (entry) => known.get(entry.id);
}

function count(lockfile: Lockfile, evidence: readonly Evidence[], artifacts: number): Verification['counts'] {
  const classes: Partial<Record<EntryClass, number>> = {};
  const grades = Object.fromEntries(GRADES.map((grade) => [grade, 0])) as Record<Grade, number>;
  for (const { class: type, grade } of evidence) {
    classes[type] = (classes[type] ?? 0) + 1;
    grades[grade] += 1;
  }
  const counted = Object.values(classes).reduce((sum, each) => sum + each, 0);
  if (counted !== lockfile.entries.length) {
    throw new LocksealError('ERR_INTERNAL', `${lockfile.entries.length} entries went in and ${counted} came out.`);
  }
  return { entries: counted, artifacts, classes, grades };
}

function summariseKeys(facts: GatheredFacts, registries: RegistryMap): TrustSummary['keys'] {
  const byOrigin = new Map<string, { registry: string; origin: RegistryKey['origin']; keyids: Set<string> }>();
  for (const { keys, registry } of facts.byEntry.values()) {
    const base = registryFor(registries, registry.name, registry.namedRegistry) ?? registries.default;
    for (const { origin, keyid } of keys) {
      const known = byOrigin.get(`${base} ${origin}`) ?? { registry: base, origin, keyids: new Set() };
      byOrigin.set(`${base} ${origin}`, known);
      known.keyids.add(keyid);
    }
  }
  return [...byOrigin.values()].map(({ registry, origin, keyids }) => ({
    registry,
    origin,
    keyids: [...keyids].sort(),
  }));
}
