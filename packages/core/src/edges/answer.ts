import path from 'node:path/posix';
import semver from 'semver';
import type { FindingCode } from '../finding-codes.ts';
import type { EdgeTarget, LockedPackage, Source } from '../model/lockfile.ts';
import { toSpec } from '../package-id.ts';
import type { Dependent, EdgeContext } from './context.ts';
import { repositoryKey } from './repository.ts';
import type { Specifier } from './specifier.ts';

/** Why a target is no answer to a specifier. */
export interface Objection {
  readonly code: FindingCode;
  readonly found: string;
  readonly detail?: string | undefined;
}

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
      if (isOtherRegistry(entry.source, spec.registry)) return { code: 'edge-forged', found };
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
 * pnpm, vlt and Deno write down which package an edge leads to, so another one there is a forged edge. In npm and
 * bun the place, in Yarn the descriptor says it, so another package there is filed under a wrong name.
 */
function otherName({ lockfile }: EdgeContext): FindingCode {
  switch (lockfile.format) {
    case 'pnpm':
    case 'vlt':
    case 'deno':
      return 'edge-forged';
    case 'npm':
    case 'bun':
    case 'yarn-classic':
    case 'yarn-berry':
      return 'name-mismatch';
  }
}

/** Only pnpm records a named registry, and not where its URL is the default one. */
function isOtherRegistry(source: Source, asked: string | undefined): boolean {
  return source.type === 'registry' && source.namedRegistry !== undefined && source.namedRegistry !== asked;
}

/** As npm, pnpm and Yarn pick versions: loose ranges, prereleases only where the range names one or is '*'. */
function satisfies(version: string | undefined, range: string): boolean {
  if (version === undefined) return false;
  if (range === '*' || range === 'x' || range === version) return true;
  return semver.satisfies(version, range, true);
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

function objectionToExotic(
  entry: LockedPackage,
  source: Extract<Source, { readonly type: 'git' | 'tarball' | 'file' }>,
  spec: Specifier,
  dependent: Dependent,
): Objection | undefined {
  const found = describe(entry);
  switch (spec.type) {
    case 'range':
    case 'tag':
    case 'jsr':
    case 'runtime':
      return { code: 'non-registry-source', found };
    case 'workspace':
      return { code: 'edge-forged', found };
    case 'git':
      return isSameRepository(source, spec) ? undefined : { code: 'edge-forged', found };
    case 'url':
      return source.type !== 'file' && isSameAddress(source, spec.url) ? undefined : { code: 'edge-forged', found };
    case 'local':
      return source.type === 'file' && isSamePath(source.path, spec.path, dependent)
        ? undefined
        : { code: 'edge-forged', found };
    case 'catalog':
    case 'patch':
    case 'unknown':
      return { code: 'edge-unsatisfied', found, detail: 'The specifier is of no form that lockseal knows.' };
  }
}

function isSameRepository(
  source: Extract<Source, { readonly type: 'git' | 'tarball' | 'file' }>,
  spec: Extract<Specifier, { readonly type: 'git' }>,
): boolean {
  if (source.type === 'file') return false;
  const locked = repositoryKey(source.type === 'git' ? source.repository : source.url);
  if (locked === undefined || locked !== repositoryKey(spec.repository)) return false;
  const commit = /^(?:commit=)?([0-9a-f]{40}|[0-9a-f]{64})$/.exec(spec.committish ?? '')?.[1];
  if (commit === undefined) return true;
  return source.type === 'git' ? source.commit === commit : source.url.includes(commit);
}

function isSameAddress(source: Extract<Source, { readonly type: 'git' | 'tarball' }>, url: string): boolean {
  const address = (text: string): string => text.replace(/#.*$/s, '');
  if (source.type === 'tarball') return address(source.url) === address(url);
  return repositoryKey(source.repository) === repositoryKey(url);
}

/** A directory of the project (workspace, link, copied directory) as an answer. */
function objectionToDirectory(
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
function isSamePath(recorded: string, asked: string, dependent: Dependent): boolean {
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

/** The entry in a few words, with where it comes from unless that is a registry. */
export function describe(entry: LockedPackage): string {
  const spec = toSpec(entry.name, entry.version);
  return entry.source.type === 'registry' ? spec : `${spec} (${entry.source.type})`;
}
