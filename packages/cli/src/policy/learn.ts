import { registryFor, type Evidence, type Identity, type LockedPackage } from '@lockseal/core';
import { isPatternFault, parsePackagePattern } from '@lockseal/policy';
import type { Report } from '@lockseal/report';
import type { VerifiedFile } from '../verify-file.ts';

/** What a new policy takes over from the state that was verified. */
export interface Learned {
  readonly registries: readonly string[];
  readonly scripts: readonly LearnedScript[];
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

interface LearnedScript {
  readonly package: string;
  readonly names: readonly string[];
  /** `sha256`, or the `commit` of a git dependency. */
  readonly pinnedBy: 'sha256' | 'commit';
  readonly digest: string;
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

/** What was verified, as far as a policy can be learned from it. */
type Verified = Pick<VerifiedFile, 'lockfile' | 'registries' | 'verification'>;

export function learn({ lockfile, registries, verification }: Verified, report: Report, now: number): Learned {
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
    identities: pinnedIdentities(pairs.filter(({ evidence }) => evidence.class === 'registry')),
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
  const scripts = pairs.flatMap(
    ({ evidence: { installScripts }, entry: { name, version, source } }): LearnedScript[] => {
      if (source.type === 'git' && source.commit !== undefined) {
        return [{ package: name, names: ['prepare'], pinnedBy: 'commit', digest: source.commit }];
      }
      if (installScripts?.sha256 === undefined || version === undefined) return [];
      const { names, sha256 } = installScripts;
      return [{ package: `${name}@^${version}`, names, pinnedBy: 'sha256', digest: sha256 }];
    },
  );
  return byPackage(unique(scripts, ({ package: name, digest }) => `${name} ${digest}`));
}

/**
 * A package is pinned by its name where all its locked versions are proven, to one repository. Where older ones are
 * not, each proven version pins its own caret range, unless that holds a version without provenance, too. A package
 * that comes from several repositories is left for a person to decide.
 */
function pinnedIdentities(pairs: readonly Pair[]): Learned['identities'] {
  const groups = Map.groupBy(pairs.map(toBuild), ({ name }) => name);
  return byPackage(
    [...groups].flatMap(([name, builds]) => {
      const proven = builds.flatMap(({ version, identity }) => (identity === undefined ? [] : [{ version, identity }]));
      const repositories = new Set(proven.map(({ identity }) => identity.repository));
      if (repositories.size !== 1 || repositories.has(undefined)) return [];
      const unproven = builds.filter(({ identity }) => identity === undefined);
      if (unproven.length === 0) return proven.slice(0, 1).map(({ identity }) => ({ package: name, identity }));
      const pins = proven.map(({ version, identity }) => ({ package: `${name}@^${version}`, identity }));
      const safe = pins.filter((pin) => !unproven.some(({ version }) => matches(pin.package, name, version)));
      return unique(safe, (pin) => pin.package);
    }),
  );
}

interface Build {
  readonly name: string;
  readonly version: string;
  readonly identity: Identity | undefined;
}

function toBuild({ entry: { name, version = '' }, evidence: { checks } }: Pair): Build {
  return { name, version, identity: checks.provenance.status === 'verified' ? checks.provenance.identity : undefined };
}

function matches(text: string, name: string, version: string): boolean {
  const pattern = parsePackagePattern(text);
  return !isPatternFault(pattern) && pattern.matches(name, version);
}

function byPackage<T extends { readonly package: string }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => (a.package < b.package ? -1 : 1));
}

function unique<T>(all: readonly T[], keyOf: (each: T) => string): readonly T[] {
  return [...new Map(all.map((each) => [keyOf(each), each])).values()];
}
