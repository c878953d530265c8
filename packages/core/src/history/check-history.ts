import { checkAttestations } from '../attestations/check-attestations.ts';
import { installScriptsOf } from '../checks/install-scripts.ts';
import { shapeOf } from '../checks/tarball-contents.ts';
import { sha512FromIntegrity } from '../integrity.ts';
import type { CheckResult, Evidence } from '../model/evidence.ts';
import type {
  Baseline,
  HistoryFacts,
  HistoryVersion,
  InstallScripts,
  PackageHistory,
  PreviousVersion,
} from '../model/published.ts';
import type { Manifest, TarballFacts } from '../model/manifest.ts';
import type { EvidenceSource, PackageVersion } from '../ports.ts';
import type { BundleVerifier } from '../sigstore/verify-bundle.ts';
import type { Pin, PublishedEntry } from '../model/lockfile.ts';
import { earlierThan, selectPrevious, type Predecessor } from './select-previous.ts';

/** Whether the histories of packages are asked for. */
export type HistoryMode = 'none' | 'all';

export interface HistoryContext {
  readonly source: EvidenceSource;
  readonly baseline: Baseline | undefined;
  readonly verifier: BundleVerifier;
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
  const isRead = relation === 'locked' && context.readsTarballs;
  const tarball = isRead ? await tarballOf(entry, of, known?.dist.tarball, context) : undefined;
  return {
    version,
    relation,
    publishedAt,
    publisher,
    provenance: await provenanceOf(asked, of, context),
    installScripts: scriptsOf(tarball, known?.manifest),
    contents: tarball && shapeOf(tarball),
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
  const attestations = await source.attestations(asked);
  if (attestations.status !== 'ok') return attestations;
  return checkAttestations(attestations.value, asked, sha512, verifier).provenance;
}

function notApplicable(reason: string): CheckResult<never> {
  return { status: 'not-applicable', reason };
}

/** The tarball that the registry says it is; nothing pins it here, so what it says is the registry's word. */
async function tarballOf(
  entry: PublishedEntry,
  { version, integrity }: HistoryVersion,
  url: string | undefined,
  { source }: HistoryContext,
): Promise<TarballFacts | undefined> {
  const sha512 = sha512FromIntegrity(integrity ?? '');
  const pin: Pin =
    sha512 === undefined ? { kind: 'none' } : { kind: 'integrity', text: integrity ?? '', of: 'tarball' };
  const fetched = await source.tarball({ entry: { ...entry, version, pin }, url, yarnCacheKeys: [], extras: ['list'] });
  if (fetched.status !== 'ok') return undefined;
  return sha512 === undefined || fetched.value.sha512 === sha512 ? fetched.value : undefined;
}

/** The registry makes a script of a binding.gyp; a tarball that was read tells by itself. */
function scriptsOf(tarball: TarballFacts | undefined, told: Manifest | undefined): InstallScripts | undefined {
  if (tarball !== undefined) {
    return installScriptsOf(tarball.manifest, { proof: 'registry', hasBindingGyp: tarball.hasBindingGyp });
  }
  return told && installScriptsOf(told, { proof: 'registry', hasBindingGyp: false });
}

function toPackageVersion({ name, source }: PublishedEntry, version: string): PackageVersion {
  return { name, version, namedRegistry: source.namedRegistry };
}
