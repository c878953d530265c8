import {
  LocksealError,
  parseNameAndRange,
  parseOverrideSelector,
  type DeclaredOverride,
  type LockfileFormat,
  type OverrideSelector,
  type ProjectManifest,
} from '@lockseal/core';
import type { ProjectDocument } from './read-document.ts';

/** The files of a project that may declare overrides. */
export interface OverrideSources {
  readonly format: LockfileFormat;
  /** package.json of the root. */
  readonly root: ProjectDocument;
  readonly manifest: ProjectManifest;
  /** pnpm-workspace.yaml. */
  readonly pnpm: ProjectDocument | undefined;
  readonly vlt: ProjectDocument | undefined;
  readonly catalogs: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Each may take a walk over the whole graph; the largest projects have some hundreds. */
const MAX_OVERRIDES = 2000;
/** Dependents that all overrides together are limited to. */
const MAX_PARENTS = 4000;

/** The overrides that the lockfile's package manager honours, from wherever it reads them. */
export function readOverrides(sources: OverrideSources): readonly DeclaredOverride[] {
  const overrides = overridesIn(sources);
  const parents = overrides.reduce((sum, override) => sum + override.parents.length, 0);
  if (overrides.length <= MAX_OVERRIDES && parents <= MAX_PARENTS) return overrides;
  throw new LocksealError('ERR_PROJECT_UNREADABLE', 'The project declares too many overrides.', {
    file: sources.root.file,
    expected: `at most ${MAX_OVERRIDES}, and ${MAX_PARENTS} dependents that they are limited to`,
    found: `${overrides.length} and ${parents}`,
  });
}

function overridesIn(sources: OverrideSources): readonly DeclaredOverride[] {
  const { format, root, pnpm, vlt } = sources;
  switch (format) {
    case 'npm':
    case 'deno':
      return nested(root.table('overrides'), [], sources);
    case 'bun':
      return [...flat(root.table('resolutions'), sources), ...nested(root.table('overrides'), [], sources)];
    case 'yarn-classic':
    case 'yarn-berry':
      return flat(root.table('resolutions'), sources);
    case 'vlt':
      return vlt === undefined ? [] : flat(vlt.table('modifiers'), sources);
    case 'pnpm': {
      const tables = [root.table('resolutions'), root.table('pnpm').table('overrides'), pnpm?.table('overrides')];
      return tables.flatMap((table) => (table === undefined ? [] : flat(table, sources)));
    }
  }
}

function flat(table: ProjectDocument, sources: OverrideSources): DeclaredOverride[] {
  return [...table.texts()].map(([key, replacement]) => ({
    ...parseOverrideSelector(key, sources.format),
    replacement: resolve(key, replacement, table, sources),
    origin: `${table.file}[${JSON.stringify(key)}]`,
  }));
}

/** npm: an object limits the overrides in it to what is below the package it is named for; '.' is that package. */
function nested(
  table: ProjectDocument,
  parents: readonly OverrideSelector[],
  sources: OverrideSources,
): DeclaredOverride[] {
  return [...table.members].flatMap(([key, value]): DeclaredOverride[] => {
    const self = parents.at(-1);
    const isSelf = key === '.' && self !== undefined;
    const target = isSelf ? self : parseNameAndRange(key);
    if (typeof value !== 'string') return nested(table.table(key), [...parents, target], sources);
    const origin = `${table.file}[${JSON.stringify(key)}]`;
    const above = isSelf ? parents.slice(0, -1) : parents;
    return [{ parents: above, target, replacement: resolve(key, value, table, sources), origin }];
  });
}

/** `$name` is what the root asks of `name` itself; `catalog:` what the catalog says; '' any version. */
function resolve(key: string, value: string, table: ProjectDocument, sources: OverrideSources): string {
  if (value === '') return '*';
  if (value.startsWith('$')) return reference(value.slice(1), key, table, sources.manifest);
  const catalog = /^catalog:(.*)$/.exec(value)?.[1];
  if (catalog === undefined) return value;
  const { target } = parseOverrideSelector(key, sources.format);
  return sources.catalogs.get(catalog === '' ? 'default' : catalog)?.get(target.name) ?? value;
}

function reference(name: string, key: string, table: ProjectDocument, manifest: ProjectManifest): string {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  const groups = [dependencies, devDependencies, optionalDependencies, peerDependencies];
  const spec = groups.map((group) => group.get(name)).find((text) => text !== undefined);
  if (spec !== undefined) return spec;
  throw new LocksealError('ERR_PROJECT_UNREADABLE', `${table.file}: ${key} refers to $${name}`, {
    file: table.file,
    expected: `a direct dependency ${name}`,
    found: 'none',
  });
}
