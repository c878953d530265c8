import semver from 'semver';
import type { EntryId, Importer, LockedPackage, Lockfile } from '../model/lockfile.ts';
import type { DeclaredOverride, OverrideSelector, Project } from '../model/project.ts';
import type { Dependent } from './context.ts';

/** Longer ranges are not compared: that takes the product of what both list. No published range is half as long. */
const MAX_RANGE = 512;

/** Which declared overrides apply to which edge. */
export class OverrideTable {
  readonly #byName: ReadonlyMap<string, readonly DeclaredOverride[]>;
  readonly #lockfile: Lockfile;
  readonly #project: Project | undefined;
  readonly #entries: ReadonlyMap<EntryId, LockedPackage>;
  /** Made when the first override with parents is looked at; most projects have none. */
  #reach: Reach | undefined;

  constructor(
    declared: readonly DeclaredOverride[],
    lockfile: Lockfile,
    project: Project | undefined,
    entries: ReadonlyMap<EntryId, LockedPackage>,
  ) {
    this.#byName = Map.groupBy(declared, (override) => override.target.name);
    this.#lockfile = lockfile;
    this.#project = project;
    this.#entries = entries;
  }

  /** Overrides of the dependency `name`, asked for as `spec`, of this dependent; the first declared comes first. */
  applicable(dependent: Dependent, name: string, spec: string | undefined): readonly DeclaredOverride[] {
    const candidates = this.#byName.get(name) ?? [];
    return candidates.filter(
      (override) => this.#asksFor(override.target, spec) && this.#isInScope(override, dependent),
    );
  }

  /** The applicable overrides that have no parents: they hold wherever the dependent stands, and are quickly found. */
  everywhere(name: string, spec: string | undefined): readonly DeclaredOverride[] {
    const candidates = this.#byName.get(name) ?? [];
    return candidates.filter(({ parents, target }) => parents.length === 0 && this.#asksFor(target, spec));
  }

  /** npm and pnpm: the range asked for meets the override's; Yarn Berry: it is the very same text. */
  #asksFor(target: OverrideSelector, spec: string | undefined): boolean {
    if (target.range === undefined || spec === undefined) return true;
    const asked = spec.replace(/^npm:/, '');
    if (asked === target.range) return true;
    if (asked.length > MAX_RANGE || target.range.length > MAX_RANGE) return false;
    if (this.#lockfile.format === 'yarn-berry') return false;
    const valid = semver.validRange(asked, true) !== null && semver.validRange(target.range, true) !== null;
    return valid && semver.intersects(asked, target.range, true);
  }

  /** pnpm and Yarn Berry name the direct dependent; npm, Yarn 1 and bun any dependent on the path. */
  #isInScope(override: DeclaredOverride, dependent: Dependent): boolean {
    const parent = override.parents.at(-1);
    if (parent === undefined) return true;
    const node = dependent.type === 'entry' ? dependent.entry : dependent.importer;
    if (this.#lockfile.format === 'pnpm' || this.#lockfile.format === 'yarn-berry') return this.#matches(parent, node);
    this.#reach ??= new Reach(this.#lockfile, this.#entries, (selector, each) => this.#matches(selector, each));
    return this.#reach.isBelow(node, override);
  }

  #matches(selector: OverrideSelector, node: Node): boolean {
    const { name, version } = 'id' in node ? node : (this.#project?.manifests.get(node.path) ?? NOBODY);
    if (name !== selector.name) return false;
    if (selector.range === undefined || version === undefined) return selector.range === undefined;
    return semver.satisfies(version, selector.range, { loose: true, includePrerelease: true });
  }
}

const NOBODY = { name: undefined, version: undefined };

type Node = LockedPackage | Importer;

/** What is below what, by number: an override may take a walk over the whole graph. */
class Reach {
  readonly #nodes: readonly Node[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #targets: readonly (readonly number[])[];
  readonly #matches: (selector: OverrideSelector, node: Node) => boolean;
  /** One byte a node: whether it is below all the parents of the override. */
  readonly #scopes = new Map<DeclaredOverride, Uint8Array>();

  constructor(
    lockfile: Lockfile,
    entries: ReadonlyMap<EntryId, LockedPackage>,
    matches: (selector: OverrideSelector, node: Node) => boolean,
  ) {
    this.#nodes = [...lockfile.importers, ...entries.values()];
    this.#numbers = new Map(this.#nodes.map((node, index) => [keyOf(node), index]));
    this.#targets = this.#nodes.map(({ edges }) =>
      edges.flatMap(({ target }) => (target.type === 'entry' ? (this.#numbers.get(`entry ${target.id}`) ?? []) : [])),
    );
    this.#matches = matches;
  }

  isBelow(node: Node, override: DeclaredOverride): boolean {
    const scope = this.#scopes.get(override) ?? this.#scopeOf(override);
    this.#scopes.set(override, scope);
    const number = this.#numbers.get(keyOf(node));
    return number !== undefined && scope[number] === 1;
  }

  /** Everything reachable from what matches the last parent and is itself below the parents before it. */
  #scopeOf(override: DeclaredOverride): Uint8Array {
    let scope = new Uint8Array(this.#nodes.length).fill(1);
    for (const parent of override.parents) {
      const within = scope;
      scope = this.#closure(
        this.#nodes.flatMap((node, index) => (within[index] === 1 && this.#matches(parent, node) ? [index] : [])),
      );
    }
    return scope;
  }

  #closure(seeds: readonly number[]): Uint8Array<ArrayBuffer> {
    const seen = new Uint8Array(this.#nodes.length);
    const open = [...seeds];
    for (const seed of seeds) seen[seed] = 1;
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const target of this.#targets[node] ?? []) {
        if (seen[target] === 1) continue;
        seen[target] = 1;
        open.push(target);
      }
    }
    return seen;
  }
}

function keyOf(node: Node): string {
  return 'id' in node ? `entry ${node.id}` : `importer ${node.path}`;
}
