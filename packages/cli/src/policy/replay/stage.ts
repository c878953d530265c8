import {
  createRegistry,
  createSigstore,
  type NpmLockfile,
  type RegistryBox,
  type SigstoreBox,
} from '@lockseal/testkit';
import type { Incident, Locked, Release } from './incident.ts';

const DAY = 86_400_000;
const KILOBYTE = 1024;
const COMMIT = '4f2c5d1e9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d';
/** When the whole world of a replay has begun: before its oldest release. */
const BEGINNING = new Date('2010-01-01T00:00:00Z');

/** A registry with everything that was published around an incident, each with the evidence of its time. */
export interface Stage {
  readonly sigstore: SigstoreBox;
  readonly registry: RegistryBox;
  readonly before: NpmLockfile;
  readonly after: NpmLockfile;
}

export async function setStage(incident: Incident): Promise<Stage> {
  const sigstore = await createSigstore({ validFrom: BEGINNING });
  const registry = createRegistry({ sigstore });
  const start = Date.parse(incident.date);
  for (const release of incident.releases.toSorted((a, b) => a.day - b.day)) {
    const git = release.day === 0 ? incident.git : undefined;
    publish(release, new Date(start + release.day * DAY), registry, git);
  }
  const lock = (dependencies: Locked): NpmLockfile => registry.lockfile('npm-v3', { dependencies });
  const after = lock(incident.after);
  if (incident.git !== undefined) addGitDependency(after, incident.git, incident.after);
  return { sigstore, registry, before: lock(incident.before), after };
}

function publish(release: Release, publishedAt: Date, registry: RegistryBox, git: string | undefined): void {
  const { spec, by, scripts, deps, from, kilobytes = 20, gyp } = release;
  const at = spec.lastIndexOf('@');
  const provenance = from === undefined ? false : from === true ? {} : from;
  registry.publish({
    name: spec.slice(0, at),
    version: spec.slice(at + 1),
    publisher: by ?? 'maintainer',
    publishedAt,
    files: {
      'index.js': '/'.repeat(kilobytes * KILOBYTE),
      ...(gyp === true ? { 'binding.gyp': '{"targets": []}' } : {}),
    },
    ...(scripts === undefined ? {} : { scripts }),
    ...(deps === undefined ? {} : { dependencies: deps }),
    ...(git === undefined ? {} : { optionalDependencies: { [git]: gitSpecifier(git) } }),
    evidence: { publishAttestation: provenance !== false, provenance },
  });
}

/** What npm locks for `optionalDependencies: {<name>: "github:…#<commit>"}` of the package that was updated. */
function addGitDependency(lockfile: NpmLockfile, name: string, updated: Locked): void {
  const [dependent] = Object.keys(updated);
  const resolved = `git+ssh://git@github.com/${name.replace('@', '')}.git#${COMMIT}`;
  lockfile.packages[`node_modules/${name}`] = { version: '1.0.0', resolved, optional: true };
  const entry = lockfile.packages[`node_modules/${dependent ?? ''}`];
  if (entry !== undefined) entry['optionalDependencies'] = { [name]: gitSpecifier(name) };
}

function gitSpecifier(name: string): string {
  return `github:${name.replace('@', '')}#${COMMIT}`;
}
