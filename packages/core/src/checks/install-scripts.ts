import { createHash } from 'node:crypto';
import { canonicalize } from '../canonical.ts';
import type { Manifest } from '../model/manifest.ts';
import type { InstallScripts } from '../model/published.ts';

/** Scripts that package managers run when they install a published package. */
const HOOKS = ['preinstall', 'install', 'postinstall'] as const;
/** What npm runs for a package that has a binding.gyp and no script of its own. */
const IMPLICIT = 'node-gyp rebuild';

/**
 * The code that runs when a package is installed, and one digest of all of it.
 * @param told what is known beside the manifest: a binding.gyp in the tarball, or the registry's flag
 */
export function installScriptsOf(
  manifest: Manifest,
  told: { readonly proof: InstallScripts['proof']; readonly hasBindingGyp: boolean },
): InstallScripts {
  const named = HOOKS.flatMap((name): [string, string][] => {
    const text = manifest.scripts.get(name);
    return text === undefined ? [] : [[name, text]];
  });
  const isImplicit = told.hasBindingGyp && !named.some(([name]) => name === 'install' || name === 'preinstall');
  const scripts: readonly [string, string][] = isImplicit ? [...named, ['binding.gyp', IMPLICIT]] : named;
  return {
    proof: told.proof,
    names: scripts.map(([name]) => name),
    sha256: scripts.length === 0 ? undefined : digestOf(scripts),
    texts: scripts.map(([, text]) => text),
  };
}

function digestOf(scripts: readonly (readonly [string, string])[]): string {
  return createHash('sha256')
    .update(canonicalize(Object.fromEntries(scripts)))
    .digest('hex');
}
