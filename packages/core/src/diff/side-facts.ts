import type { ErrorCode } from '../errors.ts';
import { GRADES, type CheckName, type Evidence, type Grade } from '../model/evidence.ts';
import type { Identity } from '../model/identity.ts';
import type { EntryId, LockedPackage } from '../model/lockfile.ts';
import type { Position } from '../model/position.ts';
import type { HistoryVersion, InstallScripts, PackageHistory, TarballShape } from '../model/published.ts';
import type { Fetched } from '../ports.ts';
import { toSpec } from '../package-id.ts';
import type { LockedArtifact } from './locked-state.ts';

/** What is known of one side of a change; what is undefined is not known, never "none". Texts are untrusted. */
export interface SideFacts {
  /** `name@version`. */
  readonly spec: string;
  readonly version: string | undefined;
  readonly source: string;
  readonly grade: Grade | undefined;
  /** Why this grade and no better. */
  readonly reason: string | undefined;
  /** Who built it, by verified provenance. */
  readonly builder: Builder | undefined;
  /** Account that published it; the registry's word, as all below but what was read from the tarball. */
  readonly publisher: string | undefined;
  readonly publishedAt: string | undefined;
  /** When the first version of the package was published. */
  readonly firstPublishedAt: string | undefined;
  /** Accounts that published earlier versions; undefined: no history was had. */
  readonly earlierPublishers: readonly string[] | undefined;
  readonly deprecated: string | undefined;
  readonly installScripts: InstallScripts | undefined;
  readonly contents: TarballShape | undefined;
  readonly position: Position | undefined;
  /** The first check that could not be made; undefined: all were. */
  readonly undecided: UndecidedCheck | undefined;
}

/** An identity in as much as an approval keeps of it; from provenance the rest is known as well. */
export type Builder = { readonly issuer: string } & {
  readonly [Field in 'repository' | 'repositoryId' | 'ownerId' | 'workflow' | 'ref' | 'trigger' | 'runnerEnvironment']:
    | Identity[Field]
    | undefined;
};

export interface UndecidedCheck {
  readonly check: CheckName;
  readonly error: ErrorCode;
  readonly reason: string;
}

/** What a side knows before anything is found out. */
export function bareFacts({ name, version, source }: LockedArtifact): SideFacts {
  return {
    spec: toSpec(name, version),
    version,
    source,
    grade: undefined,
    reason: undefined,
    builder: undefined,
    publisher: undefined,
    publishedAt: undefined,
    firstPublishedAt: undefined,
    earlierPublishers: undefined,
    deprecated: undefined,
    installScripts: undefined,
    contents: undefined,
    position: undefined,
    undecided: undefined,
  };
}

/** What was found out about a side's entries. Where several are one artifact, the weakest grade counts. */
export interface Findable {
  readonly evidence: ReadonlyMap<EntryId, Evidence>;
  readonly entries: ReadonlyMap<EntryId, LockedPackage>;
  readonly historyOf: (name: string) => Fetched<PackageHistory> | undefined;
}

export function factsOf(artifact: LockedArtifact, known: Findable): SideFacts {
  const all = artifact.entries.flatMap((id) => known.evidence.get(id) ?? []);
  const weakest = all.toSorted((a, b) => GRADES.indexOf(b.grade) - GRADES.indexOf(a.grade))[0];
  const [first = ''] = artifact.entries;
  const position = known.entries.get(weakest?.entry ?? first)?.position;
  const bare = { ...bareFacts(artifact), position };
  if (weakest === undefined) return bare;
  const { grade, reason, checks, published, installScripts, contents } = weakest;
  return {
    ...bare,
    grade,
    reason,
    builder: checks.provenance.status === 'verified' ? checks.provenance.identity : undefined,
    publisher: published?.publisher,
    publishedAt: published?.publishedAt,
    deprecated: published?.deprecated,
    installScripts,
    contents,
    undecided: undecidedOf(weakest),
    ...toldByHistory(artifact, known.historyOf(artifact.name)),
  };
}

/** In the order in which checks build on each other. A check that another one makes needless is left out. */
const DECIDING: readonly CheckName[] = ['registry', 'signature', 'publishAttestation', 'provenance', 'tarball'];

function undecidedOf({ checks, grade }: Evidence): UndecidedCheck | undefined {
  if (grade === 'contradicted') return undefined;
  for (const check of DECIDING) {
    const result = checks[check];
    if (result.status === 'unavailable') return { check, error: result.error, reason: result.reason };
  }
  return undefined;
}

function toldByHistory({ version }: LockedArtifact, history: Fetched<PackageHistory> | undefined): Partial<SideFacts> {
  if (history?.status !== 'ok') return {};
  const { versions } = history.value;
  const index = versions.findIndex((each) => each.version === version);
  const own: HistoryVersion | undefined = versions[index];
  const earlier = versions.slice(0, Math.max(index, 0)).flatMap(({ publisher }) => publisher ?? []);
  return {
    ...(own?.publishedAt === undefined ? {} : { publishedAt: own.publishedAt }),
    ...(own?.publisher === undefined ? {} : { publisher: own.publisher }),
    firstPublishedAt: versions.find(({ publishedAt }) => publishedAt !== undefined)?.publishedAt,
    earlierPublishers: [...new Set(earlier)],
  };
}
