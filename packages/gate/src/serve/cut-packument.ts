import type { ApprovedArtifact } from '../artifact.ts';

type Table = Readonly<Record<string, unknown>>;

/** A registry's document on a package, cut to what may be installed. */
export interface CutPackument {
  readonly name: string;
  /** Version -> its manifest, as the registry has it. */
  readonly versions: ReadonlyMap<string, Cut>;
  /** Tag -> one of the versions. */
  readonly tags: ReadonlyMap<string, string>;
  readonly time: ReadonlyMap<string, string>;
}

interface Cut {
  readonly manifest: Table;
  readonly artifact: ApprovedArtifact;
}

/**
 * Keeps of a packument the locked versions, with times and tags of those versions. What else a registry says of a
 * package is of no use to an install. The manifests are the registry's word: nobody has signed them, and frozen installs
 * go by the lockfile.
 * @returns undefined where the document is no packument of this package, or lists none of the versions
 */
export function cutPackument(
  document: unknown,
  name: string,
  locked: ReadonlyMap<string, ApprovedArtifact>,
): CutPackument | undefined {
  const packument = tableOf(document);
  if (packument === undefined || packument['name'] !== name) return undefined;
  const listed = tableOf(packument['versions']) ?? {};
  const versions = new Map<string, Cut>();
  for (const [version, artifact] of locked) {
    const manifest = Object.hasOwn(listed, version) ? tableOf(listed[version]) : undefined;
    if (manifest?.['name'] === name && manifest['version'] === version) versions.set(version, { manifest, artifact });
  }
  if (versions.size === 0) return undefined;
  const time = timesOf(packument, versions);
  return { name, versions, time, tags: tagsOf(packument, versions, time) };
}

/** As JSON. @param urlOf where the client is to ask for a tarball */
export function renderPackument(cut: CutPackument, urlOf: (artifact: ApprovedArtifact) => string): string {
  const versions = [...cut.versions].map(([version, each]) => [version, withDist(each, urlOf(each.artifact))] as const);
  return JSON.stringify({
    _id: cut.name,
    name: cut.name,
    'dist-tags': Object.fromEntries(cut.tags),
    versions: Object.fromEntries(versions),
    time: Object.fromEntries(cut.time),
  });
}

/** The document of one version, or of the one that a tag means; undefined: there is none. */
export function renderVersion(
  cut: CutPackument,
  versionOrTag: string,
  urlOf: (artifact: ApprovedArtifact) => string,
): string | undefined {
  const found = cut.versions.get(versionOrTag) ?? cut.versions.get(cut.tags.get(versionOrTag) ?? '');
  return found && JSON.stringify(withDist(found, urlOf(found.artifact)));
}

function withDist({ manifest, artifact: { sha512 } }: Cut, tarball: string): Table {
  const dist = tableOf(manifest['dist']) ?? {};
  const integrity = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;
  // Signatures and the sha1 are of the bytes that the registry means.
  const rest = dist['integrity'] === integrity ? dist : {};
  return { ...manifest, dist: { ...rest, integrity, tarball } };
}

/** Of the locked versions, and when the first and the last of them came; an install by age needs no more. */
function timesOf(packument: Table, versions: ReadonlyMap<string, Cut>): ReadonlyMap<string, string> {
  const time = tableOf(packument['time']) ?? {};
  const own = [...versions.keys()].flatMap((version): [string, string][] => {
    const at = Object.hasOwn(time, version) ? time[version] : undefined;
    return typeof at === 'string' ? [[version, at]] : [];
  });
  const sorted = own.map(([, at]) => at).toSorted();
  const [created, modified] = [sorted[0], sorted.at(-1)];
  if (created === undefined || modified === undefined) return new Map();
  return new Map([['created', created], ['modified', modified], ...own]);
}

/** The registry's tags on locked versions. `latest`, which clients count on, is the youngest of them otherwise. */
function tagsOf(
  packument: Table,
  versions: ReadonlyMap<string, Cut>,
  time: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const [tag, version] of Object.entries(tableOf(packument['dist-tags']) ?? {})) {
    if (typeof version === 'string' && versions.has(version)) tags.set(tag, version);
  }
  const byAge = [...versions.keys()].toSorted((a, b) => ((time.get(a) ?? '') < (time.get(b) ?? '') ? -1 : 1));
  const youngest = byAge.at(-1);
  if (!tags.has('latest') && youngest !== undefined) tags.set('latest', youngest);
  return tags;
}

function tableOf(value: unknown): Table | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : undefined;
}
