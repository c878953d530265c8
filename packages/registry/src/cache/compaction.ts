import { lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CacheKey } from './cache-key.ts';
import { MAX_SEGMENT, SegmentWriter, UNFINISHED } from './segment-writer.ts';
import { ROW, type Row, type Segment } from './segment.ts';

/** More small segments than that are merged. */
const MAX_SMALL = 8;
/** Bytes from which a segment is not small: to write it again would cost more than to look into it. */
const LARGE = 16 * 1024 * 1024;
const DAY = 24 * 60 * 60 * 1000;
/** After which nobody can be writing a file any more. */
const ABANDONED_MS = DAY;
/** After which a segment that another key has sealed is taken for nobody's. */
const FOREIGN_MS = 30 * DAY;

export interface CompactionRequest {
  readonly folder: string;
  readonly key: CacheKey;
  readonly segments: readonly Segment[];
  /** Bytes that all segments may have together. */
  readonly maxBytes: number;
  readonly now: number;
}

/**
 * Keeps the cache small: merges segments when there are many, and drops the oldest records when there are too many
 * bytes. Segments never change, so that no lock is needed: the merged one is there before the others go, and of two
 * processes at once each may merge the same records; one of the copies goes with the next merge.
 * @throws what the file system throws
 */
export function compact(request: CompactionRequest): void {
  const { segments, maxBytes } = request;
  removeLeftovers(request);
  const merged = toMerge(segments, maxBytes);
  if (merged.length === 0) return;
  const isFull = totalOf(segments) > maxBytes;
  writeMerged(request, merged, isFull ? maxBytes / 2 : Infinity);
  for (const { file } of merged) rmSync(file, { force: true });
}

/** All of them where they are too large together; else the small ones, where there are many. */
export function toMerge<Sized extends { readonly size: number }>(
  segments: readonly Sized[],
  maxBytes: number,
): readonly Sized[] {
  if (totalOf(segments) > maxBytes) return segments;
  const small = segments.filter(({ size }) => size < LARGE);
  return small.length > MAX_SMALL ? small : [];
}

function totalOf(segments: readonly { readonly size: number }[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0);
}

/** The newest record of each name, newest first while the budget lasts, in as many segments as that takes. */
function writeMerged({ folder, key }: CompactionRequest, segments: readonly Segment[], budget: number): void {
  let writer: SegmentWriter | undefined;
  let left = budget;
  try {
    for (const { row, segment } of newestRows(segments)) {
      left -= row.length + ROW;
      if (left < 0) break;
      const content = segment.read(row);
      if (content === undefined) continue;
      writer ??= new SegmentWriter(folder, key);
      writer.addSealed(row, content);
      if (writer.size < MAX_SEGMENT) continue;
      writer.finish();
      writer = undefined;
    }
    writer?.finish();
  } catch (error) {
    writer?.abandon();
    throw error;
  }
}

function newestRows(segments: readonly Segment[]): { readonly row: Row; readonly segment: Segment }[] {
  const newest = new Map<string, { readonly row: Row; readonly segment: Segment }>();
  for (const segment of segments) {
    for (const row of segment.rows()) {
      const key = row.key.toString('latin1');
      const known = newest.get(key);
      if (known === undefined || known.row.time < row.time) newest.set(key, { row, segment });
    }
  }
  return [...newest.values()].toSorted((a, b) => b.row.time - a.row.time);
}

/** What killed runs and other keys have left here. */
function removeLeftovers({ folder, key, now }: CompactionRequest): void {
  for (const name of readdirSync(folder)) {
    const isUnfinished = name.endsWith(UNFINISHED);
    if (!isUnfinished && name.startsWith(key.id)) continue;
    const file = path.join(folder, name);
    const age = now - (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (age > (isUnfinished ? ABANDONED_MS : FOREIGN_MS)) rmSync(file, { force: true });
  }
}
