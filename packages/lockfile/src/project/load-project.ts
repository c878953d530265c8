import path from 'node:path/posix';
import {
  isOutside,
  parseProjectManifest,
  type LocalFile,
  type Lockfile,
  type Project,
  type ProjectManifest,
} from '@lockseal/core';
import { readCatalogs } from './catalogs.ts';
import { readExtensions } from './extensions.ts';
import { readLocalFile } from './local-file.ts';
import { readOverrides } from './overrides.ts';
import { readPatches } from './patches.ts';
import type { ProjectFiles } from './project-files.ts';
import { readJsonDocument, readYamlDocument, type ProjectDocument } from './read-document.ts';
import { findWorkspaces } from './workspaces.ts';

/**
 * What the project declares beside its lockfile: manifests of root and workspaces, overrides, package extensions,
 * patches, catalogs, local tarballs, other lockfiles; as the package manager of this lockfile reads them.
 * Nothing outside the lockfile's directory is ever read.
 * @param directory of the lockfile; the paths that `files` is asked for begin with it
 * @returns undefined where there is no package.json
 * @throws LocksealError ERR_PROJECT_UNREADABLE for a file that is there and broken
 */
export async function loadProject(
  lockfile: Lockfile,
  directory: string,
  files: ProjectFiles,
): Promise<Project | undefined> {
  return load(lockfile, {
    read: (file) => files.read(path.join(directory, file)),
    list: (folder, named) => files.list(path.join(directory, folder), named),
  });
}

async function load(lockfile: Lockfile, files: ProjectFiles): Promise<Project | undefined> {
  const { format } = lockfile;
  const root = await readJsonDocument(files, 'package.json');
  if (root === undefined) return undefined;
  const pnpm = format === 'pnpm' ? await readYamlDocument(files, 'pnpm-workspace.yaml') : undefined;
  const yarnrc = format === 'yarn-berry' ? await readYamlDocument(files, '.yarnrc.yml') : undefined;
  const vlt = format === 'vlt' ? await readJsonDocument(files, 'vlt.json') : undefined;
  const manifest = parseProjectManifest(root.members, root.file);
  const manifests = await readManifests(files, lockfile, { root, manifest, pnpm, vlt });
  const catalogs = readCatalogs({ format, root, pnpm, yarnrc, vlt });
  const overrides = readOverrides({ format, root, manifest, pnpm, vlt, catalogs });
  return {
    manifests,
    overrides,
    packageExtensions: readExtensions({ format, root, pnpm, yarnrc }),
    patches: await readPatches(files, { lockfile, root, pnpm, manifests, overrides }),
    catalogs,
    configDependencies: readConfigDependencies(root, pnpm),
    ignoredOptionalDependencies: [
      ...root.table('pnpm').list('ignoredOptionalDependencies'),
      ...(pnpm?.list('ignoredOptionalDependencies') ?? []),
    ],
    otherLockfiles: await findOtherLockfiles(files, lockfile),
    localTarballs: await readLocalTarballs(files, lockfile),
  };
}

/** The documents that may declare workspaces. */
interface WorkspaceSources {
  readonly root: ProjectDocument;
  readonly manifest: ProjectManifest;
  readonly pnpm: ProjectDocument | undefined;
  readonly vlt: ProjectDocument | undefined;
}

/**
 * Manifests of the root and of the workspaces that it declares. A directory that only the lockfile calls a workspace
 * is none, save for Deno, which may declare them in a deno.json that is not read here.
 */
async function readManifests(
  files: ProjectFiles,
  lockfile: Lockfile,
  sources: WorkspaceSources,
): Promise<ReadonlyMap<string, ProjectManifest>> {
  const manifests = new Map([['.', sources.manifest]]);
  const named = lockfile.format === 'deno' ? lockfile.importers : [];
  const queue = new Set([
    ...(await findWorkspaces(files, globsOf(lockfile, sources))),
    ...named.map((importer) => importer.path),
  ]);
  // A Set yields what is added while it is walked: Yarn Berry's workspaces may have workspaces.
  for (const directory of queue) {
    if (directory === '.' || isOutside(directory)) continue;
    const document = await readJsonDocument(files, `${directory}/package.json`);
    if (document === undefined) continue;
    manifests.set(directory, parseProjectManifest(document.members, document.file));
    if (lockfile.format !== 'yarn-berry') continue;
    const nested = workspaceGlobs(document).map((glob) => path.join(directory, glob));
    for (const found of await findWorkspaces(files, nested)) queue.add(found);
  }
  return manifests;
}

function globsOf({ format }: Lockfile, { root, pnpm, vlt }: WorkspaceSources): readonly string[] {
  switch (format) {
    case 'pnpm':
      return pnpm?.list('packages') ?? [];
    case 'vlt':
      return vlt === undefined ? [] : vltGlobs(vlt);
    case 'npm':
    case 'yarn-classic':
    case 'yarn-berry':
    case 'bun':
    case 'deno':
      return workspaceGlobs(root);
  }
}

/** A list, or Yarn's and bun's object with a list. */
function workspaceGlobs(manifest: ProjectDocument): readonly string[] {
  const isTable = manifest.members.get('workspaces') instanceof Map;
  return isTable ? manifest.table('workspaces').list('packages') : manifest.list('workspaces');
}

/** One pattern, a list of them, or a table of named groups of either. */
function vltGlobs(document: ProjectDocument): readonly string[] {
  const value = document.members.get('workspaces');
  const read = (from: ProjectDocument, key: string): readonly string[] =>
    typeof from.members.get(key) === 'string' ? [from.text(key) ?? ''] : from.list(key);
  if (!(value instanceof Map)) return read(document, 'workspaces');
  const groups = document.table('workspaces');
  return [...groups.members.keys()].flatMap((group) => read(groups, group));
}

/** pnpm's; the specifier stands alone, or as `{integrity, tarball}` with the integrity after a '+'. */
function readConfigDependencies(root: ProjectDocument, pnpm: ProjectDocument | undefined): ReadonlyMap<string, string> {
  const tables = [root.table('pnpm').table('configDependencies'), pnpm?.table('configDependencies')];
  return new Map(
    tables.flatMap((table) =>
      [...(table?.members ?? [])].map(([name, value]): readonly [string, string] => {
        const spec = typeof value === 'string' ? value : table?.table(name).text('integrity');
        return [name, spec ?? ''];
      }),
    ),
  );
}

/** Also pnpm's lockfile of one branch, which it prefers where `useGitBranchLockfile` is set. */
const LOCKFILES =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock(?:\..+)?\.yaml|bun\.lockb?|deno\.lock|vlt-lock\.json)$/;

/**
 * Any other lockfile is one that some command would install from instead: npm 11 prefers npm-shrinkwrap.json, and
 * `npm install` takes URLs and hashes from yarn.lock; bun and vlt migrate what they find.
 */
async function findOtherLockfiles(files: ProjectFiles, lockfile: Lockfile): Promise<readonly string[]> {
  const own = lockfile.path.replaceAll('\\', '/').split('/').at(-1);
  const items = (await files.list('.', LOCKFILES)) ?? [];
  const names = items.filter((item) => item.type !== 'directory').map((item) => item.name);
  return names.filter((name) => name !== own && LOCKFILES.test(name)).toSorted();
}

async function readLocalTarballs(files: ProjectFiles, lockfile: Lockfile): Promise<ReadonlyMap<string, LocalFile>> {
  const recorded = lockfile.entries.flatMap(({ source }) => (source.type === 'file' ? [source.path] : []));
  const found = await Promise.all(
    [...new Set(recorded)].map(async (file) => [file, await readLocalFile(files, file)] as const),
  );
  return new Map(found.flatMap(([file, local]) => (local === undefined ? [] : [[file, local] as const])));
}
