import path from 'node:path/posix';
import {
  parseNameAndRange,
  parseSpecifier,
  type DeclaredOverride,
  type DeclaredPatch,
  type Lockfile,
  type ProjectManifest,
} from '@lockseal/core';
import { readLocalFile } from './local-file.ts';
import type { ProjectFiles } from './project-files.ts';
import type { ProjectDocument } from './read-document.ts';
import { yarnPatchHash } from './yarn-patch-hash.ts';

export interface PatchSources {
  readonly lockfile: Lockfile;
  readonly root: ProjectDocument;
  readonly pnpm: ProjectDocument | undefined;
  readonly manifests: ReadonlyMap<string, ProjectManifest>;
  readonly overrides: readonly DeclaredOverride[];
}

/** The patches that the project declares, with the files on disk. */
export async function readPatches(files: ProjectFiles, sources: PatchSources): Promise<readonly DeclaredPatch[]> {
  const { lockfile, root, pnpm } = sources;
  switch (lockfile.format) {
    case 'npm':
    case 'bun':
      return patchesIn(files, [root]);
    case 'pnpm':
      return patchesIn(files, pnpm === undefined ? [root.table('pnpm')] : [root.table('pnpm'), pnpm]);
    case 'yarn-berry':
      return yarnPatches(files, sources);
    case 'yarn-classic':
    case 'deno':
    case 'vlt':
      return [];
  }
}

async function patchesIn(files: ProjectFiles, documents: readonly ProjectDocument[]): Promise<DeclaredPatch[]> {
  const tables = documents.map((document) => document.table('patchedDependencies'));
  const declared = tables.flatMap((table) =>
    [...table.texts()].map(([key, file]) => ({ key, file, from: table.file })),
  );
  return Promise.all(
    declared.map(async ({ key, file, from }) => ({
      selector: parseNameAndRange(key),
      path: file,
      file: await readLocalFile(files, file),
      origin: `${from}[${JSON.stringify(key)}]`,
    })),
  );
}

/** Yarn Berry declares a patch by the specifier of a dependency or the value of a resolution. */
async function yarnPatches(files: ProjectFiles, sources: PatchSources): Promise<DeclaredPatch[]> {
  const found = [...specifiersOf(sources)].flatMap((each) => {
    const spec = parseSpecifier(each.name, each.text, 'tag');
    if (spec.type !== 'patch' || spec.files.includes('builtin<')) return [];
    const { name } = parseNameAndRange(spec.inner);
    return [{ name, file: fromDirectory(spec.files, each.directory), origin: each.origin }];
  });
  return Promise.all(found.map((each) => yarnPatch(files, each, sources.lockfile)));
}

interface YarnPatch {
  readonly name: string;
  readonly file: string;
  readonly origin: string;
}

async function yarnPatch(
  files: ProjectFiles,
  { name, file, origin }: YarnPatch,
  lockfile: Lockfile,
): Promise<DeclaredPatch> {
  const texts = await Promise.all(file.split('&').map((each) => readText(files, each)));
  const locked = lockfile.entries.find((entry) => entry.name === name && entry.patch?.path === file);
  const known = texts.every((text) => text !== undefined);
  return {
    selector: { name, range: undefined },
    path: file,
    file: await readLocalFile(files, file.split('&')[0] ?? file),
    yarnHash: known ? yarnPatchHash(texts, locked?.version) : undefined,
    origin,
  };
}

async function readText(files: ProjectFiles, file: string): Promise<string | undefined> {
  const local = await readLocalFile(files, file);
  const bytes = local === undefined ? undefined : await files.read(path.normalize(file));
  return bytes === undefined ? undefined : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function* specifiersOf({ manifests, overrides }: PatchSources): Generator<{
  readonly name: string;
  readonly text: string;
  readonly directory: string;
  readonly origin: string;
}> {
  for (const [directory, { dependencies, devDependencies, optionalDependencies }] of manifests) {
    const origin = path.join(directory, 'package.json');
    for (const [name, text] of [...dependencies, ...devDependencies, ...optionalDependencies]) {
      yield { name, text, directory, origin };
    }
  }
  for (const { target, replacement, origin } of overrides) {
    yield { name: target.name, text: replacement, directory: '.', origin };
  }
}

/** `~/` is the project's root; any other path is relative to the manifest. Several files are joined by '&'. */
function fromDirectory(fragment: string, directory: string): string {
  if (fragment.includes('&')) return fragment;
  const file = fragment.replace(/^optional!/, '');
  return file.startsWith('~/') ? file.slice(2) : path.join(directory, file);
}
