import { callsGyp } from '../edges/check-manifest-edges.ts';
import type { DeclaredDependencies } from '../model/evidence.ts';
import type { PackageFacts } from '../verify-package.ts';

/** What approvals record of the manifest, so that edges can be held against it without asking for it again. */
export function declaredDependencies({
  manifest: held,
  tarball,
  carried,
}: PackageFacts): DeclaredDependencies | undefined {
  if (carried !== undefined) return carried.requires;
  if (held === undefined) return undefined;
  const { dependencies, optionalDependencies, peerDependencies, optionalPeers, bundleDependencies } = held.manifest;
  const usesGyp = tarball?.hasBindingGyp === true || callsGyp(held.manifest);
  return {
    dependencies,
    optionalDependencies,
    peerDependencies,
    optionalPeers: [...optionalPeers],
    bundleDependencies,
    usesGyp,
  };
}
