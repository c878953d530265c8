import type { EdgeTarget, LockedPackage, Source } from '../model/lockfile.ts';
import { objectionToDirectory } from './answer-directory.ts';
import { objectionToExotic } from './answer-exotic.ts';
import type { Dependent, EdgeContext } from './context.ts';
import { describe, otherName, satisfies, type Objection } from './objection.ts';
import type { Specifier } from './specifier.ts';

/**
 * Whether what the lockfile gives is an answer to what was asked for: a package of that real name at a version in
 * range, from the kind of source that was asked for. undefined: it is.
 * A target of type `none` is for the caller, who knows whether the dependency may be absent.
 */
export function objectionTo(
  target: EdgeTarget,
  spec: Specifier,
  dependent: Dependent,
  context: EdgeContext,
): Objection | undefined {
  switch (target.type) {
    case 'none':
      return undefined;
    case 'importer':
      return objectionToDirectory(target.path, spec, dependent, context);
    case 'link':
      return objectionToDirectory(target.path, spec, dependent, context);
    case 'entry': {
      const entry = context.entries.get(target.id);
      if (entry === undefined) return { code: 'dependency-not-locked', found: target.id };
      return objectionToEntry(entry, spec, dependent, context);
    }
  }
}

/** Patches of patches that are followed: Yarn allows them, and a lockfile could let them run in a ring. */
export const MAX_PATCHES = 8;

function objectionToEntry(
  entry: LockedPackage,
  spec: Specifier,
  dependent: Dependent,
  context: EdgeContext,
  patches = 0,
): Objection | undefined {
  const { source } = entry;
  switch (source.type) {
    case 'patched': {
      const inner = context.entries.get(source.inner);
      const asked = spec.type === 'patch' ? innerSpecifier(entry.name, spec.inner, context) : spec;
      if (patches >= MAX_PATCHES) return { code: 'unknown-class', found: describe(entry) };
      return inner === undefined ? undefined : objectionToEntry(inner, asked, dependent, context, patches + 1);
    }
    case 'registry':
    case 'bundled':
      return objectionToPublished(entry, spec, context);
    case 'jsr':
      return objectionToJsr(entry, spec);
    case 'git':
    case 'tarball':
    case 'file':
      return objectionToExotic(entry, source, spec, dependent);
    case 'directory':
    case 'link':
    case 'workspace':
      return objectionToDirectory(source.path, spec, dependent, context);
    case 'runtime':
      return spec.type === 'runtime' ? undefined : { code: 'non-registry-source', found: describe(entry) };
    case 'https':
    case 'unknown':
      return undefined;
  }
}

/** `ms@npm:2.1.3` or `ms@2.1.3` inside a patch descriptor. */
function innerSpecifier(name: string, descriptor: string, context: EdgeContext): Specifier {
  const at = descriptor.indexOf('@', 1);
  return context.specifier(at < 0 ? name : descriptor.slice(0, at), at < 0 ? descriptor : descriptor.slice(at + 1));
}

function objectionToPublished(entry: LockedPackage, spec: Specifier, context: EdgeContext): Objection | undefined {
  const found = describe(entry);
  switch (spec.type) {
    case 'range':
    case 'tag':
      if (entry.name !== spec.name) return { code: otherName(context), found };
      if (spec.type === 'tag') return undefined;
      if (isOtherRegistry(entry.source, spec.registry, context)) return { code: 'edge-forged', found };
      // A missing version is an observation of its own.
      if (entry.version === undefined) return undefined;
      // A bundled copy is covered by its parent's digest, and publishers bundle what they like.
      return entry.source.type === 'bundled' || satisfies(entry.version, spec.range)
        ? undefined
        : { code: 'edge-unsatisfied', found };
    case 'jsr':
      return entry.name === jsrOnNpm(spec.name) ? undefined : { code: otherName(context), found };
    case 'url':
      return isTarballOf(entry, spec.url) ? undefined : { code: 'edge-forged', found };
    case 'unknown':
      return { code: 'edge-unsatisfied', found, detail: 'The specifier is of no form that lockseal knows.' };
    case 'git':
    case 'local':
    case 'workspace':
    case 'catalog':
    case 'patch':
    case 'runtime':
      return { code: 'edge-forged', found };
  }
}

/**
 * Only pnpm and vlt record a named registry, pnpm not where its URL is the default one. vlt writes the URL where the
 * registry has no name: no edge can ask for that, and `registryFor` holds it against the configuration.
 */
function isOtherRegistry(source: Source, asked: string | undefined, { lockfile }: EdgeContext): boolean {
  if (source.type !== 'registry' || source.namedRegistry === undefined) return false;
  if (lockfile.format === 'vlt' && asked === undefined && URL.canParse(source.namedRegistry)) return false;
  return source.namedRegistry !== asked;
}

/** JSR's npm registry serves `@scope/name` as `@jsr/scope__name`. https://jsr.io/docs/npm-compatibility */
function jsrOnNpm(name: string): string {
  return `@jsr/${name.slice(1).replace('/', '__')}`;
}

/** pnpm locks the tarball URL of a published version as that version. */
function isTarballOf(entry: LockedPackage, url: string): boolean {
  const base = entry.name.slice(entry.name.indexOf('/') + 1);
  return /^https?:\/\/[^?#]+$/.test(url) && url.endsWith(`/${entry.name}/-/${base}-${entry.version}.tgz`);
}

function objectionToJsr(entry: LockedPackage, spec: Specifier): Objection | undefined {
  if (spec.type !== 'jsr' || entry.name !== spec.name) return { code: 'edge-forged', found: describe(entry) };
  return satisfies(entry.version, spec.range) ? undefined : { code: 'edge-unsatisfied', found: describe(entry) };
}
