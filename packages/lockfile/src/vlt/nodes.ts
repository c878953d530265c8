import { NO_FLAGS, isExactVersion, isPackageName, type LockedPackage, type Pin, type Source } from '@lockseal/core';
import { isArchive } from '../git-url.ts';
import type { Fields } from '../json/fields.ts';
import { JsonObject, typeOf, type JsonValue } from '../json/value.ts';
import { parseDepId, type DepId } from './dep-id.ts';

/** Flag bits of a node; the third says that the integrity is of a Brotli-compressed tar, which no registry serves. */
const OPTIONAL = 1;
const DEV = 2;
const BROTLI = 4;

const MAX_SLOTS = 10;

/** Every node: `DepID: [flags, name, integrity, resolved, location, manifest, rawManifest, platform, bins, buildState]`. */
export function readNodes(root: Fields): readonly LockedPackage[] {
  const nodes = root.table('nodes');
  if (nodes === undefined) throw root.wrongType('nodes', 'an object');
  return [...nodes.members()].map(([id, , position]) => {
    const parsed = parseDepId(id);
    if (parsed === undefined) throw nodes.refuse(id, 'the id of a dependency', JSON.stringify(id));
    return { ...readNode(nodes, id, parsed), position };
  });
}

function readNode(nodes: Fields, id: string, parsed: DepId): Omit<LockedPackage, 'position'> {
  const tuple = nodes.array(id);
  const flags = tuple[0];
  if (typeof flags !== 'number' || !Number.isInteger(flags) || flags < 0 || flags > (OPTIONAL | DEV | BROTLI)) {
    throw nodes.refuse(id, 'a node with flags from 0 to 7', typeof flags);
  }
  if (tuple.length > MAX_SLOTS) throw nodes.refuse(id, `at most ${MAX_SLOTS} slots`, `${tuple.length}`);
  const slot = (index: number): string | undefined => textSlot(nodes, id, tuple, index);
  const resolved = slot(3);
  const { name, version } = identityOf(nodes, id, parsed, slot(1));
  return {
    id,
    name,
    version,
    aliases: [],
    source:
      (flags & BROTLI) === 0 ? sourceOf(parsed, resolved) : { type: 'unknown', reason: 'pinned by a Brotli archive' },
    pin: pinOf(slot(2), parsed),
    edges: [],
    flags: {
      ...NO_FLAGS,
      ...platformOf(nodes, id, tuple[7]),
      optional: (flags & OPTIONAL) !== 0,
      dev: (flags & DEV) !== 0,
    },
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
  };
}

/** The id names a registry package; the name slot must repeat it. Other nodes are named by that slot alone. */
function identityOf(
  nodes: Fields,
  id: string,
  parsed: DepId,
  name: string | undefined,
): Pick<LockedPackage, 'name' | 'version'> {
  if (parsed.kind !== 'registry') {
    if (name !== undefined && isPackageName(name)) return { name, version: undefined };
    throw nodes.refuse(id, 'a node with a package name', JSON.stringify(name ?? null), 'ERR_LOCKFILE_NAME');
  }
  const at = parsed.spec.lastIndexOf('@');
  const [own, version] = [parsed.spec.slice(0, Math.max(at, 0)), parsed.spec.slice(at + 1)];
  if (!isPackageName(own)) throw nodes.refuse(id, 'a package name', JSON.stringify(own), 'ERR_LOCKFILE_NAME');
  if (!isExactVersion(version)) throw nodes.refuse(id, 'an exact version', JSON.stringify(version));
  if (name !== undefined && name !== own) throw nodes.refuse(id, `a node of the name ${own}`, JSON.stringify(name));
  return { name: own, version };
}

/** vlt records no commit for git nodes as of 1.0.0-rc.23: the id ends in an empty field, and nothing is pinned. */
function sourceOf(parsed: DepId, resolved: string | undefined): Source {
  switch (parsed.kind) {
    case 'registry':
      return { type: 'registry', url: resolved, namedRegistry: parsed.registry };
    case 'git':
      return { type: 'git', repository: parsed.repository, commit: parsed.commit || undefined, path: undefined };
    case 'remote':
      return { type: 'tarball', url: parsed.path };
    case 'workspace':
      return { type: 'workspace', path: parsed.path };
    case 'file':
      return { type: isArchive(parsed.path) ? 'file' : 'directory', path: parsed.path };
  }
}

/** For a tarball by URL vlt hashes the tar inside, after gunzip. */
function pinOf(integrity: string | undefined, parsed: DepId): Pin {
  if (integrity === undefined) return { kind: 'none' };
  return { kind: 'integrity', text: integrity, of: parsed.kind === 'remote' ? 'tar' : 'tarball' };
}

function platformOf(
  nodes: Fields,
  id: string,
  value: JsonValue | undefined,
): Pick<LockedPackage['flags'], 'os' | 'cpu' | 'libc'> {
  if (value === undefined || value === null) return { os: [], cpu: [], libc: [] };
  if (!(value instanceof JsonObject)) throw nodes.refuse(id, 'a platform object in slot 7', typeOf(value));
  const platform = nodes.nested(id, value);
  return {
    os: platform.strings('os', 'lone'),
    cpu: platform.strings('cpu', 'lone'),
    libc: platform.strings('libc', 'lone'),
  };
}

/** A slot that holds a string, or null or nothing where it is not known. */
function textSlot(nodes: Fields, id: string, tuple: readonly JsonValue[], index: number): string | undefined {
  const value = tuple[index];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw nodes.refuse(id, `a string or null in slot ${index}`, typeOf(value));
}
