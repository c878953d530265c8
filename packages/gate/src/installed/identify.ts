import { LocksealError } from '@lockseal/core';
import type { ApprovedPackage } from './approved.ts';
import type { PackageFolder } from './layout.ts';
import type { ManifestHint } from './manifest-hint.ts';
import type { Run } from './run.ts';

/**
 * Which approved package a folder must be; undefined: none that may lie there. npm's lockfile tells it by the place. The
 * other layouts leave the place to the manager, so the name of the folder must be one under which a package is
 * installed, and the package.json in it tells which version to compare with. That each dependent finds the version that
 * is locked for it is checked apart (dependencies.ts).
 */
export async function identify(
  run: Run,
  { place, name }: PackageFolder,
  hint: ManifestHint,
): Promise<ApprovedPackage | undefined> {
  if (run.lockfile.format === 'npm' && !place.includes('node_modules/.store/')) return run.approved.ofEntry(place);
  const candidates = run.approved.named(name ?? hint.name ?? '');
  if (candidates.length < 2) return candidates[0];
  const said = candidates.filter((each) => each.name === hint.name && each.version === hint.version);
  const [first, ...others] = said.length > 0 ? said : candidates;
  if (others.length === 0) return first;
  // Two registries may have a version of the same name, and old manifests spell versions as registries do not.
  for (const each of said.length > 0 ? said : candidates) if (await holdsManifest(run, each, hint)) return each;
  return said.length > 0 ? first : undefined;
}

/** Whether the package.json on disk is that of the approved tarball, byte for byte. */
export async function holdsManifest(run: Run, { artifact }: ApprovedPackage, hint: ManifestHint): Promise<boolean> {
  if (artifact === undefined || hint.sha256 === undefined) return false;
  try {
    const list = await run.fileList(artifact);
    return list.find(({ path }) => path === 'package.json')?.sha256 === hint.sha256;
  } catch (error) {
    if (!(error instanceof LocksealError)) throw error;
    return false;
  }
}
