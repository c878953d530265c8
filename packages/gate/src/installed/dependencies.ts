import type { Edge, EdgeTarget, LockedPackage } from '@lockseal/core';
import type { ApprovedPackage } from './approved.ts';
import { destinationOf, type Destination, type ProjectFolders } from './links.ts';
import { isForPlatform, type Omitted } from './omitted.ts';
import type { Run } from './run.ts';

/** Who asks: an importer's folder, or a package's. */
interface Dependent {
  readonly place: string;
  readonly label: string;
  readonly of: ApprovedPackage | undefined;
  readonly edges: readonly Edge[];
}

/**
 * Looks every dependency up as Node does, and holds what is found against what the lockfile says. It is what makes
 * the comparison whole: a package that is missing, or approved but in another's place, is seen by those that import it.
 */
export class DependencyCheck {
  readonly #run: Run;
  readonly #projects: ProjectFolders;
  readonly #omitted: Omitted;
  readonly #missing = new Set<string>();

  constructor(run: Run, projects: ProjectFolders, omitted: Omitted) {
    this.#run = run;
    this.#projects = projects;
    this.#omitted = omitted;
  }

  /** @param importers paths of those whose dependencies must all be there; undefined: all */
  check(importers: readonly string[] | undefined): void {
    for (const { path, edges } of this.#run.lockfile.importers) {
      if (importers !== undefined && !importers.includes(path)) continue;
      this.#checkAll({ place: path === '.' ? '' : path, label: path, of: undefined, edges });
    }
    for (const [place, of] of this.#run.packages) {
      // What is inside was not looked at either, which is told.
      if (this.#run.uncompared.has(place)) continue;
      this.#checkAll({ place, label: of.spec, of, edges: this.#entriesAt(place, of).flatMap(({ edges }) => edges) });
    }
  }

  /** npm's lockfile tells which entry lies where; elsewhere any entry of the package may. */
  #entriesAt(place: string, { entries }: ApprovedPackage): readonly LockedPackage[] {
    const exact = entries.filter(({ id }) => id === place);
    return exact.length > 0 ? exact : entries;
  }

  #checkAll(dependent: Dependent): void {
    for (const [name, edges] of Map.groupBy(dependent.edges, (edge) => edge.name)) {
      if (edges.every(({ target }) => target.type === 'none')) continue;
      this.#checkOne(dependent, name, edges);
    }
  }

  #checkOne(dependent: Dependent, name: string, edges: readonly Edge[]): void {
    const node = this.#run.layout.lookUp(dependent.place, name);
    if (node === undefined) return this.#tellMissing(dependent, name, edges);
    const found = destinationOf(this.#run, this.#projects, node);
    // A strange folder or link is told of by itself.
    if (found === undefined || found.type === 'unknown') return;
    if (edges.some(({ target }) => this.#answers(dependent, target, found))) return;
    this.#run.told.differ(dependent.of, {
      kind: 'changed',
      thing: 'dependency',
      place: node.place,
      expected: `${dependent.label} finds ${this.#labelOf(edges)} as ${name}`,
      found: this.#labelAt(found),
    });
  }

  #answers(dependent: Dependent, target: EdgeTarget, found: Destination): boolean {
    // What a package brings with it is part of its own approved tarball.
    if (found.type === 'bundled') return found.owner === dependent.place;
    const entry = target.type === 'entry' ? this.#run.approved.entry(target.id) : undefined;
    if (found.type === 'project') {
      const recorded = entry === undefined ? pathOf(target) : pathOf(entry.source);
      return recorded !== undefined && this.#projects.isAt(recorded, found.place);
    }
    if (entry === undefined) return false;
    return this.#run.approved.ofEntry(entry.id) === this.#run.packages.get(found.place);
  }

  #tellMissing(dependent: Dependent, name: string, edges: readonly Edge[]): void {
    for (const edge of edges) {
      const entry = edge.target.type === 'entry' ? this.#run.approved.entry(edge.target.id) : undefined;
      if (entry === undefined ? edge.target.type === 'none' : this.#mayBeMissing(dependent, edge, entry)) return;
    }
    const label = this.#labelOf(edges);
    const once = JSON.stringify([label, name]);
    if (this.#missing.has(once)) return;
    this.#missing.add(once);
    const [target] = edges.flatMap((edge) => (edge.target.type === 'entry' ? [edge.target.id] : []));
    this.#run.told.differ(target === undefined ? undefined : this.#run.approved.ofEntry(target), {
      kind: 'missing',
      thing: 'package',
      place: dependent.place === '' ? `node_modules/${name}` : `${dependent.place}/node_modules/${name}`,
      expected: `${dependent.label} finds ${label} as ${name}`,
      found: 'nothing',
    });
  }

  #mayBeMissing(dependent: Dependent, edge: Edge, entry: LockedPackage): boolean {
    if (dependent.of === undefined && edge.kind === 'dev' && this.#omitted.has('dev')) return true;
    const isPeer = edge.kind === 'peer' || edge.kind === 'optional-peer';
    if (isPeer && (edge.kind === 'optional-peer' || this.#omitted.has('peer'))) return true;
    const why = isForPlatform(entry.flags, this.#run.platform) ? undefined : 'platform';
    const isOptional = edge.kind === 'optional' || entry.flags.optional;
    if (!isOptional && why === undefined) return false;
    const of = this.#run.approved.ofEntry(entry.id);
    this.#run.told.absent({ package: of?.spec ?? entry.name, why: why ?? 'optional' });
    return true;
  }

  #labelOf(edges: readonly Edge[]): string {
    return [...new Set(edges.map(({ target }) => this.#labelOfTarget(target)))].join(' or ');
  }

  #labelOfTarget(target: EdgeTarget): string {
    if (target.type === 'none') return 'nothing';
    if (target.type !== 'entry') return target.path;
    return this.#run.approved.ofEntry(target.id)?.spec ?? target.id;
  }

  #labelAt(found: Destination): string {
    return (found.type === 'package' ? this.#run.packages.get(found.place)?.spec : undefined) ?? found.place;
  }
}

function pathOf(where: object): string | undefined {
  return 'path' in where && typeof where.path === 'string' ? where.path : undefined;
}
