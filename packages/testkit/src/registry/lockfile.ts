import semver from 'semver';
import { hasInstallScript } from './documents.ts';
import { tarballPath, type ManifestJson, type Published, type Shelf } from './published.ts';
import type { Dependencies } from './publish.ts';

/** The root project of a lockfile. */
export interface ProjectManifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

/** package-lock.json of version 3, as npm writes it. */
export interface NpmLockfile {
  name: string;
  version: string;
  lockfileVersion: 3;
  requires: true;
  /** By path: '' is the project, `node_modules/a/node_modules/b` a nested package. */
  packages: Record<string, Record<string, unknown>>;
}

interface Node {
  readonly path: string;
  readonly parent: Node | undefined;
  readonly published: Published | undefined;
  /** Packages in this node's node_modules, by the name they are imported by. */
  readonly children: Map<string, Node>;
  readonly edges: Edge[];
}

interface Edge {
  readonly name: string;
  readonly spec: string;
  readonly kind: EdgeKind;
  readonly to: Node;
}

type EdgeKind = 'prod' | 'dev' | 'optional' | 'peer';

/**
 * Locks a project against what was published: the highest version in range, hoisted to the top, nested under its
 * dependent where another version stands in the way. Peers are installed as npm 7 and later do.
 * @param registry base URL for `resolved`, with a trailing slash
 * @throws RangeError when nothing published satisfies a dependency that is not optional
 */
export function lockNpm(shelf: Shelf, project: ProjectManifest, registry: string): NpmLockfile {
  const root: Node = { path: '', parent: undefined, published: undefined, children: new Map(), edges: [] };
  const nodes = placeAll(shelf, root, { ...project });
  const reach = reachability(root);
  const packages = nodes
    .map((node): [string, Record<string, unknown>] => [node.path, entryOf(node, reach, registry)])
    .toSorted(byName);
  const { name = 'project', version = '1.0.0' } = project;
  return {
    name,
    version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': inNpmsOrder({ ...project, name, version }), ...Object.fromEntries(packages) },
  };
}

/** Breadth first, so that a package's direct dependencies are placed before anything that they depend on. */
function placeAll(shelf: Shelf, root: Node, project: ManifestJson): Node[] {
  const placed: Node[] = [];
  const queue: [Node, ManifestJson][] = [[root, project]];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [node, manifest] = next;
    for (const { name, spec, kind } of wantedBy(manifest)) {
      const before = placed.length;
      const to = resolve(shelf, node, name, spec, kind, placed);
      if (to === undefined) continue;
      node.edges.push({ name, spec, kind, to });
      if (placed.length > before) queue.push([to, to.published?.registryManifest ?? {}]);
    }
  }
  return placed;
}

function wantedBy(manifest: ManifestJson): { name: string; spec: string; kind: EdgeKind }[] {
  const optionalPeers = (manifest['peerDependenciesMeta'] ?? {}) as Record<string, { optional?: boolean }>;
  const optional = entries(manifest['optionalDependencies']);
  const of = (kind: EdgeKind, wanted: [string, string][]): { name: string; spec: string; kind: EdgeKind }[] =>
    wanted.map(([name, spec]) => ({ name, spec, kind }));
  return [
    // npm: an optional dependency overrides a regular one of the same name.
    ...of(
      'prod',
      entries(manifest['dependencies']).filter(([name]) => !optional.some(([other]) => other === name)),
    ),
    ...of('dev', entries(manifest['devDependencies'])),
    ...of('optional', optional),
    ...of(
      'peer',
      entries(manifest['peerDependencies']).filter(([name]) => optionalPeers[name]?.optional !== true),
    ),
  ];
}

function entries(dependencies: unknown): [string, string][] {
  return Object.entries((dependencies ?? {}) as Dependencies);
}

function resolve(
  shelf: Shelf,
  from: Node,
  name: string,
  spec: string,
  kind: EdgeKind,
  placed: Node[],
): Node | undefined {
  const alias = /^npm:(.+?)(?:@([^@]*))?$/.exec(spec);
  const [real, range] = alias === null ? [name, spec] : [alias[1] ?? name, alias[2] ?? '*'];
  const visible = lookUp(from, name);
  if (visible?.published?.name === real && semver.satisfies(visible.published.version, range)) return visible;
  const published = shelf.best(real, range);
  if (published === undefined) {
    if (kind === 'optional') return undefined;
    throw new RangeError(`nothing published satisfies ${name}@${spec}`);
  }
  const parent = visible === undefined ? rootOf(from) : from;
  const path = `${parent.path === '' ? '' : `${parent.path}/`}node_modules/${name}`;
  const node: Node = { path, parent, published, children: new Map(), edges: [] };
  parent.children.set(name, node);
  placed.push(node);
  return node;
}

/** What Node.js would find from here. */
function lookUp(from: Node, name: string): Node | undefined {
  for (let node: Node | undefined = from; node !== undefined; node = node.parent) {
    const found = node.children.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function rootOf(node: Node): Node {
  return node.parent === undefined ? node : rootOf(node.parent);
}

/** Nodes that are reached without edges of the given kinds. */
interface Reachability {
  readonly withoutDev: ReadonlySet<Node>;
  readonly withoutOptional: ReadonlySet<Node>;
  readonly withoutBoth: ReadonlySet<Node>;
  readonly withoutPeer: ReadonlySet<Node>;
}

function reachability(root: Node): Reachability {
  const reach = (...without: EdgeKind[]): ReadonlySet<Node> => {
    const seen = new Set<Node>([root]);
    for (const node of seen) for (const edge of node.edges) if (!without.includes(edge.kind)) seen.add(edge.to);
    return seen;
  };
  return {
    withoutDev: reach('dev'),
    withoutOptional: reach('optional'),
    withoutBoth: reach('dev', 'optional'),
    withoutPeer: reach('peer'),
  };
}

function entryOf(node: Node, reach: Reachability, registry: string): Record<string, unknown> {
  const { published } = node;
  if (published === undefined) throw new TypeError('only the root stands for no package');
  const { registryManifest: manifest } = published;
  const alias = node.path.endsWith(`node_modules/${published.name}`) ? {} : { name: published.name };
  const members = {
    ...alias,
    version: published.version,
    resolved: `${registry}${tarballPath(published.name, published.version)}`,
    integrity: published.integrity,
    ...flagsOf(node, reach),
    ...(hasInstallScript(manifest) ? { hasInstallScript: true } : {}),
  };
  const kept = ['license', 'dependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta'];
  const copied = kept.filter((member) => manifest[member] !== undefined).map((member) => [member, manifest[member]]);
  return inNpmsOrder({ ...members, ...(Object.fromEntries(copied) as ManifestJson) });
}

/** npm writes name, version, resolved and integrity first, then text and flags, then tables; each by name. The tables too. */
function inNpmsOrder(members: Record<string, unknown>): Record<string, unknown> {
  const first = ['name', 'version', 'resolved', 'integrity'].filter((member) => member in members);
  const others = Object.entries(members).filter(([member]) => !first.includes(member));
  const isTable = ([, value]: [string, unknown]): boolean => typeof value === 'object';
  return Object.fromEntries([
    ...first.map((member) => [member, members[member]] as const),
    ...others.filter((entry) => !isTable(entry)).toSorted(byName),
    ...others
      .filter(isTable)
      .toSorted(byName)
      .map(([member, table]) => [member, Object.fromEntries(entries(table).toSorted(byName))] as const),
  ]);
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a.localeCompare(b, 'en');
}

/** npm's `dev`, `optional`, `devOptional` and `peer`. */
function flagsOf(node: Node, reach: Reachability): Record<string, true> {
  const dev = !reach.withoutDev.has(node);
  const optional = !reach.withoutOptional.has(node);
  const peer = !reach.withoutPeer.has(node);
  return {
    ...(dev ? { dev: true } : {}),
    ...(optional ? { optional: true } : {}),
    ...(!dev && !optional && !reach.withoutBoth.has(node) ? { devOptional: true } : {}),
    ...(peer ? { peer: true } : {}),
  };
}
