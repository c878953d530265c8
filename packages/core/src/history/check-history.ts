import { checkAttestations } from '../attestations/check-attestations.ts';
import { installScriptsOf } from '../checks/install-scripts.ts';
import { sha512FromIntegrity } from '../integrity.ts';
import type { CheckResult, Evidence } from '../model/evidence.ts';
import type {
  Baseline,
  HistoryFacts,
  HistoryVersion,
  InstallScripts,
  PackageHistory,
  PreviousVersion,
  TarballShape,
} from '../model/published.ts';
import type { EvidenceSource, Fetched, PackageVersion } from '../ports.ts';
import type { BundleVerifier } from '../sigstore/verify-bundle.ts';
import type { PublishedEntry } from '../model/lockfile.ts';
import { earlierThan, selectPrevious, type Predecessor } from './select-previous.ts';

/** Whether the histories of packages are asked for. */
export type HistoryMode = 'none' | 'all';

export interface HistoryContext {
  readonly source: EvidenceSource;
  readonly baseline: Baseline | undefined;
  readonly verifier: Fetched<BundleVerifier>;
  /** Whether the version before is looked at: not for what the baseline locks in the same version. */
  readonly examines: boolean;
  /** Whether the tarball of the version before is read too. */
  readonly readsTarballs: boolean;
  /** What the locked version itself runs when it is installed. */
  readonly installScripts: InstallScripts | undefined;
}

/** Accounts that are listed by name; more than that publish nothing that people know. */
const MAX_PUBLISHERS = 100;

/** What the package's history tells about one version, and the evidence of the version that it is compared with. */
export async function checkHistory(
  entry: PublishedEntry,
  context: HistoryContext,
): Promise<NonNullable<Evidence['history']>> {
  const asked = toPackageVersion(entry, entry.version);
  const { source, baseline, examines } = context;
  const fetched = await source.history?.(asked);
  if (fetched === undefined)
    return { status: 'unavailable', error: 'ERR_CONFIG', reason: 'this source has no history' };
  if (fetched.status !== 'ok') return fetched;
  const locked = baseline?.versions.get(entry.name) ?? [];
  const predecessor = examines ? selectPrevious(fetched.value, entry.version, locked) : undefined;
  const previous = predecessor === undefined ? undefined : await examine(entry, predecessor, context);
  return { status: 'verified', ...summarise(fetched.value, entry.version, predecessor), previous };
}

function summarise(
  history: PackageHistory,
  version: string,
  predecessor: Predecessor | undefined,
): Omit<HistoryFacts, 'previous'> {
  const earlier = earlierThan(history, version);
  const current = history.versions.find((each) => each.version === version);
  const locked = predecessor?.relation === 'locked' ? earlier.indexOf(predecessor.version) : -1;
  const known = locked < 0 ? earlier : earlier.slice(0, locked + 1);
  const since = locked < 0 ? earlier.slice(-1) : earlier.slice(locked);
  const publishers = new Set(known.flatMap(({ publisher }) => (publisher === undefined ? [] : [publisher])));
  return {
    publishedAt: current?.publishedAt,
    firstPublishedAt: history.versions[0]?.publishedAt,
    silence: longestSilence([...since, ...(current === undefined ? [] : [current])]),
    earlierVersions: earlier.length,
    earlierPublishers: [...publishers].slice(-MAX_PUBLISHERS).toSorted(),
  };
}

/** Between one release and the next; versions whose time is not known are passed over. */
function longestSilence(versions: readonly HistoryVersion[]): HistoryFacts['silence'] {
  const times = versions.flatMap(({ publishedAt }) => publishedAt ?? []);
  const silences = times.slice(1).map((to, index) => ({ from: times[index] ?? to, to }));
  const lengthOf = ({ from, to }: { from: string; to: string }): number => Date.parse(to) - Date.parse(from);
  return silences.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
}

async function examine(
  entry: PublishedEntry,
  { relation, version: of }: Predecessor,
  context: HistoryContext,
): Promise<PreviousVersion> {
  const { version, publishedAt, publisher } = of;
  const isCompared = relation === 'locked' || (context.installScripts?.names.length ?? 0) > 0;
  const asked = toPackageVersion(entry, version);
  const document = isCompared ? await context.source.versionDocument(asked) : undefined;
  const known = document?.status === 'ok' ? document.value : undefined;
  return {
    version,
    relation,
    publishedAt,
    publisher,
    provenance: await provenanceOf(asked, of, context),
    installScripts: known && installScriptsOf(known.manifest, { proof: 'registry', hasBindingGyp: false }),
    contents:
      relation === 'locked' && context.readsTarballs
        ? await shapeOf(entry, version, known?.dist.tarball, context)
        : undefined,
  };
}

/** The earlier version's provenance must verify as any other does; that the registry announces one is no evidence. */
async function provenanceOf(
  asked: PackageVersion,
  { announcesProvenance, integrity }: Predecessor['version'],
  { source, verifier }: HistoryContext,
): Promise<PreviousVersion['provenance']> {
  if (!announcesProvenance) return { status: 'absent', reason: 'the registry announces none' };
  const sha512 = sha512FromIntegrity(integrity ?? '');
  if (sha512 === undefined) return notApplicable('the registry gives no sha512 for it');
  if (verifier.status !== 'ok') return verifier;
  const attestations = await source.attestations(asked);
  if (attestations.status !== 'ok') return attestations;
  return checkAttestations(attestations.value, asked, sha512, verifier.value).provenance;
}

function notApplicable(reason: string): CheckResult<never> {
  return { status: 'not-applicable', reason };
}

async function shapeOf(
  entry: PublishedEntry,
  version: string,
  url: string | undefined,
  { source }: HistoryContext,
): Promise<TarballShape | undefined> {
  const pin = { kind: 'none' } as const;
  const fetched = await source.tarball({ entry: { ...entry, version, pin }, url, yarnCacheKeys: [] });
  if (fetched.status !== 'ok') return undefined;
  const { files, unpackedSize } = fetched.value;
  return { files, unpackedSize };
}

function toPackageVersion({ name, source }: PublishedEntry, version: string): PackageVersion {
  return { name, version, namedRegistry: source.namedRegistry };
}
