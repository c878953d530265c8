import {
  NO_FLAGS,
  isPackageName,
  type EntryFlags,
  type LockedPackage,
  type Observation,
  type Patch,
} from '@lockseal/core';
import type { Fields } from '../yaml/fields.ts';
import { readPatchHash, type PatchIndex } from './claims.ts';
import { parseDepPath, patchHashOf, withoutSuffix, type DepPath, type KeyStyle } from './dep-path.ts';
import { packageEdges, type References } from './edges.ts';
import { observeResolution, pinOf, sourceOf } from './resolution.ts';

/** One document with what its entries need. */
export interface EntryContext {
  readonly references: References;
  readonly document: Fields;
  /** The document's settings. */
  readonly settings: Fields | undefined;
  /** Whether it is the env document. */
  readonly isEnv: boolean;
  readonly patches: PatchIndex;
}

export interface ReadEntries {
  readonly entries: readonly LockedPackage[];
  readonly observations: readonly Observation[];
}

/** One entry for each key of `packages`. */
export function readEntries(context: EntryContext): ReadEntries {
  const packages = context.document.child('packages');
  if (packages === undefined) return { entries: [], observations: [] };
  const snapshots = groupSnapshots(context);
  const observations: Observation[] = [...observeSnapshots(context, snapshots)];
  const entries = packages.keys.map((key) => {
    const fields = packages.child(key);
    if (fields === undefined) throw packages.wrong(key, 'an entry', 'nothing');
    const own = snapshots?.get(key) ?? (context.references.style === 9 ? [] : [{ key, fields }]);
    return readEntry(context, packages, key, fields, own, observations);
  });
  return { entries, observations };
}

interface Snapshot {
  readonly key: string;
  readonly fields: Fields;
}

/** Style 9: key of `packages` -> its snapshots. Before that the two were one. */
function groupSnapshots({ references, document }: EntryContext): ReadonlyMap<string, readonly Snapshot[]> | undefined {
  if (references.style !== 9) return undefined;
  const groups = new Map<string, Snapshot[]>();
  const snapshots = document.child('snapshots');
  for (const key of snapshots?.keys ?? []) {
    const fields = snapshots?.child(key);
    if (fields === undefined) continue;
    const base = withoutSuffix(key);
    const group = groups.get(base);
    if (group === undefined) groups.set(base, [{ key, fields }]);
    else group.push({ key, fields });
  }
  return groups;
}

/** `packages` and `snapshots` must hold the same packages. */
function observeSnapshots(
  { references, document }: EntryContext,
  snapshots: ReadonlyMap<string, readonly Snapshot[]> | undefined,
): readonly Observation[] {
  if (snapshots === undefined) return [];
  const orphans = [...snapshots].flatMap(([base, group]) => (references.entries.has(base) ? [] : group));
  const bare = [...references.entries].filter(([key]) => !snapshots.has(key));
  const packages = document.child('packages');
  return [
    ...orphans.map(({ key, fields }): Observation => {
      const detail = 'It stands in `snapshots` and not in `packages`.';
      return { code: 'sections-disagree', position: fields.position(), found: key, detail };
    }),
    ...bare.map(([key, { id }]): Observation => {
      const detail = 'It stands in `packages` and not in `snapshots`.';
      return { code: 'sections-disagree', entry: id, position: packages?.position(key), detail };
    }),
  ];
}

function readEntry(
  context: EntryContext,
  packages: Fields,
  key: string,
  fields: Fields,
  snapshots: readonly Snapshot[],
  observations: Observation[],
): LockedPackage {
  const { references } = context;
  const depPath = parseDepPath(key, references.style);
  const resolution = fields.child('resolution');
  if (depPath === undefined) throw packages.wrong(key, 'a key that names a package and a version', key);
  if (resolution === undefined) throw packages.wrong(key, 'an entry with a resolution', 'none');
  const id = references.entries.get(key)?.id ?? key;
  const { name, version } = identityOf(depPath, fields, references.style);
  if (name === undefined || !isPackageName(name)) {
    throw packages.wrong(key, 'a package name', name ?? 'none', 'ERR_LOCKFILE_NAME');
  }
  const source = sourceOf(depPath.slot, resolution);
  observations.push(
    ...observeIdentity(id, depPath, fields),
    ...observeResolution(id, depPath.slot, source, resolution),
  );
  return {
    id,
    name,
    version,
    aliases: [],
    source,
    pin: pinOf(source, resolution, context.settings),
    edges: packageEdges(
      references,
      fields,
      snapshots.map((snapshot) => snapshot.fields),
    ),
    flags: readFlags(context, fields, snapshots),
    hasInstallScript: references.style === 9 ? undefined : fields.flag('requiresBuild'),
    patch: patchOf(context, depPath, name, fields, snapshots),
    bundles: bundlesOf(fields),
    deprecated: fields.text('deprecated'),
    position: packages.position(key),
  };
}

/** What pnpm itself takes for the name and version: up to style 6 a `name` field overrides the key. */
function identityOf(
  { name, slot }: DepPath,
  fields: Fields,
  style: KeyStyle,
): { readonly name: string | undefined; readonly version: string | undefined } {
  const own = slot.type === 'version' || slot.type === 'runtime' ? slot.version : undefined;
  const given = fields.text('version');
  const override = style === 9 ? undefined : fields.text('name');
  if (override !== undefined) return { name: override, version: given ?? own };
  return { name, version: own ?? given };
}

function readFlags({ isEnv }: EntryContext, fields: Fields, snapshots: readonly Snapshot[]): EntryFlags {
  const dev = fields.flag('dev');
  const optional = snapshots.length > 0 && snapshots.every((snapshot) => snapshot.fields.flag('optional'));
  const [os, cpu, libc] = [fields.list('os'), fields.list('cpu'), fields.list('libc')];
  // Most entries have no flags at all, and share that.
  if (!dev && !optional && !isEnv && os.length + cpu.length + libc.length === 0) return NO_FLAGS;
  return { ...NO_FLAGS, dev, optional, os, cpu, libc, config: isEnv };
}

/** `name` and `version` fields are for packages whose key holds none; beside a full key they must repeat it. */
function observeIdentity(entry: string, { name, slot }: DepPath, fields: Fields): readonly Observation[] {
  const observations: Observation[] = [];
  const givenName = fields.text('name');
  const givenVersion = fields.text('version');
  if (name !== undefined && givenName !== undefined && givenName !== name) {
    observations.push({
      code: 'name-mismatch',
      entry,
      position: fields.position('name'),
      expected: name,
      found: givenName,
    });
  }
  if (slot.type === 'version' && givenVersion !== undefined && givenVersion !== slot.version) {
    const position = fields.position('version');
    observations.push({ code: 'sections-disagree', entry, position, expected: slot.version, found: givenVersion });
  }
  return observations;
}

/** By the hash in the key (6, 9), or by the `patched` mark and the claim that fits (5). */
function patchOf(
  { patches }: EntryContext,
  { patchHash: own, slot }: DepPath,
  name: string,
  fields: Fields,
  snapshots: readonly Snapshot[],
): Patch | undefined {
  const text = own ?? firstPatchHash(snapshots);
  if (text === undefined && !fields.flag('patched')) return undefined;
  const version = slot.type === 'version' ? slot.version : undefined;
  const claim = patches.bySelector.get(`${name}@${version}`) ?? patches.bySelector.get(name);
  if (text === undefined) return claim ?? { path: undefined, hash: undefined };
  const hash = readPatchHash(text);
  if (hash === undefined || claim?.hash?.value === hash.value) return claim ?? { path: undefined, hash };
  return patches.byHash.get(hash.value) ?? { path: undefined, hash };
}

function firstPatchHash(snapshots: readonly Snapshot[]): string | undefined {
  for (const { key } of snapshots) {
    const hash = patchHashOf(key);
    if (hash !== undefined) return hash;
  }
  return undefined;
}

/** `true` stands for all dependencies, whose names the entry's edges give. */
function bundlesOf(fields: Fields): readonly string[] {
  const key = fields.has('bundledDependencies') ? 'bundledDependencies' : 'bundleDependencies';
  if (!fields.has(key)) return [];
  if (fields.isText(key)) return fields.flag(key) ? (fields.child('dependencies')?.keys ?? []) : [];
  return fields.list(key);
}
