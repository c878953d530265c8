import { parseNameAndRange, type LockfileFormat, type PackageExtension } from '@lockseal/core';
import type { ProjectDocument } from './read-document.ts';

/** Where package extensions may stand: package.json (npm 12, pnpm), pnpm-workspace.yaml, .yarnrc.yml. */
export interface ExtensionSources {
  readonly format: LockfileFormat;
  readonly root: ProjectDocument;
  readonly pnpm: ProjectDocument | undefined;
  readonly yarnrc: ProjectDocument | undefined;
}

/** The package extensions that the lockfile's package manager honours. */
export function readExtensions({ format, root, pnpm, yarnrc }: ExtensionSources): readonly PackageExtension[] {
  switch (format) {
    case 'npm':
      return extensionsIn(root);
    case 'pnpm':
      return [...extensionsIn(root.table('pnpm')), ...extensionsIn(pnpm)];
    case 'yarn-berry':
      return extensionsIn(yarnrc);
    case 'yarn-classic':
    case 'bun':
    case 'deno':
    case 'vlt':
      return [];
  }
}

function extensionsIn(document: ProjectDocument | undefined): PackageExtension[] {
  const table = document?.table('packageExtensions');
  return [...(table?.members.keys() ?? [])].map((key) => {
    const members = table?.table(key);
    const texts = (name: string): ReadonlyMap<string, string> => members?.table(name).texts() ?? new Map();
    return {
      selector: parseNameAndRange(key),
      dependencies: texts('dependencies'),
      optionalDependencies: texts('optionalDependencies'),
      peerDependencies: texts('peerDependencies'),
      origin: `${table?.file}[${JSON.stringify(key)}]`,
    };
  });
}
