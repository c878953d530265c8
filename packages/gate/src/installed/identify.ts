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
export function identify(run: Run, { place, name }: PackageFolder, hint: ManifestHint): ApprovedPackage | undefined {
  if (run.lockfile.format === 'npm' && !place.includes('node_modules/.store/')) return run.approved.ofEntry(place);
  const candidates = run.approved.named(name ?? hint.name ?? '');
  const [only] = candidates;
  if (candidates.length === 1) return only;
  const sameName = candidates.filter((each) => each.name === hint.name);
  return (
    sameName.find(({ version }) => version === hint.version) ?? sameName.find(({ version }) => version === undefined)
  );
}
