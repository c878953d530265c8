import {
  edgeContext,
  objectionTo,
  parseSpecifier,
  type Dependent,
  type Edge,
  type EdgeContext,
  type EdgeKind,
  type EdgeTarget,
  type Importer,
  type LockedPackage,
  type Lockfile,
  type Project,
  type ProjectManifest,
} from '@lockseal/core';
import semver from 'semver';
import { settleResolutions } from './yarn-resolutions.ts';
import { Descriptors } from '../yarn-berry/descriptors.ts';

/**
 * The lockfile with what only the project's manifests tell: importers where the format records none (Yarn 1, npm 6),
 * and the targets of edges that the project's resolutions divert (both Yarns file them under the replacement alone).
 * What is still unanswered stays `none`, which `checkGraph` reports. Nothing that the lockfile records is changed.
 */
export function bindProject(read: Lockfile, project: Project | undefined): Lockfile {
  if (project === undefined) return read;
  const lockfile = settleResolutions(read, project);
  const context = edgeContext(lockfile, project);
  const bind = createBinder(context, project);
  const named =
    lockfile.format === 'deno' ? lockfile.importers.map((each) => nameEdges(each, project)) : lockfile.importers;
  const recorded = named.map((importer) => ({
    ...importer,
    edges: importer.edges.map((edge) => bind(edge, { type: 'importer', importer })),
  }));
  return {
    ...lockfile,
    importers: recorded.length > 0 ? recorded : importersOf(project, bind),
    entries: lockfile.entries.map((entry) => withEdges(withExtensions(entry, lockfile, project), bind)),
  };
}

/** Gives an edge the target that the project's declarations lead to. */
type Binder = (edge: Edge, dependent: Dependent) => Edge;

function withEdges(entry: LockedPackage, bind: Binder): LockedPackage {
  const edges = entry.edges.map((edge) => bind(edge, { type: 'entry', entry }));
  return edges.every((edge, index) => edge === entry.edges[index]) ? entry : { ...entry, edges };
}

/** Yarn Berry installs the dependencies that package extensions add, and records them in no entry. */
function withExtensions(entry: LockedPackage, { format }: Lockfile, project: Project): LockedPackage {
  if (format !== 'yarn-berry' || entry.source.type === 'workspace') return entry;
  const recorded = new Set(entry.edges.map(({ name }) => name));
  const { version = '' } = entry;
  const added = project.packageExtensions
    .filter(({ selector: { name, range } }) => name === entry.name && semver.satisfies(version, range ?? '*', true))
    .flatMap(({ dependencies }) => [...dependencies])
    .filter(([name]) => !recorded.has(name))
    .map(([name, spec]): Edge => ({ name, kind: 'prod', spec, target: { type: 'none' }, position: undefined }));
  return added.length === 0 ? entry : { ...entry, edges: [...entry.edges, ...added] };
}

function importersOf(project: Project, bind: Binder): readonly Importer[] {
  return [...project.manifests].map(([directory, manifest]) => {
    const position = undefined;
    const importer: Importer = { path: directory, edges: [], position };
    return { ...importer, edges: edgesOf(manifest).map((edge) => bind(edge, { type: 'importer', importer })) };
  });
}

function edgesOf(manifest: ProjectManifest): readonly Edge[] {
  const groups: readonly (readonly [EdgeKind, ReadonlyMap<string, string>])[] = [
    ['prod', manifest.dependencies],
    ['optional', manifest.optionalDependencies],
    ['dev', manifest.devDependencies],
  ];
  return groups.flatMap(([kind, group]) =>
    [...group].map(([name, spec]) => ({ name, kind, spec, target: { type: 'none' as const }, position: undefined })),
  );
}

function createBinder(context: EdgeContext, project: Project): Binder {
  const find = finderOf(context, project);
  return (edge, dependent) => {
    if (edge.spec === undefined || edge.kind === 'peer' || edge.kind === 'optional-peer') return edge;
    const isOpen = edge.target.type === 'none';
    // Berry records no targets: a resolution diverts an edge even where a descriptor answers it.
    if (!isOpen && context.lockfile.format !== 'yarn-berry') return edge;
    const overrides = context.overrides.applicable(dependent, edge.name, edge.spec);
    const own = isOpen ? [edge.spec, ...catalogued(edge.name, edge.spec, project)] : [];
    const specs = [...overrides.map(({ replacement }) => replacement), ...own];
    const target = specs.map((spec) => find(edge.name, spec, dependent)).find((found) => found !== undefined);
    return target === undefined ? edge : { ...edge, target };
  };
}

/** Yarn Berry records `catalog:` as it is asked for, and files what it locks under what the catalog says. */
function catalogued(name: string, spec: string, project: Project): readonly string[] {
  const catalog = /^catalog:(.*)$/.exec(spec)?.[1];
  const range = project.catalogs.get(catalog === '' ? 'default' : (catalog ?? ''))?.get(name);
  return catalog === undefined || range === undefined ? [] : [range];
}

/** How the format looks up what answers a specifier. */
type Finder = (name: string, spec: string, dependent: Dependent) => EdgeTarget | undefined;

function finderOf(context: EdgeContext, project: Project): Finder {
  const { lockfile } = context;
  switch (lockfile.format) {
    case 'yarn-classic':
      return (name, spec, dependent) =>
        byDescriptor(lockfile, name, spec) ?? memberOf(project, name, spec, dependent, context);
    case 'yarn-berry': {
      const descriptors = new Descriptors(lockfile.descriptors);
      const root = lockfile.entries.find(({ source }) => source.type === 'workspace' && source.path === '.');
      return (name, spec, dependent) => {
        const owner = dependent.type === 'entry' ? dependent.entry.id : (root?.id ?? '');
        const id = descriptors.resolve(name, spec, owner) ?? descriptors.resolve(name, spec, root?.id ?? '');
        return id === undefined ? undefined : { type: 'entry', id };
      };
    }
    case 'npm':
      return (name, spec, dependent) =>
        byLocation(context, project, name, dependent) ?? memberOf(project, name, spec, dependent, context);
    case 'deno':
      return (name, spec, dependent) => memberOf(project, name, spec, dependent, context);
    case 'pnpm':
    case 'bun':
    case 'vlt':
      return () => undefined;
  }
}

function byDescriptor({ descriptors }: Lockfile, name: string, spec: string): EdgeTarget | undefined {
  const id = descriptors.get(`${name}@${spec}`);
  return id === undefined ? undefined : { type: 'entry', id };
}

/**
 * Version 1 of npm files what the root uses at node_modules/<name>, and what a workspace cannot share with it below the
 * link to the workspace. (npm 6 itself knows no workspaces and locks nothing for them.)
 */
function byLocation(
  { entries }: EdgeContext,
  project: Project,
  name: string,
  dependent: Dependent,
): EdgeTarget | undefined {
  if (dependent.type === 'entry') return undefined;
  const own = project.manifests.get(dependent.importer.path)?.name ?? '';
  const entry = entries.get(`node_modules/${own}/node_modules/${name}`) ?? entries.get(`node_modules/${name}`);
  if (entry === undefined) return undefined;
  const isMember = entry.source.type === 'link' && project.manifests.has(entry.source.path);
  return isMember ? { type: 'importer', path: entry.source.path } : { type: 'entry', id: entry.id };
}

/**
 * Deno records real names and ranges in a spelling of its own (`npm:a@7` for `^7.0.0`), no aliases and no groups. The
 * edges get the names and specifiers under which the manifest asks for the same thing.
 */
function nameEdges(importer: Importer, project: Project): Importer {
  const manifest = project.manifests.get(importer.path);
  if (manifest === undefined) return importer;
  const rest = new Set(importer.edges);
  const byName = Map.groupBy(importer.edges, realNameOf);
  const members = new Set([...project.manifests.values()].map(({ name }) => name));
  const named = edgesOf(manifest).flatMap((wanted) => {
    const recorded = byName.get(realNameOf(wanted))?.find((edge) => isSameRequest(edge, wanted));
    // Deno records no dependency on a workspace: the project's own manifests answer it.
    if (recorded === undefined) return members.has(wanted.name) ? [wanted] : [];
    rest.delete(recorded);
    return [{ ...wanted, target: recorded.target, position: recorded.position }];
  });
  return { ...importer, edges: [...named, ...rest] };
}

function realNameOf({ name, spec }: Edge): string {
  const parsed = parseSpecifier(name, spec ?? '');
  return 'name' in parsed ? parsed.name : name;
}

function isSameRequest(recorded: Edge, wanted: Edge): boolean {
  const left = parseSpecifier(recorded.name, recorded.spec ?? '');
  const right = parseSpecifier(wanted.name, wanted.spec ?? '');
  if (left.type !== 'range' || right.type !== 'range') return JSON.stringify(left) === JSON.stringify(right);
  return left.name === right.name && semver.validRange(left.range, true) === semver.validRange(right.range, true);
}

/** A workspace of that name whose version is in range: Yarn 1 records none, since nothing is fetched for them. */
function memberOf(
  project: Project,
  name: string,
  spec: string,
  dependent: Dependent,
  context: EdgeContext,
): EdgeTarget | undefined {
  const found = [...project.manifests].find(([, manifest]) => manifest.name === name);
  if (found === undefined) return undefined;
  const target: EdgeTarget = { type: 'importer', path: found[0] };
  return objectionTo(target, context.specifier(name, spec), dependent, context) === undefined ? target : undefined;
}
