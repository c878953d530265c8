import {
  compareCode,
  type ArtifactChange,
  type CodeDelta,
  type Fetched,
  type LockedArtifact,
  type LockedPackage,
  type Pairing,
  type TarballCode,
} from '@lockseal/core';
import type { Evidence } from '../evidence/open-evidence.ts';

/** One side of a comparison, as far as its tarballs are read. */
export interface CodeSide {
  /** The first entry of an artifact; undefined: this side has no entries. */
  readonly entryOf: (artifact: LockedArtifact) => LockedPackage | undefined;
  /** Lower-case hex sha512 of its tarball, as verified. */
  readonly digestOf: (artifact: LockedArtifact) => string | undefined;
}

/** What the code of each changed package reaches for that it did not before. Nothing is run. */
export async function readCodeDeltas(
  { changes }: Pairing,
  sides: { readonly before: CodeSide; readonly after: CodeSide },
  source: Evidence['source'],
): Promise<ReadonlyMap<ArtifactChange, CodeDelta>> {
  const deltas = new Map<ArtifactChange, CodeDelta>();
  // One package at a time: parsing is work for one thread, and a tarball's code is held in memory for it.
  for (const change of changes) {
    const { kind, before, after } = change;
    if (before === undefined || after === undefined || kind === 'redirected') continue;
    const was = await codeOf(before, sides.before, source);
    const now = await codeOf(after, sides.after, source);
    deltas.set(change, compareCode(was, now));
  }
  return deltas;
}

async function codeOf(
  artifact: LockedArtifact,
  { entryOf, digestOf }: CodeSide,
  source: Evidence['source'],
): Promise<Fetched<TarballCode>> {
  const entry = entryOf(artifact);
  const digest = digestOf(artifact);
  if (entry?.version === undefined || digest === undefined || source.tarballCode === undefined) {
    return { status: 'absent', reason: 'no tarball of it can be read' };
  }
  const namedRegistry = entry.source.type === 'registry' ? entry.source.namedRegistry : undefined;
  const document = await source.versionDocument({ name: entry.name, version: entry.version, namedRegistry });
  const url = document.status === 'ok' ? document.value.dist.tarball : undefined;
  const code = await source.tarballCode({ entry, url, yarnCacheKeys: [] });
  if (code.status !== 'ok' || code.value.sha512 === digest) return code;
  return { status: 'absent', reason: 'the bytes served are not the ones that are locked' };
}
