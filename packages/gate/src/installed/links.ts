import type { LockedPackage } from '@lockseal/core';
import path from 'node:path';
import { type LayoutNode } from './layout.ts';
import { manifestHint } from './manifest-hint.ts';
import { Unreadable } from './disk.ts';
import type { Run } from './run.ts';

type Link = Extract<LayoutNode, { type: 'link' }>;

/** Where something that can be imported really is. */
export type Destination =
  | Exclude<LayoutNode, Link>
  /** A workspace or a folder that the lockfile links: the project's own files, which no tarball has. */
  | { readonly type: 'project'; readonly place: string };

/** Where links may lead beside packages: importers, and what the lockfile says is linked, which may lie outside. */
export class ProjectFolders {
  readonly #homes: readonly string[];
  readonly #places: ReadonlySet<string>;

  constructor(run: Run) {
    const { importers, entries } = run.lockfile;
    this.#homes = ['.', ...importers.map((importer) => importer.path)];
    const linked = [...entries.flatMap(linkedPath), ...edgePaths(run)];
    this.#places = new Set([...this.#homes.map(normal), ...linked.flatMap((each) => this.#readings(each))]);
  }

  has(place: string): boolean {
    return this.#places.has(place);
  }

  /** Whether a path as the lockfile records it is this place. */
  isAt(recorded: string, place: string): boolean {
    return this.#readings(recorded).includes(place);
  }

  /** Some formats record paths from the workspace that asks. */
  #readings(recorded: string): readonly string[] {
    return this.#homes.map((home) => normal(path.posix.join(home, recorded)));
  }
}

/** undefined: it leads to nothing that is known. */
export function destinationOf(run: Run, projects: ProjectFolders, node: LayoutNode): Destination | undefined {
  if (node.type !== 'link') return node;
  const place = node.to === undefined ? undefined : run.layout.realPlace(node.to);
  if (place === undefined) return undefined;
  const found = run.layout.at(place);
  if (found !== undefined && found.type !== 'link') return found;
  return projects.has(place) ? { type: 'project', place } : undefined;
}

/** Every link where packages are looked up must lead to a package of that name, or to the project's own folder of it. */
export function checkLinks(run: Run, projects: ProjectFolders): number {
  const links = [...run.layout.links()];
  for (const link of links) checkLink(run, projects, link);
  return links.length;
}

function checkLink(run: Run, projects: ProjectFolders, link: Link): void {
  const { place, name } = link;
  const to = destinationOf(run, projects, link);
  if (to === undefined) {
    const isConfig = place.includes('node_modules/.pnpm-config/');
    if (isConfig)
      run.told.undecide(undefined, place, 'it leads outside of the project, to files that are not compared');
    else tell(run, link, 'a package of this project', textOf(run, place));
  } else if (to.type === 'project') {
    const names = namesOf(run, to.place);
    if (!names.has(name)) tell(run, link, [...names].join(' or ') || 'nothing of this name', to.place);
  } else if (to.type === 'package') {
    const of = run.packages.get(to.place);
    if (of !== undefined && !of.names.has(name)) tell(run, link, [...of.names].join(' or '), of.spec);
  } else if (to.type === 'bundled') {
    // Nothing that a package brings with it is for others.
    tell(run, link, 'a package of its own', to.place);
  }
  // What is unknown is told of where it lies.
}

function tell(run: Run, { place }: Link, expected: string, found: string): void {
  run.told.differ(undefined, { kind: 'changed', thing: 'link', place, expected, found: `a link to ${found}` });
}

function textOf(run: Run, place: string): string {
  try {
    return run.disk.linkText(place);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return 'what cannot be read';
  }
}

/** The names under which a folder of the project can be imported. */
function namesOf(run: Run, place: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, aliases, source } of run.lockfile.entries) {
    if ('path' in source && source.path !== undefined && normal(source.path) === place) {
      for (const each of [name, ...aliases]) names.add(each);
    }
  }
  for (const { edges } of [...run.lockfile.importers, ...run.lockfile.entries]) {
    for (const { name, target } of edges) {
      const isThis = (target.type === 'importer' || target.type === 'link') && normal(target.path) === place;
      if (isThis) names.add(name);
    }
  }
  const own = place.startsWith('..') ? undefined : ownName(run, place);
  return own === undefined ? names : names.add(own);
}

function ownName(run: Run, place: string): string | undefined {
  try {
    return manifestHint(run, place).name;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return undefined;
  }
}

function linkedPath({ source }: LockedPackage): readonly string[] {
  const isLocal = source.type === 'link' || source.type === 'workspace' || source.type === 'directory';
  return isLocal ? [source.path] : [];
}

function edgePaths({ lockfile: { importers, entries } }: Run): readonly string[] {
  const edges = [...importers, ...entries].flatMap((each) => each.edges);
  return edges.flatMap(({ target }) => (target.type === 'link' ? [target.path] : []));
}

function normal(place: string): string {
  const text = path.posix.normalize(place).replace(/\/$/, '');
  return text === '.' ? '' : text;
}
