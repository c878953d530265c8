import { hash } from 'node:crypto';
import { lockedSha512 } from './checks/bind-bytes.ts';
import { registryFor } from './checks/tarball-url.ts';
import type { LockfileFormat, PublishedEntry } from './model/lockfile.ts';
import type { EvidenceSource, FactsStore, PackageVersion, RegistryMap, TarballMode } from './ports.ts';
import { VERIFIER } from './verifier.ts';
import { toPackageVersion, type PackageFacts } from './verify-package.ts';

/** Raised with every change of what `verifyPackage` tells: facts of another edition do not stand. */
const EDITION = 1;

export interface SettlingContext {
  readonly source: EvidenceSource;
  readonly registries: RegistryMap;
  readonly format: LockfileFormat;
  readonly tarballs: TarballMode;
  /** Lower-case hex sha256 of the trusted root. */
  readonly trustedRoot: string;
  /** Entries of which more is asked than what settles. */
  readonly isSpecial: (entry: PublishedEntry) => boolean;
}

/** Facts that nobody need find again. */
export interface SettledFacts {
  get(entry: PublishedEntry): PackageFacts | undefined;
  /** Called with all facts of this run. */
  keep(found: readonly (readonly [entry: PublishedEntry, facts: PackageFacts])[]): void;
}

/**
 * Opens what the last run over this project has settled, under the keys that count now; undefined where keys cannot be
 * had. The store vouches for the answers, and the name for everything else that `verifyPackage` follows: so only k of n
 * packages are looked at where k have changed.
 */
export async function openSettled(
  store: FactsStore,
  entries: readonly PublishedEntry[],
  context: SettlingContext,
): Promise<SettledFacts | undefined> {
  const name = await nameOf(entries, context);
  if (name === undefined) return undefined;
  const known = store.get(name);
  const isOpen = (entry: PublishedEntry): boolean => lockedSha512(entry.pin) === undefined || context.isSpecial(entry);
  const settled = new Map<string, PackageFacts>();
  let isComplete = true;
  return {
    get(entry) {
      const key = isOpen(entry) ? undefined : keyOf(entry);
      const facts = key === undefined ? undefined : (known?.get(key) as PackageFacts | undefined);
      if (key !== undefined && facts !== undefined) settled.set(key, facts);
      return facts;
    },
    keep(found) {
      for (const [entry, facts] of found) {
        if (isOpen(entry) || !isSettled(facts)) continue;
        isComplete = false;
        settled.set(keyOf(entry), facts);
      }
      if (!isComplete) store.put(name, settled);
    },
  };
}

/** Everything that facts follow from beside the entry and the answers, as a digest. */
async function nameOf(
  entries: readonly PublishedEntry[],
  { source, registries, format, tarballs, trustedRoot }: SettlingContext,
): Promise<string | undefined> {
  const askedOf = new Map<string, PackageVersion>();
  for (const entry of entries) {
    const registry = registryFor(registries, entry.name, entry.source.namedRegistry) ?? '';
    if (!askedOf.has(registry)) askedOf.set(registry, toPackageVersion(entry));
  }
  const keys: unknown[] = [];
  for (const [registry, version] of askedOf) {
    const answer = await source.keys(version);
    if (answer.status !== 'ok') return undefined;
    keys.push([registry, answer.value]);
  }
  const { scopes, named, mirrors } = registries;
  const map = [registries.default, [...scopes], [...named], mirrors];
  return hash('sha256', JSON.stringify([EDITION, VERIFIER, trustedRoot, format, tarballs, map, keys]));
}

/** The entry, but for where in the lockfile it stands and what it depends on: its edges are looked at each time. */
function keyOf(entry: PublishedEntry): string {
  return hash('sha256', JSON.stringify({ ...entry, edges: undefined, position: undefined }), 'base64');
}

/** What speaks against a package is found anew each time; so is what could not be decided. */
function isSettled({ checks, observations, history, carried }: PackageFacts): boolean {
  const isDecided = Object.values(checks).every(({ status }) => status !== 'invalid' && status !== 'unavailable');
  return isDecided && observations.length === 0 && history === undefined && carried === undefined;
}
