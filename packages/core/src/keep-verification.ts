import { isPublished } from './artifacts/group.ts';
import { lockedSha512 } from './checks/bind-bytes.ts';
import { registryFor } from './checks/tarball-url.ts';
import type { Evidence } from './model/evidence.ts';
import type { LockedPackage, Lockfile } from './model/lockfile.ts';
import type { FactsStore, PackageVersion, RegistryMap } from './ports.ts';
import {
  digestOf,
  HEAD,
  nameOfVerification,
  type SettledVerification,
  type VerificationContext,
  type VerificationHead,
} from './settled-verification.ts';
import { judgedText } from './verification-text.ts';

/** Entries in one text: so many that it is worth its tables, so few that it needs no memory to speak of. */
const CHUNK = 500;

/** What `keepVerification` keeps. */
export interface KeepableVerification extends Omit<SettledVerification, 'entries'> {
  readonly lockfile: Lockfile;
  /** Text of everything that lockfile and project follow from, for the next run to compare. */
  readonly basis: string;
}

/**
 * Keeps a verification for the next run, where it would end the same: every answer is in the store, and everything could
 * be decided. What speaks against a package is found anew each time.
 */
export async function keepVerification(
  store: FactsStore,
  name: string,
  { basis, lockfile, verification, steps }: KeepableVerification,
  context: VerificationContext,
): Promise<void> {
  const { entries } = lockfile;
  const { evidence, ...rest } = verification;
  if (!entries.every(isBound) || !evidence.every(isSettled)) return;
  const asked = askedOf(entries, context.registries);
  const digest = await digestOf(context, asked);
  if (digest === undefined) return;
  const head: VerificationHead = { basis, asked, context: digest, steps, verification: rest };
  const judged = entries.flatMap((entry, at) => {
    const own = evidence[at];
    return own === undefined ? [] : [{ entry, evidence: own }];
  });
  const chunks = Array.from(
    { length: Math.ceil(judged.length / CHUNK) },
    (_, at) => [String(at), judgedText(judged.slice(at * CHUNK, (at + 1) * CHUNK))] as const,
  );
  store.put(nameOfVerification(name), new Map<string, object | string>([[HEAD, head], ...chunks]));
}

/** Only the tarball, which is fetched each time, tells of other pins. */
function isBound(entry: LockedPackage): boolean {
  return !isPublished(entry) || lockedSha512(entry.pin) !== undefined;
}

/** What is compared with another version is looked at each time, as what an approval vouches for. */
function isSettled({ checks, history, carried, change }: Evidence): boolean {
  const isPlain = history === undefined && carried === undefined && (change === undefined || change === 'unchanged');
  return isPlain && Object.values(checks).every(({ status }) => status !== 'invalid' && status !== 'unavailable');
}

function askedOf(entries: readonly LockedPackage[], registries: RegistryMap): readonly PackageVersion[] {
  const asked = new Map<string, PackageVersion>();
  for (const entry of entries) {
    if (!isPublished(entry)) continue;
    const { name, version, source } = entry;
    const registry = registryFor(registries, name, source.namedRegistry) ?? '';
    if (!asked.has(registry)) asked.set(registry, { name, version, namedRegistry: source.namedRegistry });
  }
  return [...asked.values()];
}
