import path from 'node:path/posix';
import semver from 'semver';
import type { Observation } from '../model/evidence.ts';
import type { LockedPackage, Patch } from '../model/lockfile.ts';
import type { DeclaredPatch, LocalFile, OverrideSelector, Project } from '../model/project.ts';
import type { EdgeContext } from './context.ts';
import { parseNameAndRange } from './override-selector.ts';
import { isOutside } from './sources.ts';

/** A patch that the lockfile names, for an entry or for a selector. */
interface LockedPatch {
  readonly patch: Patch;
  readonly entry: LockedPackage | undefined;
  readonly subject: OverrideSelector;
}

/** Patches that the lockfile names: declared by the project, there, and the very file that the lockfile records. */
export function checkPatches(context: EdgeContext): Observation[] {
  const { project } = context;
  if (project === undefined) return [];
  return lockedPatches(context).flatMap((locked) => checkPatch(locked, project));
}

/**
 * Lower-case hex sha256 of the declared patch file that an entry is patched with, as the package set takes it.
 * undefined: no patch, no such file, or several files that no one digest describes.
 */
export function patchSha256Of(project: Project | undefined): (entry: LockedPackage) => string | undefined {
  return ({ patch, name, version }) => {
    if (patch === undefined || patch.path?.includes('&') === true) return undefined;
    const subject = { name, range: version };
    return project?.patches.find((candidate) => isDeclaration(candidate, patch, subject))?.file?.sha256;
  };
}

function lockedPatches({ lockfile }: EdgeContext): LockedPatch[] {
  const ofEntries = lockfile.entries.flatMap((entry): LockedPatch[] => {
    if (entry.patch === undefined || isBuiltin(entry.patch)) return [];
    return [{ patch: entry.patch, entry, subject: { name: entry.name, range: entry.version } }];
  });
  const seen = new Set(ofEntries.map(({ patch }) => JSON.stringify(patch)));
  const unseen = [...lockfile.claims.patches].filter(
    ([, patch]) => !isBuiltin(patch) && !seen.has(JSON.stringify(patch)),
  );
  return [
    ...ofEntries,
    ...unseen.map(([key, patch]) => ({ patch, entry: undefined, subject: parseNameAndRange(key) })),
  ];
}

/** Yarn's own compatibility patches are part of Yarn, not of the project: they have a hash and no path. */
function isBuiltin(patch: Patch): boolean {
  return patch.path === undefined && patch.hash?.algorithm === 'hex-prefix';
}

function checkPatch({ patch, entry, subject }: LockedPatch, project: Project): Observation[] {
  const about = { entry: entry?.id, dependency: entry === undefined ? subject.name : undefined };
  const shown = patch.path ?? patch.hash?.value;
  const declared = project.patches.find((candidate) => isDeclaration(candidate, patch, subject));
  if (declared === undefined) return [{ ...about, code: 'override-undeclared', found: `patch ${shown}` }];
  if (isOutside(declared.path)) return [{ ...about, code: 'path-outside-project', found: declared.path }];
  if (declared.file === undefined) return [{ ...about, code: 'patch-missing', expected: declared.path }];
  const expected = patch.hash?.value;
  const found = expected === undefined ? undefined : hashLike(patch, declared, declared.file);
  if (found !== expected) return [{ ...about, code: 'patch-mismatch', expected, found: found ?? 'unreadable patch' }];
  return [{ ...about, code: 'patch-applied', found: declared.path, detail: `Declared in ${declared.origin}.` }];
}

function isDeclaration(declared: DeclaredPatch, patch: Patch, { name, range }: OverrideSelector): boolean {
  if (declared.selector.name !== name) return false;
  if (patch.path !== undefined) return patchPath(patch.path) === patchPath(declared.path);
  const wanted = declared.selector.range;
  if (wanted === undefined || range === undefined || wanted === range) return true;
  return semver.satisfies(range, wanted, { loose: true, includePrerelease: true });
}

/** A patch's path in one spelling: Yarn writes `~/` for the root of the project and flags before a '!'. */
function patchPath(text: string): string {
  return path.normalize(text.slice(text.lastIndexOf('!') + 1).replace(/^~\//, ''));
}

/** The hash of the file on disk in the algorithm and spelling of the recorded one. */
function hashLike({ hash }: Patch, declared: DeclaredPatch, file: LocalFile): string | undefined {
  switch (hash?.algorithm) {
    case 'sha512':
      return file.sha512;
    case 'sha256':
      // pnpm hashes the text with LF as line ends; older versions and other tools the bytes.
      return hash.value === file.sha256 ? file.sha256 : file.sha256LF;
    case 'md5':
      return file.md5LF;
    case 'hex-prefix':
      return declared.yarnHash;
    case undefined:
      return undefined;
  }
}
