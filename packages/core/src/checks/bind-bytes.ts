import { parseIntegrity, sha512FromIntegrity } from '../integrity.ts';
import type { Pin, PublishedEntry } from '../model/lockfile.ts';
import type { TarballExtra, TarballFacts, VersionDocument } from '../model/manifest.ts';
import type { EvidenceSource, Fetched, TarballMode } from '../ports.ts';

/** How the sha512 that evidence is held against was come by. */
export type BoundBytes = {
  /** The tarball, if it was read (or was read once and is known by its sha512). */
  readonly tarball: TarballFacts | undefined;
  /** Why reading failed, when it was asked for and did. */
  readonly failure: Extract<Fetched<TarballFacts>, { status: 'absent' | 'unavailable' }> | undefined;
} & (
  | { readonly status: 'bound'; readonly sha512: string }
  /** The bytes served are not the ones that the lockfile pins. */
  | { readonly status: 'mismatch'; readonly expected: string; readonly found: string }
  /** Nothing binds the entry to a sha512 of its tarball, and why. */
  | { readonly status: 'unbound'; readonly reason: string }
);

/**
 * The sha512 of the tarball that the lockfile pins. Most lockfiles hold it; where the pin is of something else (sha1,
 * the tar inside, Yarn's zip) the tarball is read once, the pin is computed from its bytes, and its sha512 is bound.
 */
export async function bindBytes(
  entry: PublishedEntry,
  document: Fetched<VersionDocument>,
  context: {
    readonly source: EvidenceSource;
    readonly tarballs: TarballMode;
    readonly keepsFiles?: ((entry: PublishedEntry) => boolean) | undefined;
  },
): Promise<BoundBytes> {
  const locked = lockedSha512(entry.pin);
  const isWanted =
    context.tarballs === 'all' || (context.tarballs === 'needed' && locked === undefined && entry.pin.kind !== 'none');
  if (!isWanted) {
    const tarball = locked === undefined ? undefined : await context.source.cachedTarball(locked);
    return { ...unread(entry.pin, locked), tarball, failure: undefined };
  }
  const fetched = await context.source.tarball({
    entry,
    url: document.status === 'ok' ? document.value.dist.tarball : undefined,
    yarnCacheKeys: entry.pin.kind === 'yarn-checksum' && entry.pin.cacheKey !== undefined ? [entry.pin.cacheKey] : [],
    extras: extrasFor(entry.pin, document, context.keepsFiles?.(entry) === true),
  });
  if (fetched.status !== 'ok') {
    const contradiction = contradictionOf(entry.pin, fetched);
    return { ...(contradiction ?? unread(entry.pin, locked)), tarball: undefined, failure: fetched };
  }
  return { ...compare(entry.pin, fetched.value), tarball: fetched.value, failure: undefined };
}

/** Lower-case hex sha512 of the tarball, where the pin is exactly that. */
export function lockedSha512(pin: Pin): string | undefined {
  return pin.kind === 'integrity' && pin.of === 'tarball' ? sha512FromIntegrity(pin.text) : undefined;
}

/** The hashes that something is held against, and the files where they are compared. */
function extrasFor(pin: Pin, document: Fetched<VersionDocument>, keepsFiles: boolean): readonly TarballExtra[] {
  const extras = new Set<TarballExtra>(keepsFiles ? ['list'] : []);
  if (pin.kind === 'integrity' && pin.of === 'tar') extras.add('tarSha512');
  const pinned = pin.kind === 'integrity' && pin.of === 'tarball' ? parseIntegrity(pin.text) : undefined;
  if (pinned?.kind === 'weak' && pinned.algorithm === 'sha1') extras.add('sha1');
  // An old publication of which the registry knows no sha512.
  const isOld = document.status === 'ok' && sha512FromIntegrity(document.value.dist.integrity ?? '') === undefined;
  if (isOld) extras.add('sha1');
  return [...extras];
}

type Binding =
  | { readonly status: 'bound'; readonly sha512: string }
  | { readonly status: 'mismatch'; readonly expected: string; readonly found: string }
  | { readonly status: 'unbound'; readonly reason: string };

function unread(pin: Pin, locked: string | undefined): Binding {
  if (locked !== undefined) return { status: 'bound', sha512: locked };
  if (pin.kind === 'none') return { status: 'unbound', reason: 'the lockfile pins nothing' };
  return {
    status: 'unbound',
    reason: `the lockfile pins ${describePin(pin)}; only the tarball's bytes tell its sha512`,
  };
}

/** The pin, computed from the bytes that were read, against the pin as locked. */
function compare(pin: Pin, tarball: TarballFacts): Binding {
  const { sha512 } = tarball;
  switch (pin.kind) {
    case 'none':
      return { status: 'unbound', reason: 'the lockfile pins nothing' };
    case 'yarn-checksum': {
      const rebuilt = pin.cacheKey === undefined ? undefined : tarball.yarnZip.get(pin.cacheKey);
      if (rebuilt === undefined)
        return {
          status: 'unbound',
          reason: `Yarn's zip for cache key ${pin.cacheKey ?? '(none)'} cannot be rebuilt here`,
        };
      return rebuilt === pin.sha512
        ? { status: 'bound', sha512 }
        : { status: 'mismatch', expected: pin.sha512, found: rebuilt };
    }
    case 'sha256':
      return { status: 'unbound', reason: 'the lockfile pins a sha256 of something other than the tarball' };
    case 'integrity': {
      const parsed = parseIntegrity(pin.text);
      if (parsed.kind !== 'ok' && parsed.kind !== 'weak')
        return { status: 'unbound', reason: `the integrity hash is ${parsed.kind}` };
      const found = digestOf(tarball, pin.of, parsed.algorithm);
      if (found === undefined) return { status: 'unbound', reason: `${parsed.algorithm} pins are not compared` };
      return found === parsed.hex ? { status: 'bound', sha512 } : { status: 'mismatch', expected: parsed.hex, found };
    }
  }
}

/** Bytes that are no package archive, and not those that are locked either. */
function contradictionOf(pin: Pin, failed: NonNullable<BoundBytes['failure']>): Binding | undefined {
  if (failed.status !== 'unavailable' || failed.digests === undefined) return undefined;
  if (pin.kind !== 'integrity' || pin.of !== 'tarball') return undefined;
  const parsed = parseIntegrity(pin.text);
  if (parsed.kind !== 'ok' && parsed.kind !== 'weak') return undefined;
  const found = new Map(Object.entries(failed.digests)).get(parsed.algorithm);
  return found === undefined || found === parsed.hex ? undefined : { status: 'mismatch', expected: parsed.hex, found };
}

function digestOf(tarball: TarballFacts, of: 'tarball' | 'tar', algorithm: string): string | undefined {
  if (of === 'tar') return algorithm === 'sha512' ? tarball.tarSha512 : undefined;
  if (algorithm === 'sha512') return tarball.sha512;
  return algorithm === 'sha1' ? tarball.sha1 : undefined;
}

function describePin(pin: Pin): string {
  switch (pin.kind) {
    case 'none':
      return 'nothing';
    case 'sha256':
      return 'a sha256';
    case 'yarn-checksum':
      return "a hash of Yarn's own zip";
    case 'integrity':
      return pin.of === 'tar' ? 'a hash of the tar inside' : 'no single sha512';
  }
}
