import path from 'node:path/posix';
import semver from 'semver';
import { toSpec } from '../package-id.ts';
import type { Dependent, EdgeContext } from './context.ts';
import { otherName, satisfies, type Objection } from './objection.ts';
import type { Specifier } from './specifier.ts';

/** A directory of the project (workspace, link, copied directory) as an answer. */
export function objectionToDirectory(
  directory: string,
  spec: Specifier,
  dependent: Dependent,
  context: EdgeContext,
): Objection | undefined {
  const found = directory;
  const manifest = context.project?.manifests.get(directory);
  switch (spec.type) {
    case 'local':
      return isSamePath(directory, spec.path, dependent) ? undefined : { code: 'edge-forged', found };
    case 'workspace': {
      if (spec.path !== undefined && isSamePath(directory, spec.path, dependent)) return undefined;
      if (context.project !== undefined && manifest === undefined) return { code: 'link-replaces-registry', found };
      return manifest === undefined ? undefined : objectionToMember(manifest, spec.name, spec.range ?? '*', context);
    }
    case 'range':
    case 'tag': {
      // Without a project the lockfile's word that a directory is a workspace is all there is.
      const isWorkspace = context.project === undefined ? context.importers.has(directory) : manifest !== undefined;
      if (!isWorkspace) return { code: 'link-replaces-registry', found };
      if (manifest === undefined) return undefined;
      return objectionToMember(manifest, spec.name, spec.type === 'tag' ? '*' : spec.range, context);
    }
    case 'git':
    case 'url':
    case 'jsr':
    case 'catalog':
    case 'patch':
    case 'runtime':
    case 'unknown':
      return { code: 'link-replaces-registry', found };
  }
}

/** A workspace without a version answers any range, as in every package manager. */
function objectionToMember(
  manifest: { readonly name: string | undefined; readonly version: string | undefined },
  name: string,
  range: string,
  context: EdgeContext,
): Objection | undefined {
  const found = toSpec(manifest.name ?? '(no name)', manifest.version);
  if (manifest.name !== name) return { code: otherName(context), found };
  if (manifest.version === undefined || satisfies(manifest.version, range)) return undefined;
  const isPrerelease = semver.satisfies(manifest.version, range, { loose: true, includePrerelease: true });
  return isPrerelease ? undefined : { code: 'edge-unsatisfied', found };
}

/**
 * Whether a recorded path is the one that the dependent's manifest names. Lockfiles record it relative to their own
 * directory, Yarn relative to the workspace that asks.
 */
export function isSamePath(recorded: string, asked: string, dependent: Dependent): boolean {
  const from = directoryOf(dependent);
  const plain = path.normalize(recorded).replace(/\/$/, '');
  const wanted = asked.replace(/^file:/, '');
  if (path.isAbsolute(wanted) || wanted.startsWith('~')) return plain === wanted;
  return [path.join(from, wanted), path.normalize(wanted)].some((text) => text.replace(/\/$/, '') === plain);
}

function directoryOf(dependent: Dependent): string {
  if (dependent.type === 'importer') return dependent.importer.path;
  const { source } = dependent.entry;
  return 'path' in source && source.path !== undefined ? source.path : '.';
}
