import { registryFor, type Evidence, type Identity, type LockedPackage } from '@lockseal/core';
import type { Report } from '@lockseal/report';
import type { VerifiedFile } from '../verify-file.ts';

/** What a new policy takes over from the state that was verified. */
export interface Learned {
  readonly registries: readonly string[];
  readonly scripts: readonly { readonly package: string; readonly names: readonly string[]; readonly sha256: string }[];
  readonly identities: readonly { readonly package: string; readonly identity: Identity }[];
  readonly waivers: readonly {
    readonly package: string;
    readonly rule: string;
    readonly reason: string;
    /** `2026-12-31` */
    readonly expires: string;
  }[];
  /** Errors that remain: no exception is made for them. */
  readonly open: number;
}

/** Rules about age and change: what they object to now is the state to start from, and is waived for a while. */
const WAIVED: ReadonlySet<string> = new Set([
  'release-age',
  'young-new-dependency',
  'identity-drift',
  'provenance-downgrade',
]);
const WAIVER_DAYS = 30;
const DAY = 86_400_000;

export function learn({ lockfile, registries, verification }: VerifiedFile, report: Report, now: number): Learned {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const pairs = verification.evidence.flatMap((evidence) => {
    const entry = entries.get(evidence.entry);
    return entry === undefined ? [] : [{ evidence, entry }];
  });
  const errors = report.findings.filter(({ level, rule }) => level === 'error' && rule !== 'install-scripts');
  const waived = errors.filter(({ rule, entry }) => entry !== undefined && WAIVED.has(rule ?? ''));
  const expires = new Date(now + WAIVER_DAYS * DAY).toISOString().slice(0, 10);
  return {
    registries: usedRegistries(pairs, registries),
    scripts: allowedScripts(pairs),
    identities: pinnedIdentities(pairs),
    waivers: unique(
      waived.map(({ subject, rule = '' }) => ({
        package: subject,
        rule,
        reason: 'locked before this policy was made',
        expires,
      })),
      ({ package: name, rule }) => `${name} ${rule}`,
    ),
    open: errors.length - waived.length,
  };
}

interface Pair {
  readonly evidence: Evidence;
  readonly entry: LockedPackage;
}

/** The configured registries of which something is locked. */
function usedRegistries(pairs: readonly Pair[], registries: VerifiedFile['registries']): readonly string[] {
  const used = pairs.flatMap(({ entry: { name, source } }) => {
    if (source.type !== 'registry') return [];
    return registryFor(registries, name, source.namedRegistry) ?? [];
  });
  return [...new Set(used)].toSorted();
}

/** Any later version within the range that npm's caret gives may run the very same scripts. */
function allowedScripts(pairs: readonly Pair[]): Learned['scripts'] {
  const scripts = pairs.flatMap(({ evidence: { installScripts }, entry: { name, version } }) => {
    if (installScripts?.sha256 === undefined || version === undefined) return [];
    return [{ package: `${name}@^${version}`, names: installScripts.names, sha256: installScripts.sha256 }];
  });
  return byPackage(unique(scripts, ({ package: name, sha256 }) => `${name} ${sha256}`));
}

/** One identity a package; a package locked in versions of several builds is left for a person to decide. */
function pinnedIdentities(pairs: readonly Pair[]): Learned['identities'] {
  const built = pairs.flatMap(({ evidence: { checks }, entry: { name } }) =>
    checks.provenance.status === 'verified' ? [{ package: name, identity: checks.provenance.identity }] : [],
  );
  const groups = Map.groupBy(built, (each) => each.package);
  const pinned = [...groups.values()].flatMap(([first, ...rest]) => {
    const isOne = rest.every(({ identity }) => identity.repository === first?.identity.repository);
    return first !== undefined && first.identity.repository !== undefined && isOne ? [first] : [];
  });
  return byPackage(pinned);
}

function byPackage<T extends { readonly package: string }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => (a.package < b.package ? -1 : 1));
}

function unique<T>(all: readonly T[], keyOf: (each: T) => string): readonly T[] {
  return [...new Map(all.map((each) => [keyOf(each), each])).values()];
}
