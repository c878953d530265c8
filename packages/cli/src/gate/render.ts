import { FINDING_CODES, type LockfileFormat } from '@lockseal/core';
import type { Refusal, ServedCounts } from '@lockseal/gate';
import { sanitize } from '@lockseal/report';
import { countOnlySigned, refusedOf } from './artifacts.ts';
import type { GoodBasis } from './basis.ts';
import type { OpenedGate } from './open.ts';

const SCHEMA = 'https://lockseal.dev/schema/gate/v1';
const MAX_TEXT = 300;
/** Entries that are named; the rest is counted. */
const MAX_NAMED = 10;

/** What there is to know about a gate that has just been opened. */
export interface Opening {
  /** As the person would write it. */
  readonly file: string;
  readonly basis: GoodBasis;
  readonly opened: OpenedGate;
  /** Of the certificate authority. */
  readonly caFile: string;
  readonly endsAt: Date;
  /** The address where it listens, where that is not this machine's own. */
  readonly exposedAt: string | undefined;
}

export function renderOpening({ file, basis, opened, caFile, endsAt, exposedAt }: Opening): string {
  const { gate, selection } = opened;
  const signed = countOnlySigned(selection);
  const by = basis.by.kind === 'approved' ? 'approved' : 'verified only: nobody has approved it';
  const rows: readonly (readonly [string, string])[] = [
    ['registry', gate.url],
    ['proxy', gate.proxyUrl],
    ['authority', caFile],
    ['until', endsAt.toISOString()],
    ['serves', `${selection.artifacts.length} artifacts${besides(selection)}`],
    ...(signed === 0 ? [] : [['signed', onlySignedText(signed)] as const]),
  ];
  const exposed =
    exposedAt === undefined ? [] : [`  allowed    it listens at ${exposedAt}: whoever has the URL can use it`];
  const refused = refusedOf(selection);
  const named = refused.slice(0, MAX_NAMED).map(({ entry, reason }) => {
    return `  refused    ${sanitize(entry, MAX_TEXT)}: ${sanitize(reason, MAX_TEXT)}`;
  });
  const more = refused.length > named.length ? [`  refused    and ${refused.length - named.length} more`] : [];
  const shown = rows.map(([label, text]) => `  ${label.padEnd(9)}  ${text}`);
  return `${[`gate open for ${sanitize(file, MAX_TEXT)} (${by})`, ...shown, ...exposed, ...named, ...more].join('\n')}\n`;
}

/** What the lockfile alone says nothing of, which a reader of `serves` would take for bound by it. */
export function onlySignedText(number: number): string {
  const what = number === 1 ? '1 package is' : `${number} packages are`;
  return `${what} bound by no hash of the lockfile: bytes are held against the sha512 that the registry signs`;
}

/** Entries that are not served, by what becomes of them. */
function besides({ standings }: OpenedGate['selection']): string {
  const count = (wanted: string): number => [...standings.values()].filter((each) => each.class === wanted).length;
  const parts = (['local', 'git', 'refused'] as const).flatMap((each) => {
    const number = count(each);
    return number === 0 ? [] : [`${number} ${each}`];
  });
  return parts.length === 0 ? '' : `; other entries: ${parts.join(', ')}`;
}

/** One line, as it occurs. */
export function renderRefusal(refusal: Refusal): string {
  const { subject, artifact, detail } = refusal;
  const level = refusal.kind === 'finding' ? refusal.level : 'undecided';
  const way = artifact?.path ?? refusal.path;
  const path = way === undefined ? '' : ` (${way.join(' > ')})`;
  const by = refusal.by === undefined ? '' : ` (asked by ${refusal.by})`;
  return `${level}  ${refusal.code}  ${sanitize(`${subject}${path}: ${detail}${by}`, MAX_TEXT * 2)}\n`;
}

export function renderClosing(refusals: readonly Refusal[], unlisted: number, served: ServedCounts): string {
  const { tarballs, fromStore, bytes } = served;
  const number = refusals.length + unlisted;
  const codes = [...new Set(refusals.flatMap((each) => (each.kind === 'finding' ? [each.code] : [])))];
  const fixes = codes.map((code) => `  ${code}: ${FINDING_CODES[code].fix}\n`);
  const what = `${tarballs} tarballs (${fromStore} from the store), ${bytes} bytes; ${number} refusals`;
  return `gate closed: ${what}\n${fixes.join('')}`;
}

/** One line a document: the first when the gate is open, the last when it is closed. */
export function renderOpeningJson({ basis, opened, caFile, endsAt }: Opening): string {
  const { gate, selection } = opened;
  const { lockfile } = basis.place;
  const format: LockfileFormat = basis.lockfile.format;
  return line({
    event: 'open',
    lockfile: { ...lockfile, format },
    basis: basis.by.kind,
    url: gate.url,
    proxyUrl: gate.proxyUrl,
    caFile,
    endsAt: endsAt.toISOString(),
    artifacts: selection.artifacts.length,
    signedDigests: countOnlySigned(selection),
    refusedEntries: refusedOf(selection),
  });
}

export function renderClosingJson(refusals: readonly Refusal[], unlisted: number, served: ServedCounts): string {
  const rows = refusals.map(({ artifact, at, path, ...rest }) => ({
    ...rest,
    at: new Date(at).toISOString(),
    purl: artifact?.purl,
    path: artifact?.path ?? path,
  }));
  return line({ event: 'closed', served, refusals: rows, unlistedRefusals: unlisted });
}

function line(document: object): string {
  return `${JSON.stringify({ schema: SCHEMA, ...document })}\n`;
}
