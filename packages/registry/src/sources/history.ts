import type { JSONParser } from '@streamparser/json';
import type { HistoryVersion, PackageHistory } from '@lockseal/core';
import { arrayOf, invalid, objectOf, parseJson, type Members } from './json.ts';

/** More versions than that no package has; the largest have some ten thousand. */
const MAX_VERSIONS = 100_000;
/** Longest text that is kept: a version, a time, a name or an integrity. */
const MAX_TEXT = 1024;

type Row = readonly [
  version: string,
  at?: string | null,
  publisher?: string | null,
  proven?: boolean,
  sri?: string | null,
];

/**
 * Boils a packument down to what its history tells, while it streams: one version is held at a time, since packuments
 * reach tens of megabytes. The result is a JSON list of rows, small enough to cache.
 * @throws LocksealError ERR_RESPONSE_INVALID
 */
export async function boilHistory(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const versions = new Map<string, Row>();
  const times = new Map<string, string>();
  const { JSONParser } = await import('@streamparser/json');
  const parser = new JSONParser({ paths: ['$.versions.*', '$.time.*'], keepStack: false });
  parser.onValue = ({ value, key, stack }) => {
    const [, table] = stack.map((level) => level.key);
    if (typeof key !== 'string') return;
    if (table === 'time') {
      if (typeof value === 'string' && value.length <= MAX_TEXT) times.set(key, value);
    } else versions.set(key, rowOf(key, value));
    if (versions.size > MAX_VERSIONS) throw invalid('the packument', `lists over ${MAX_VERSIONS} versions`);
  };
  for await (const chunk of body) writeTo(parser, chunk);
  if (!parser.isEnded) throw invalid('the packument', 'is not a JSON object');
  const rows = [...versions.values()].map(([version, , ...rest]) => [version, times.get(version) ?? null, ...rest]);
  return Buffer.from(JSON.stringify(rows));
}

function writeTo(parser: JSONParser, chunk: Uint8Array): void {
  try {
    parser.write(chunk);
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'LocksealError') throw thrown;
    throw invalid('the packument', 'is not JSON');
  }
}

function rowOf(version: string, document: unknown): Row {
  const members = membersOf(document);
  const dist = membersOf(members.get('dist'));
  const provenance = membersOf(dist.get('attestations')).get('provenance');
  const publisher = membersOf(members.get('_npmUser')).get('name');
  return [version, null, shortText(publisher), provenance !== undefined, shortText(dist.get('integrity'))];
}

/** Old documents have members of many shapes, and nothing here is more than the registry's word: no object, no members. */
function membersOf(value: unknown): Members {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? objectOf(value, 'a version') : new Map();
}

function shortText(value: unknown): string | null {
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : null;
}

/** What `boilHistory` left, oldest first; versions without a usable time come before all others, in the order listed. */
export function parseHistory(bytes: Uint8Array): PackageHistory {
  const rows = arrayOf(parseJson(bytes, 'the history'), 'the history');
  const versions = rows.map((row) => toVersion(arrayOf(row, 'a row of the history')));
  return { versions: versions.toSorted((a, b) => timeOf(a) - timeOf(b)) };
}

function toVersion([version, at, publisher, proven, integrity]: readonly unknown[]): HistoryVersion {
  const publishedAt = typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? new Date(at).toISOString() : undefined;
  return {
    version: String(version),
    publishedAt,
    publisher: typeof publisher === 'string' ? publisher : undefined,
    announcesProvenance: proven === true,
    integrity: typeof integrity === 'string' ? integrity : undefined,
  };
}

function timeOf({ publishedAt }: HistoryVersion): number {
  return publishedAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(publishedAt);
}
