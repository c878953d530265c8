import type { LockfileFormat } from '@lockseal/core';

/** Package managers that are told what to do in the same way. */
export type Family = 'npm' | 'pnpm' | 'yarn-classic' | 'yarn-berry' | 'bun';

/** How a package manager installs what is locked, nothing else, and runs no script. */
export interface Manager {
  readonly family: Family;
  /** As `packageManager` in package.json and the command line have it. */
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** The frozen mode; each writes nothing to the lockfile, or fails. */
  readonly frozen: readonly string[];
  /** Two programs share the name `yarn`: what `--version` must begin with. undefined: one program, any version. */
  readonly version: RegExp | undefined;
}

export const MANAGERS: Readonly<Record<Family, Manager>> = {
  npm: {
    family: 'npm',
    name: 'npm',
    frozen: ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    version: undefined,
  },
  pnpm: {
    family: 'pnpm',
    name: 'pnpm',
    frozen: ['install', '--frozen-lockfile', '--ignore-scripts'],
    version: undefined,
  },
  'yarn-classic': {
    family: 'yarn-classic',
    name: 'yarn',
    frozen: ['install', '--frozen-lockfile', '--ignore-scripts', '--non-interactive'],
    version: /^[01]\./,
  },
  'yarn-berry': {
    family: 'yarn-berry',
    name: 'yarn',
    frozen: ['install', '--immutable', '--mode=skip-build'],
    // Yarn 2 and 3 do not know the variable that names the gate's authority, and end before they do anything.
    version: /^(?:[4-9]|\d\d)/,
  },
  bun: { family: 'bun', name: 'bun', frozen: ['install', '--frozen-lockfile', '--ignore-scripts'], version: undefined },
};

export const FAMILIES: readonly Family[] = ['npm', 'pnpm', 'yarn-classic', 'yarn-berry', 'bun'];

/** The family that installs from a lockfile of this format; undefined: none that lockseal runs. */
export function familyOf(format: LockfileFormat): Family | undefined {
  return FAMILIES.find((family) => family === format);
}
