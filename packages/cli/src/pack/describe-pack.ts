import { JsonNode, ShapeError } from '@lockseal/core';
import { PACK_FORMAT, PARTS, readAnswer, trustIn, type EvidencePack, type PackLine } from '@lockseal/registry';
import { sanitize } from '@lockseal/report';

/** What is in a pack, for people and programs. Texts are untrusted. */
export interface PackDescription {
  readonly format: string;
  /** The content address, lower-case hex. */
  readonly sha256: string;
  readonly bytes: { readonly file: number; readonly content: number };
  readonly lockseal: readonly string[];
  readonly trustedRoot: { readonly sha256: string; readonly origin: string; readonly asOf: string | undefined };
  readonly registries: readonly string[];
  /** Versions of packages with a document or attestations. */
  readonly versions: number;
  /** Lines by part, and how their questions were answered. */
  readonly parts: Readonly<Record<string, PartCounts>>;
  readonly bundles: number;
  /** Log times that the bundles name, earliest and latest; nothing of them is verified here. */
  readonly logged: { readonly from: string; readonly to: string } | undefined;
}

interface PartCounts {
  readonly lines: number;
  readonly bytes: number;
  readonly absent: number;
  readonly unavailable: number;
}

/** @throws LocksealError ERR_EVIDENCE_PACK for a line that cannot be read */
export function describePack(pack: EvidencePack): PackDescription {
  const lines = [...pack.lines.values()];
  const { sha256, origin, asOf } = trustIn(pack);
  const bundles = lines.filter(({ part }) => part === 'attestations').flatMap(bundlesIn);
  const times = bundles.flatMap(logTimesIn).toSorted((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  return {
    format: PACK_FORMAT,
    sha256: pack.sha256,
    bytes: pack.size,
    lockseal: pack.lockseal,
    trustedRoot: { sha256, origin, asOf },
    registries: lines.flatMap(({ part, key }) => (part === 'keys' ? key : [])),
    versions: new Set(lines.flatMap(({ key }) => (key.length === 3 ? [JSON.stringify(key)] : []))).size,
    parts: Object.fromEntries(PARTS.map((part) => [part, countsOf(lines.filter((line) => line.part === part))])),
    bundles: bundles.length,
    logged: first === undefined || last === undefined ? undefined : { from: toTime(first), to: toTime(last) },
  };
}

function countsOf(lines: readonly PackLine[]): PartCounts {
  const answers = lines.filter(({ part }) => part !== 'trust').map((line) => readAnswer(line).status);
  return {
    lines: lines.length,
    bytes: lines.reduce((sum, { text }) => sum + text.length + 1, 0),
    absent: answers.filter((status) => status === 'absent').length,
    unavailable: answers.filter((status) => status === 'unavailable').length,
  };
}

function bundlesIn(line: PackLine): readonly unknown[] {
  const answer = readAnswer(line);
  return answer.status === 'ok' && Array.isArray(answer.value) ? (answer.value as readonly unknown[]) : [];
}

/** Seconds since 1970. A bundle of another shape names none; whether it is a bundle at all is for verification to say. */
function logTimesIn(attestation: unknown): readonly number[] {
  try {
    const { bundle } = attestation as { readonly bundle: unknown };
    const entries = new JsonNode(bundle, '').member('verificationMaterial').member('tlogEntries').list(100);
    return entries.flatMap((entry) => entry.optional('integratedTime')?.count() ?? []);
  } catch (error) {
    if (error instanceof ShapeError) return [];
    throw error;
  }
}

function toTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

export function renderPack(description: PackDescription): string {
  const { trustedRoot: root, logged, bytes, versions } = description;
  const perVersion = versions === 0 ? '' : `, ${sizeText(bytes.file / versions)} a version`;
  const rows: readonly (readonly [string, string])[] = [
    ['digest', `sha256:${description.sha256}`],
    ['format', description.format],
    ['made by', `lockseal ${description.lockseal.join(', ')}`],
    ['size', `${sizeText(bytes.file)}, ${sizeText(bytes.content)} unpacked${perVersion}`],
    ['root', `sha256:${root.sha256}, ${root.origin}${root.asOf === undefined ? '' : ` as of ${root.asOf}`}`],
    ...description.registries.map((registry) => ['registry', registry] as const),
    ['versions', String(versions)],
    ['bundles', `${description.bundles}${logged === undefined ? '' : `, logged ${logged.from} to ${logged.to}`}`],
    ...Object.entries(description.parts).map(([part, counts]) => [part, countsText(counts)] as const),
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}  ${sanitize(text, 500)}\n`).join('');
}

function countsText({ lines, bytes, absent, unavailable }: PartCounts): string {
  const notes = [
    ...(absent === 0 ? [] : [`${absent} that there are none`]),
    ...(unavailable === 0 ? [] : [`${unavailable} that could not be had`]),
  ];
  return `${lines} ${lines === 1 ? 'line' : 'lines'}, ${sizeText(bytes)}${notes.length === 0 ? '' : `: ${notes.join(', ')}`}`;
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
