import semver from 'semver';
import type { EntryId, Importer, LockedPackage, Lockfile } from '../model/lockfile.ts';
import type { DeclaredOverride, OverrideSelector, Project } from '../model/project.ts';
import type { Dependent } from './context.ts';

/** Which declared overrides apply to which edge. */
export class OverrideTable {
  readonly #byName: ReadonlyMap<string, readonly DeclaredOverride[]>;
  readonly #lockfile: Lockfile;
  readonly #project: Project | undefined;
  readonly #entries: ReadonlyMap<EntryId, LockedPackage>;
  /** Dependents below an override's parents, worked out when an edge first asks for it. */
  readonly #scopes = new Map<DeclaredOverride, ReadonlySet<LockedPackage | Importer>>();

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

  /** npm and pnpm: the range asked for meets the override's; Yarn Berry: it is the very same text. */
  #asksFor(target: OverrideSelector, spec: string | undefined): boolean {
    if (target.range === undefined || spec === undefined) return true;
    const asked = spec.replace(/^npm:/, '');
    if (asked === target.range) return true;
    if (this.#lockfile.format === 'yarn-berry') return false;
    const valid = semver.validRange(asked, true) !== null && semver.validRange(target.range, true) !== null;
    return valid && semver.intersects(asked, target.range, true);
  }

  /** pnpm and Yarn Berry name the direct dependent; npm, Yarn 1 and bun any dependent on the path. */
  #isInScope(override: DeclaredOverride, dependent: Dependent): boolean {
    if (override.parents.length === 0) return true;
    const node = dependent.type === 'entry' ? dependent.entry : dependent.importer;
    const parent = override.parents.at(-1);
    if (this.#lockfile.format === 'pnpm' || this.#lockfile.format === 'yarn-berry') {
      return parent !== undefined && this.#matches(parent, node);
    }
    const scope = this.#scopes.get(override) ?? this.#scopeOf(override);
    this.#scopes.set(override, scope);
    return scope.has(node);
  }

  /** Everything reachable from an entry that matches the last parent and is itself below the parents before it. */
  #scopeOf(override: DeclaredOverride): ReadonlySet<LockedPackage | Importer> {
    let within: ReadonlySet<LockedPackage | Importer> = new Set([
      ...this.#lockfile.importers,
      ...this.#lockfile.entries,
    ]);
    for (const parent of override.parents) {
      within = this.#closure([...within].filter((node) => this.#matches(parent, node)));
    }
    return within;
  }

  #closure(seeds: readonly (LockedPackage | Importer)[]): ReadonlySet<LockedPackage | Importer> {
    const seen = new Set(seeds);
    // A Set yields what is added while it is walked.
    for (const node of seen) {
      for (const edge of node.edges) {
        const target = edge.target.type === 'entry' ? this.#entries.get(edge.target.id) : undefined;
        if (target !== undefined) seen.add(target);
      }
    }
    return seen;
  }

  #matches(selector: OverrideSelector, node: LockedPackage | Importer): boolean {
    const { name, version } = 'id' in node ? node : (this.#project?.manifests.get(node.path) ?? NOBODY);
    if (name !== selector.name) return false;
    if (selector.range === undefined || version === undefined) return selector.range === undefined;
    return semver.satisfies(version, selector.range, { loose: true, includePrerelease: true });
  }
}

const NOBODY = { name: undefined, version: undefined };
