import type { LockfileFormat } from '@lockseal/core';

/** Something on disk that is not in the approved tarball, or not as it is there, and is no finding. */
export interface PermittedDifference {
  /** Formats of lockfile whose package managers make it; undefined: all. */
  readonly formats: readonly LockfileFormat[] | undefined;
  /** What may differ, and how far. */
  readonly what: string;
  readonly why: string;
}

const row = (formats: readonly LockfileFormat[] | undefined, what: string, why: string): PermittedDifference => ({
  formats,
  what,
  why,
});

/** The closed table: whatever is not here is a finding. docs/installed.md shows it, and a test holds the two together. */
export const PERMITTED = {
  'state-file': row(
    undefined,
    'a file in which the package manager keeps its state, by name, in the `node_modules` of the root or a workspace',
    'the manager reads it, no program is loaded from it; its text is not looked at',
  ),
  'empty-folder': row(undefined, 'a folder without files', 'tarballs may hold them; nothing is loaded from one'),
  gitignore: row(
    ['npm'],
    '`.gitignore` lies there as `.npmignore`, or not at all beside one',
    'npm extracts it so (pacote); the bytes must be the same',
  ),
  'program-line-end': row(
    ['npm', 'pnpm', 'bun'],
    'in a program that the package declares, the carriage return at the end of the `#!` line is gone',
    'systems would look for an interpreter of that name; all other bytes must be the same',
  ),
  'program-bit': row(
    undefined,
    'a program that the package declares may be run',
    'managers set the bit when they link it into `.bin`',
  ),
  'shared-bit': row(
    ['pnpm', 'yarn-berry'],
    'a file with several names may be run, though its package does not declare it',
    'stores keep equal files once: where one is a program, all names of it are',
  ),
  'bundled-elsewhere': row(
    ['yarn-berry'],
    'what the tarball holds below `node_modules` is not there',
    "Yarn's node-modules linker leaves it out, and installs the locked packages of these names",
  ),
  'bundled-merged': row(
    ['yarn-classic'],
    'a file below `node_modules` of the tarball is that of a locked package of the same name',
    'Yarn 1 installs that package over the bundled one; each file must be approved as one or the other',
  ),
  'left-out': row(
    undefined,
    "a file of the project's own folder is not in its copy (`file:`), or one of its commit not in a git dependency",
    'managers copy what would be published; what they copy must be as it is in the folder, or in the commit',
  ),
  'packed-manifest': row(
    ['yarn-berry'],
    'the package.json of a git dependency is written anew',
    "Yarn packs it with two spaces and with what `publishConfig` replaces; its bytes must be what that makes of the commit's",
  ),
  'native-program': row(
    ['bun'],
    'a program in `.bin` is the file of the same path in an optional dependency of the package that declares it',
    'bun starts the program for this platform without the script that would look for it',
  ),
  'source-tag': row(
    ['bun'],
    'a file `.bun-tag` of one line in a package that no registry serves; an empty `.bun-tag-…` in a patched one',
    'bun keeps there what it has fetched, and which patch it has applied; neither is a program',
  ),
  placeholder: row(
    ['yarn-berry'],
    'in place of a package for another platform, a package.json with its name and `"mocked": true` only',
    "Yarn's pnpm linker writes it; its text must be exactly that",
  ),
  unplugged: row(
    ['yarn-berry'],
    'an empty file `.ready` in a package that was unpacked beside the zips',
    'Yarn marks so that it has unpacked all of it',
  ),
  patched: row(
    undefined,
    'what a patch of the package changes',
    "taking the project's patch back must give the approved bytes; what Yarn patches by itself must have the lockfile's checksum",
  ),
  'script-output': row(
    undefined,
    'a file or link that is in no tarball, where an approved install script of the package may write',
    'the caller says which scripts have run; what the tarball holds must still be as it was',
  ),
} satisfies Record<string, PermittedDifference>;

export type PermittedId = keyof typeof PERMITTED;

/** Names of state files in the `node_modules` of an importer. */
export const STATE_FILES: Readonly<Record<LockfileFormat, readonly string[]>> = {
  npm: ['.package-lock.json'],
  pnpm: ['.modules.yaml', '.pnpm-workspace-state.json', '.pnpm-workspace-state-v1.json', '.package-map.json'],
  'yarn-classic': ['.yarn-integrity'],
  'yarn-berry': ['.yarn-state.yml', '.package-map.json'],
  bun: [],
  deno: [],
  vlt: [],
};

/** Folders in an importer's `node_modules` that hold packages by themselves, and the state files in them. */
export const STORES: Readonly<
  Record<LockfileFormat, { readonly name: string; readonly files: readonly string[] } | undefined>
> = {
  npm: { name: '.store', files: [] },
  pnpm: { name: '.pnpm', files: ['lock.yaml'] },
  'yarn-classic': undefined,
  'yarn-berry': { name: '.store', files: [] },
  bun: { name: '.bun', files: [] },
  deno: undefined,
  vlt: undefined,
};
