import type { Edge, EdgeKind, EdgeTarget, Position, Source } from '@lockseal/core';
import type { Fields, StringMember } from '../json/fields.ts';
import { memberNames, type UnexpectedFields } from '../json/unexpected.ts';
import { ownersOf, parseKeyPath } from './key-path.ts';
import { readTuple, type BunPackage } from './package-tuple.ts';

export const DEPENDENCY_GROUPS: readonly string[] = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'optionalPeers',
];
const KNOWN_INFO: ReadonlySet<string> = memberNames(
  ...DEPENDENCY_GROUPS,
  'os cpu libc bin binDir bundled hasInstallScript',
);

/** One entry of `packages` and where it is filed. */
export interface KeyedPackage extends BunPackage {
  readonly key: string;
  /** The names in the key, outermost first; the last is the name that the dependent uses. */
  readonly path: readonly string[];
  readonly position: Position;
}

/** All entries, in the order of the file. */
export function readPackages(root: Fields, unexpected: UnexpectedFields): ReadonlyMap<string, KeyedPackage> {
  const packages = root.table('packages');
  const workspaces = new Set(root.table('workspaces')?.names ?? []);
  const read = new Map<string, KeyedPackage>();
  for (const [key, , position] of packages?.members() ?? []) {
    const path = parseKeyPath(key);
    if (packages === undefined) continue;
    if (path === undefined) {
      throw packages.refuse(key, 'a path of package names', JSON.stringify(key), 'ERR_LOCKFILE_PATH');
    }
    const content = readTuple(packages, key);
    if (content.info !== undefined) unexpected.check('a bun package', content.info, KNOWN_INFO);
    read.set(key, { ...content, source: checkWorkspace(content.source, workspaces), key, path, position });
  }
  return read;
}

/** A workspace is what the file itself lists as one; the root stands there under ''. */
function checkWorkspace(source: Source, workspaces: ReadonlySet<string>): Source {
  if (source.type !== 'workspace' || workspaces.has(source.path === '.' ? '' : source.path)) return source;
  return { type: 'unknown', reason: `the file lists no workspace ${source.path}` };
}

/** The entries by place, to find what answers a dependency. */
export class PackageTree {
  readonly packages: ReadonlyMap<string, KeyedPackage>;
  /** Key of the owner ('' at the top) -> what is filed directly below it, by name. */
  readonly #folders = new Map<string, Map<string, KeyedPackage>>();

  constructor(packages: ReadonlyMap<string, KeyedPackage>) {
    this.packages = packages;
    for (const keyed of packages.values()) {
      const owner = keyed.path.slice(0, -1).join('/');
      const name = keyed.path.at(-1) ?? '';
      const folder = this.#folders.get(owner);
      if (folder === undefined) this.#folders.set(owner, new Map([[name, keyed]]));
      else folder.set(name, keyed);
    }
  }

  /** The dependencies of the package filed under `path` (empty: the root), looked for below it, then ever further up. */
  edges(path: readonly string[], fields: Fields): readonly Edge[] {
    const folders = [...ownersOf(path), ''].flatMap((owner) => this.#folders.get(owner) ?? []);
    const optionalPeers = new Set(fields.strings('optionalPeers'));
    const read = (group: string, kindOf: (name: string) => EdgeKind): readonly Edge[] =>
      [...fields.stringMembers(group)].map((member) => edge(member, kindOf(member.name), folders));
    return [
      ...read('dependencies', () => 'prod'),
      ...read('devDependencies', () => 'dev'),
      ...read('optionalDependencies', () => 'optional'),
      ...read('peerDependencies', (name) => (optionalPeers.has(name) ? 'optional-peer' : 'peer')),
    ];
  }
}

function edge(member: StringMember, kind: EdgeKind, folders: readonly ReadonlyMap<string, KeyedPackage>[]): Edge {
  const { name, value, position } = member;
  return { name, kind, spec: value, target: targetOf(name, folders), position };
}

function targetOf(name: string, folders: readonly ReadonlyMap<string, KeyedPackage>[]): EdgeTarget {
  for (const folder of folders) {
    const keyed = folder.get(name);
    if (keyed === undefined) continue;
    if (keyed.source.type === 'workspace') return { type: 'importer', path: keyed.source.path };
    return { type: 'entry', id: keyed.key };
  }
  return { type: 'none' };
}
