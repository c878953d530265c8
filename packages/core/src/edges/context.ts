import type { Edge, EntryId, Importer, LockedPackage, Lockfile } from '../model/lockfile.ts';
import type { DeclaredOverride, Project } from '../model/project.ts';
import { claimedOverrides } from './override-selector.ts';
import { OverrideTable } from './overrides.ts';
import { parseSpecifier, type Specifier } from './specifier.ts';

/** Who asks for a dependency. */
export type Dependent =
  | { readonly type: 'importer'; readonly importer: Importer }
  | { readonly type: 'entry'; readonly entry: LockedPackage };

/** A lockfile with its project, indexed once for all checks of edges. */
export interface EdgeContext {
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
  readonly entries: ReadonlyMap<EntryId, LockedPackage>;
  readonly importers: ReadonlyMap<string, Importer>;
  readonly overrides: OverrideTable;
  /** Parses a specifier as the lockfile's package manager does, and looks catalogs up. */
  specifier(name: string, text: string): Specifier;
  /**
   * Whether a package of a registry, whose edges are held against its own manifest, leads to the same entry under the same
   * name otherwise than by a peer: then somebody declares that alias.
   */
  isNamedElsewhere(edge: Edge): boolean;
}

/**
 * Without a project the overrides that the lockfile claims are taken at its word: they cannot be checked, which is
 * what `project-missing` says.
 */
export function edgeContext(lockfile: Lockfile, project: Project | undefined): EdgeContext {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const importers = new Map(lockfile.importers.map((importer) => [importer.path, importer]));
  const declared: readonly DeclaredOverride[] = project?.overrides ?? claimedOverrides(lockfile);
  const bareNpm = lockfile.format === 'yarn-berry' ? 'tag' : 'name';
  const catalogs = project?.catalogs ?? lockfile.claims.catalogs;
  const parsed = new Map<string, Specifier>();

  function specifier(name: string, text: string): Specifier {
    const key = `${name}\n${text}`;
    const known = parsed.get(key);
    if (known !== undefined) return known;
    const found = resolve(name, text);
    parsed.set(key, found);
    return found;
  }

  function resolve(name: string, text: string): Specifier {
    const first = parseSpecifier(name, text, bareNpm);
    if (first.type !== 'catalog') return first;
    const entry = catalogs.get(first.catalog)?.get(name);
    return entry === undefined ? { type: 'unknown', text } : parseSpecifier(name, entry, bareNpm);
  }

  const overrides = new OverrideTable(declared, lockfile, project, entries);
  let named: ReadonlySet<string> | undefined;
  const isNamedElsewhere = (edge: Edge): boolean => {
    named ??= namesOf(lockfile);
    return named.has(nameOf(edge));
  };
  return { lockfile, project, entries, importers, overrides, specifier, isNamedElsewhere };
}

/** Where only the resolution is recorded (pnpm, Deno), peers look like all others: such edges declare nothing. */
function namesOf({ entries }: Lockfile): ReadonlySet<string> {
  const published = entries.filter(({ source }) => source.type === 'registry');
  const declares = ({ kind, spec }: Edge): boolean => kind !== 'peer' && kind !== 'optional-peer' && spec !== undefined;
  return new Set(published.flatMap(({ edges }) => edges.filter(declares).map(nameOf)));
}

function nameOf({ name, target }: Edge): string {
  return `${name}\n${target.type === 'entry' ? target.id : target.type}`;
}
