import { LocksealError } from '@lockseal/core';
import type { ApprovedPackage } from './approved.ts';
import { committedFiles } from './committed-files.ts';
import { copiedFolder } from './copied-folder.ts';
import { Unreadable } from './disk.ts';
import { expectedFiles, type ExpectedFiles } from './expected-files.ts';
import { holdsManifest, identify } from './identify.ts';
import { join, type PackageFolder } from './layout.ts';
import { manifestHint, type ManifestHint } from './manifest-hint.ts';
import { isPlaceholder } from './permitted-files.ts';
import type { Run } from './run.ts';
import { parsePatch } from './take-back-patch.ts';
import { PackageWalk } from './walk-package.ts';
import type { PackagePatch, PackageToCompare } from './compare-files.ts';
import { patchedFiles } from './patched-zip.ts';

/**
 * Compares one folder with the approved package that it must be, and gives back the folders of packages inside it.
 * The digests are taken later; what they tell is told then.
 */
export async function comparePackage(run: Run, folder: PackageFolder): Promise<readonly PackageFolder[]> {
  const hint = readHint(run, folder);
  if (hint === undefined) return [];
  const of = await identify(run, folder, hint);
  if (of === undefined) return tellStranger(run, folder, hint);
  if (!(await holdsManifest(run, of, hint)) && claimsAnother(of, hint)) return tellAnother(run, folder, of, hint);
  run.layout.add({ type: 'package', place: folder.place });
  run.packages.set(folder.place, of);
  const expected = await filesOf(run, of, folder.place, hint);
  if (expected === undefined) {
    run.uncompared.add(folder.place);
    return [];
  }
  if (isPlaceholder(run, of, folder.place)) {
    run.told.permit('placeholder');
    return [];
  }
  run.counts.packages++;
  const compared = await withPatch(run, { folder, of, expected, hint: () => hint });
  if (runsNothing(compared)) run.scriptless.add(folder.place);
  return new PackageWalk(run, compared).compare();
}

/** Whether the approved files, if they are what lies there, name no script: nothing of them need be read to know that. */
function runsNothing({ expected: { files }, patch, hint }: PackageToCompare): boolean {
  const isApproved = files.get('package.json')?.sha256 === hint().sha256 && patch !== 'unknown' && patch.size === 0;
  return (
    isApproved && !hint().mayNameScripts && ![...files.keys()].some((file) => file.toLowerCase() === 'binding.gyp')
  );
}

/** With what a patch makes of the package, if there is one. */
async function withPatch(run: Run, compared: Omit<PackageToCompare, 'patch'>): Promise<PackageToCompare> {
  const { of, folder } = compared;
  const patch = await patchOf(run, of);
  if (patch !== 'unknown' || of.artifact === undefined) return { ...compared, patch };
  try {
    const patched = patchedFiles(run, of, folder.place, await run.fileList(of.artifact));
    if (patched === undefined) return { ...compared, patch };
    run.told.permit('patched');
    return { ...compared, expected: patched, patch: new Map() };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ...compared, patch };
  }
}

/** What the project's patch does to the package's files; `unknown`: there is one that cannot be taken back. */
async function patchOf(run: Run, { entries }: ApprovedPackage): Promise<PackagePatch> {
  const [patched] = entries.filter(({ patch, source }) => patch !== undefined || source.type === 'patched');
  if (patched === undefined) return new Map();
  const bytes = patched.patch === undefined ? undefined : await run.patch(patched.patch);
  return (bytes === undefined ? undefined : parsePatch(bytes)) ?? 'unknown';
}

function readHint(run: Run, { place }: PackageFolder): ManifestHint | undefined {
  try {
    return manifestHint(run, place);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    run.layout.add({ type: 'unknown', place });
    run.told.undecide(undefined, join(place, 'package.json'), error.message);
    return undefined;
  }
}

/** One that says it is another package is told as a whole, not file by file. */
function claimsAnother({ name, version }: ApprovedPackage, hint: ManifestHint): boolean {
  if (hint.name === undefined || hint.version === undefined) return false;
  return hint.name !== name || (version !== undefined && hint.version !== version);
}

function tellAnother(run: Run, folder: PackageFolder, of: ApprovedPackage, hint: ManifestHint): [] {
  const { place } = folder;
  // Elsewhere than in npm's lockfile no place is for one version.
  if (!of.entries.some(({ id }) => id === place)) return tellStranger(run, folder, hint);
  run.layout.add({ type: 'unknown', place });
  run.told.differ(of, { kind: 'changed', thing: 'package', place, expected: of.spec, found: labelOf(hint) });
  return [];
}

function labelOf({ name, version }: ManifestHint): string {
  return name === undefined ? 'a folder' : `${name}@${version ?? '(no version)'}`;
}

/** Nothing approved may lie there. What is below is part of it, and is not told by itself. */
function tellStranger(run: Run, { place, name }: PackageFolder, hint: ManifestHint): [] {
  const known = run.approved.named(name ?? '');
  // An empty folder is nothing that could be loaded: managers leave it where they removed or left out a package.
  if (hint.sha256 === undefined && known.length === 0 && isEmpty(run, place)) {
    run.told.permit('empty-folder');
    return [];
  }
  run.layout.add({ type: 'unknown', place });
  const found = labelOf(hint);
  const expected = known.length === 0 ? undefined : known.map(({ spec }) => spec).join(' or ');
  run.told.differ(undefined, { kind: 'extra', thing: 'package', place, expected, found });
  return [];
}

function isEmpty(run: Run, place: string): boolean {
  return run.disk.items(place).every(({ name, type }) => type === 'folder' && isEmpty(run, join(place, name)));
}

/** undefined: there is nothing to compare with, which is told. */
async function filesOf(
  run: Run,
  of: ApprovedPackage,
  place: string,
  { sha256 }: ManifestHint,
): Promise<ExpectedFiles | undefined> {
  try {
    if (of.artifact === undefined) {
      const known = copiedFolder(run, of) ?? (await committedFiles(run, of, place, sha256));
      if (known === undefined && of.entries.every(({ id }) => run.asFetched.has(id))) run.told.asFetched(of, place);
      else if (known === undefined) run.told.undecide(of, place, UNPINNED);
      return known;
    }
    return expectedFiles(await run.fileList(of.artifact), run.lockfile.format, of);
  } catch (error) {
    if (!(error instanceof LocksealError || error instanceof Unreadable)) throw error;
    run.told.undecide(of, place, `its approved files cannot be listed: ${error.message}`);
    return undefined;
  }
}

const UNPINNED = 'nothing approved says what its files are';
