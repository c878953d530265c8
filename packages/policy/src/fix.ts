import { FINDING_CODES, isExactVersion, isPackageName } from '@lockseal/core';
import type { Evidence, FindingCode, EntryOutline, LockfileFormat, Observation, Verification } from '@lockseal/core';
import { fixUnbound } from './fix-unbound.ts';

/** What the package managers call what a reader has to type or edit. */
interface Manager {
  /** Writes the lockfile anew from the manifests, installing nothing where that can be had. */
  readonly relock: string;
  /** Drops what nothing depends on. */
  readonly prune: string;
  /** Where the project declares that a dependency is replaced. */
  readonly overrides: string;
  /** Adds one version; the spec follows at once. */
  readonly add: string;
}

const MANAGERS: Readonly<Record<LockfileFormat, Manager>> = {
  npm: {
    relock: 'npm install --package-lock-only',
    prune: 'npm prune --package-lock-only',
    overrides: '"overrides" in package.json',
    add: 'npm install ',
  },
  pnpm: {
    relock: 'pnpm install --lockfile-only',
    prune: 'pnpm install --lockfile-only',
    overrides: '"overrides" in pnpm-workspace.yaml',
    add: 'pnpm add ',
  },
  'yarn-classic': {
    relock: 'yarn install --ignore-scripts',
    prune: 'yarn install --ignore-scripts',
    overrides: '"resolutions" in package.json',
    add: 'yarn add ',
  },
  'yarn-berry': {
    relock: 'yarn install --mode=update-lockfile',
    prune: 'yarn install --mode=update-lockfile',
    overrides: '"resolutions" in package.json',
    add: 'yarn add ',
  },
  bun: {
    relock: 'bun install --lockfile-only',
    prune: 'bun install --lockfile-only',
    overrides: '"overrides" in package.json',
    add: 'bun add ',
  },
  deno: {
    relock: 'deno install --lockfile-only',
    prune: 'deno install --lockfile-only',
    overrides: '"overrides" in package.json',
    // Without the prefix it would be a package of JSR, or none.
    add: 'deno add npm:',
  },
  vlt: { relock: 'vlt install', prune: 'vlt install', overrides: '"modifiers" in vlt.json', add: 'vlt install ' },
};

interface Place {
  readonly manager: Manager;
  /** `package-lock.json:12:5` */
  readonly at: string;
  readonly file: string;
  /** `name@version` if both are what npm can have published, so that nothing else enters a command to be typed. */
  readonly spec: string | undefined;
}

/** What a fix depends on besides the observation. */
export interface FixContext {
  readonly entry: EntryOutline | undefined;
  readonly lockfile: Verification['lockfile'];
  /** The registry publishes another digest than the one that is locked. */
  readonly isDigestDisputed: boolean;
  /** What the registry signs where the lockfile binds nothing. */
  readonly signedDigest?: Evidence['signedDigest'];
}

/** The fix of the code's table entry, naming the place to edit or the command to type wherever they are known. */
export function fixFor(observation: Observation, context: FixContext): string {
  const { entry, lockfile, isDigestDisputed, signedDigest } = context;
  const { code } = observation;
  if (isDigestDisputed && REFUSE.has(code)) {
    return 'Mend the locked digest first: the evidence is over the published bytes, not over the locked ones.';
  }
  const position = observation.position ?? entry?.position;
  const file = lockfile.path;
  const place: Place = {
    manager: MANAGERS[lockfile.format],
    at: position === undefined ? file : `${file}:${position.line}:${position.column}`,
    file,
    spec: entry === undefined ? undefined : typeableSpec(entry),
  };
  const fix = specificFix(code, place) ?? FINDING_CODES[code].fix;
  return fixUnbound(code, fix, { entry, spec: place.spec, signedDigest });
}

/** A leading '-' would be read as an option. */
function typeableSpec({ name, version }: EntryOutline): string | undefined {
  if (version === undefined || !isPackageName(name) || name.startsWith('-') || !isExactVersion(version))
    return undefined;
  return `${name}@${version}`;
}

function specificFix(code: FindingCode, place: Place): string | undefined {
  const { manager, at, file, spec } = place;
  if (RESTORE.has(code)) {
    return `Restore the entry at ${at} from the last good commit, or delete it and run \`${manager.relock}\`.`;
  }
  if (REDECLARE.has(code)) {
    return `Restore the edge at ${at} from the last good commit; if it is meant, declare it under ${manager.overrides}.`;
  }
  if (RELOCK.has(code)) return `Run \`${manager.relock}\`, then review and commit what changes in ${file}.`;
  if (REFUSE.has(code) && spec !== undefined) {
    return `Do not install ${spec}; report it to the registry, and lock another version: \`${manager.add}${nameOf(spec)}@<version>\`.`;
  }
  if (code === 'unlisted-dependency') return `Remove the entry at ${at}: run \`${manager.prune}\`.`;
  if (code === 'multiple-documents') return `Restore ${file} from the last good commit.`;
  return undefined;
}

function nameOf(spec: string): string {
  return spec.slice(0, spec.lastIndexOf('@'));
}

const RESTORE: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'integrity-missing',
  'integrity-malformed',
  'integrity-ambiguous',
  'integrity-unknown-algorithm',
  'integrity-mismatch',
  'version-missing',
  'name-mismatch',
  'url-mismatch',
  'non-registry-source',
  'archive-url-redirect',
  'link-replaces-registry',
  'false-bundle-claim',
]);

const REDECLARE: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'edge-forged',
  'edge-unsatisfied',
  'override-undeclared',
]);

const RELOCK: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'dependency-not-locked',
  'specifier-mismatch',
  'sections-disagree',
  'irregular-syntax',
]);

const REFUSE: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'signature-invalid',
  'signature-key-expired',
  'publish-attestation-invalid',
  'provenance-invalid',
  'provenance-inconsistent',
]);
