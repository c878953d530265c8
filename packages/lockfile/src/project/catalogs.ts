import type { LockfileFormat } from '@lockseal/core';
import type { ProjectDocument } from './read-document.ts';

export type Catalogs = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Where catalogs may stand: pnpm-workspace.yaml, .yarnrc.yml, vlt.json, and for bun package.json or its `workspaces`. */
export interface CatalogSources {
  readonly format: LockfileFormat;
  readonly root: ProjectDocument;
  readonly pnpm: ProjectDocument | undefined;
  readonly yarnrc: ProjectDocument | undefined;
  readonly vlt: ProjectDocument | undefined;
}

/** The catalogs that the lockfile's package manager knows; the unnamed one is `default`. */
export function readCatalogs({ format, root, pnpm, yarnrc, vlt }: CatalogSources): Catalogs {
  switch (format) {
    case 'pnpm':
      return catalogsIn(pnpm);
    case 'yarn-berry':
      return catalogsIn(yarnrc);
    case 'bun':
      return new Map([...catalogsIn(root), ...catalogsIn(workspacesOf(root))]);
    case 'vlt':
      return catalogsIn(vlt);
    case 'npm':
    case 'yarn-classic':
    case 'deno':
      return new Map();
  }
}

function workspacesOf(root: ProjectDocument): ProjectDocument | undefined {
  return root.members.get('workspaces') instanceof Map ? root.table('workspaces') : undefined;
}

function catalogsIn(document: ProjectDocument | undefined): Catalogs {
  if (document === undefined) return new Map();
  const named = document.table('catalogs');
  const catalogs = new Map([...named.members.keys()].map((name) => [name, named.table(name).texts()]));
  const unnamed = document.table('catalog').texts();
  return unnamed.size === 0 ? catalogs : new Map([...catalogs, ['default', unnamed]]);
}
