import { hash } from 'node:crypto';
import path from 'node:path/posix';
import { LocksealError, type LockedPackage } from '@lockseal/core';
import { programsIn } from './manifest-hint.ts';
import type { CommitFile, CommitFiles } from './run.ts';

/** What Yarn 2 and later may put on disk of a commit. */
export interface PackedFiles {
  readonly files: readonly CommitFile[];
  /** package.json is not the commit's, but what packing makes of it. */
  readonly isRewritten: boolean;
}

type Json = Record<string, unknown>;

/**
 * The files of a git dependency as Yarn packs them: `workspace=` of its locator names the workspace that is packed, and
 * package.json is written anew, except in a repository with a lockfile of npm, which is packed by npm.
 * Source: `genPackageManifest` and `genPackStream` of @yarnpkg/plugin-pack, tried with 4.18.
 * @param found lower-case hex sha256 of the package.json on disk: the commit's own needs no rebuilding
 * @throws LocksealError ERR_INSTALLED where that cannot be told from the package alone
 */
export async function packedByYarn(
  commitFiles: CommitFiles,
  entry: LockedPackage,
  found: string | undefined,
): Promise<PackedFiles> {
  const { source, id } = entry;
  if (source.type !== 'git') return { files: await commitFiles(entry), isRewritten: false };
  if (/[#&]cwd=/.test(id)) throw undecided('its folder in the repository is named by `cwd`, which is not followed');
  const all = await commitFiles({ ...entry, source: { ...source, path: undefined } });
  const files = below(all, source.path === undefined ? '' : folderOf(all, source.path));
  const manifest = files.find((file) => file.path === 'package.json');
  if (manifest === undefined) return { files, isRewritten: false };
  const json = parse(manifest.bytes);
  const runnable = runnableIn(manifest, json);
  const isRewritten = manifest.sha256 !== found;
  const rewritten = isRewritten ? rewrite(manifest, json) : manifest;
  return {
    files: files.map((file) => {
      const executable = file.executable || runnable.has(file.path);
      return { ...(file === manifest ? rewritten : file), executable };
    }),
    isRewritten,
  };
}

/** The folder of the one package of this name, with a slash at its end. */
function folderOf(files: readonly CommitFile[], workspace: string): string {
  const manifests = files.filter(
    (file) => path.basename(file.path) === 'package.json' && parse(file.bytes)['name'] === workspace,
  );
  const [only, ...others] = manifests;
  if (only === undefined) throw undecided(`its commit has no workspace ${workspace}`);
  if (others.length > 0) throw undecided(`its commit has several packages called ${workspace}`);
  return only.path.slice(0, -'package.json'.length);
}

function below(files: readonly CommitFile[], folder: string): readonly CommitFile[] {
  return files.flatMap((file) =>
    file.path.startsWith(folder) ? [{ ...file, path: file.path.slice(folder.length) }] : [],
  );
}

/** Replaced by what a package says that it publishes instead; in Yarn's order, for new keys come last. */
const REPLACED = ['type', 'main', 'browser', 'module', 'exports', 'imports', 'bin', 'typings', 'types'];
const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
/** Ranges that become versions of other workspaces, or what settings of the repository say. */
const SPELT_ELSEWHERE = /^(?:workspace|catalog|jsr):/;

function rewrite(file: CommitFile, json: Json): CommitFile {
  const ranges = DEPENDENCIES.flatMap((field) => Object.values(tableIn(json, field)));
  if (ranges.some((range) => typeof range === 'string' && SPELT_ELSEWHERE.test(range))) {
    throw undecided('its package.json is written anew, with versions that other files tell');
  }
  const published = tableIn(json, 'publishConfig');
  const replaced: Json = {};
  for (const key of REPLACED) if (published[key]) replaced[key] = published[key];
  const bytes = Buffer.from(textOf({ ...json, ...replaced }));
  return { ...file, size: bytes.length, sha256: hash('sha256', bytes), bytes };
}

function textOf(json: Json): string {
  try {
    return JSON.stringify(json, null, 2);
  } catch (cause) {
    throw undecided('its package.json is nested too deeply', cause);
  }
}

/** Files that Yarn lets run, whatever the commit says: programs, and what package.json lists. */
function runnableIn({ bytes }: CommitFile, json: Json): ReadonlySet<string> {
  const listed = tableIn(json, 'publishConfig')['executableFiles'];
  const names: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const files = names.flatMap((name) => (typeof name === 'string' ? [path.normalize(name)] : []));
  return new Set([...programsIn(Buffer.from(bytes ?? [])).values(), ...files]);
}

function parse(bytes: Uint8Array | undefined): Json {
  if (bytes === undefined) throw undecided('its package.json is larger than any is');
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isTable(json) ? json : {};
  } catch (cause) {
    throw undecided('a package.json of its commit cannot be read', cause);
  }
}

function tableIn(json: Json, key: string): Json {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return isTable(value) ? value : {};
}

function isTable(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function undecided(reason: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_INSTALLED', reason, { cause });
}
