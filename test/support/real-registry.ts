import { createHash } from 'node:crypto';
import { sha512FromIntegrity, type Edge, type LockedPackage, type Lockfile } from '@lockseal/core';
import { signPackage, toRegistryKey, type Published, type RegistryServer, type SigstoreBox } from '@lockseal/testkit';
import { createShelf } from '../../packages/testkit/src/registry/published.ts';
import { createRegistryView } from '../../packages/testkit/src/registry/registry-view.ts';

const DAY = 86_400_000;
const PROVENANCE = 'https://slsa.dev/provenance/v1';

/** The same numbers for the same name, from 0 up to 1. */
export function chances(of: string): readonly number[] {
  return [...createHash('sha256').update(of).digest()].map((byte) => byte / 256);
}

/**
 * Serves what a real lockfile locks, with metadata as ordinary packages have it and the digests that are locked; there are
 * no tarballs. Every tenth version was published within days, one in eight is proven, one in thirty has an install
 * script, and nine packages in ten are years old.
 */
export async function serveReal(lockfile: Lockfile, sigstore: SigstoreBox, now: number): Promise<RegistryServer> {
  const key = sigstore.addRegistryKey();
  const shelf = createShelf();
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const versions = Map.groupBy(lockfile.entries.filter(isPublished), ({ name, version }) => `${name}@${version ?? ''}`);
  for (const same of versions.values()) {
    const published = publish(same, { entries, sigstore, now });
    const [, , , , , , old = 0] = chances(published.name);
    if (old < 0.9 && shelf.versions(published.name).length === 0) {
      const before = published.publishedAt.getTime() - 40 * DAY;
      for (const at of [now - 4000 * DAY, before]) shelf.put(earlier(published, at));
    }
    shelf.put({
      ...published,
      signatures: [signPackage(key, published.name, published.version, published.integrity)],
    });
  }
  return createRegistryView(shelf, () => [toRegistryKey(key)]).serve();
}

function isPublished({ source, version }: LockedPackage): boolean {
  return source.type === 'registry' && version !== undefined;
}

interface World {
  readonly entries: ReadonlyMap<string, LockedPackage>;
  readonly sigstore: SigstoreBox;
  readonly now: number;
}

function publish(same: readonly LockedPackage[], { entries, sigstore, now }: World): Published {
  const [first] = same;
  const { name = '', version = '' } = first ?? {};
  const sha512 = same.map(({ pin }) => (pin.kind === 'integrity' ? sha512FromIntegrity(pin.text) : undefined))[0];
  if (sha512 === undefined) throw new Error(`no sha512 is locked for ${name}@${version}`);
  const [proven = 0, scripted = 0, fresh = 0, age = 0, , taken = 0] = chances(`${name}@${version}`);
  const publishedAt = new Date(now - (fresh < 0.1 ? age * 20 : 30 + age * 2000) * DAY);
  const repository = `https://github.com/${name.startsWith('@') ? name.slice(1) : `acme/${name}`}`;
  const bundle = (): Published['attestations'][number]['bundle'] =>
    sigstore.provenance({ name, version, sha512, repository, at: publishedAt });
  const manifest = {
    name,
    version,
    license: 'MIT',
    ...tables(same, entries),
    ...(scripted < 0.03 || same.some(({ hasInstallScript }) => hasInstallScript === true)
      ? { scripts: { postinstall: `node ${name}.js` } }
      : {}),
  };
  return {
    ...nothing(name, version, manifest),
    sha512,
    integrity: `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`,
    attestations: proven < 0.12 ? [{ predicateType: PROVENANCE, bundle: bundle() }] : [],
    publishedAt,
    publisher: taken < 0.03 ? 'a-new-maintainer' : 'the-maintainer',
  };
}

/** A version that nobody locks. */
function earlier({ name }: Published, at: number): Published {
  const version = `0.0.0-at-${at}`;
  return { ...nothing(name, version, { name, version }), publishedAt: new Date(at) };
}

function nothing(name: string, version: string, manifest: Published['manifest']): Published {
  return {
    name,
    version,
    tarball: Buffer.alloc(0),
    sha512: '',
    integrity: '',
    shasum: '',
    manifest,
    registryManifest: manifest,
    files: 1,
    unpackedSize: 1,
    signatures: [],
    attestations: [],
    publishedAt: new Date(0),
    publisher: 'the-maintainer',
  };
}

const TABLES = {
  prod: 'dependencies',
  dev: 'devDependencies',
  optional: 'optionalDependencies',
  peer: 'peerDependencies',
  'optional-peer': 'peerDependencies',
} as const;

/** What the entries of one version record, as the tables of its manifest. */
function tables(same: readonly LockedPackage[], entries: World['entries']): Record<string, unknown> {
  const edges = same.flatMap((entry) => entry.edges);
  const members: Record<string, Record<string, string>> = {};
  for (const [table, own] of Map.groupBy(edges, ({ kind }) => TABLES[kind])) {
    members[table] = Object.fromEntries(
      [...Map.groupBy(own, ({ name }) => name)].map(([name, each]) => [
        name,
        [...new Set(each.map((edge) => specOf(edge, entries)))].join(' || '),
      ]),
    );
  }
  const optional = edges.filter(({ kind }) => kind === 'optional-peer').map(({ name }) => [name, { optional: true }]);
  return { ...members, peerDependenciesMeta: Object.fromEntries(optional) };
}

function specOf({ name, spec, target }: Edge, entries: World['entries']): string {
  const found = target.type === 'entry' ? entries.get(target.id) : undefined;
  if (spec !== undefined) return spec;
  if (found === undefined) return '*';
  return found.name === name ? (found.version ?? '*') : `npm:${found.name}@${found.version ?? '*'}`;
}
