import path from 'node:path/posix';
import type { Observation } from '../model/evidence.ts';
import type { EdgeTarget, EntryId, Importer, LockedPackage, Pin } from '../model/lockfile.ts';
import type { LocalFile } from '../model/project.ts';
import { MAX_PATCHES, objectionTo } from './answer.ts';
import type { EdgeContext } from './context.ts';

const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Where entries come from: what is pinned, what the project itself asked for, what stays inside the project. */
export function checkSources(context: EdgeContext): Observation[] {
  const asked = new Declarations(context);
  const ofEntries = context.lockfile.entries.flatMap((entry) => {
    const about = { entry: entry.id, position: entry.position };
    return checkSource(entry, context, asked).map((observation) => ({ ...about, ...observation }));
  });
  return [...ofEntries, ...checkLinks(context, asked)];
}

/** Edges that lead straight to a directory, without an entry between (pnpm, npm). */
function checkLinks({ lockfile }: EdgeContext, asked: Declarations): Observation[] {
  return [...lockfile.importers, ...lockfile.entries].flatMap((asker) =>
    asker.edges.flatMap(({ name, target, position }): Observation[] => {
      if (target.type !== 'link') return [];
      const about = { ...('id' in asker ? { entry: asker.id } : { importer: asker.path }), dependency: name, position };
      const outside = checkPath(target.path).map((observation) => ({ ...about, ...observation }));
      if (asked.isOwn(asker) || asked.isOverridden(asker, name, target)) return outside;
      return [...outside, { ...about, code: 'undeclared-source', found: target.path }];
    }),
  );
}

function checkSource(entry: LockedPackage, context: EdgeContext, asked: Declarations): Observation[] {
  const { source } = entry;
  const exotic = (): Observation[] =>
    asked.isDeclared(entry) ? [] : [{ code: 'undeclared-source', found: source.type }];
  switch (source.type) {
    case 'registry':
      return entry.version === undefined ? [{ code: 'version-missing' }] : [];
    case 'git':
      return [gitNote(source.repository, source.commit), ...exotic()];
    case 'tarball':
      return [{ code: 'remote-tarball', found: source.url }, ...exotic()];
    case 'file':
      return [...checkPath(source.path), ...checkLocalTarball(source.path, entry.pin, context), ...exotic()];
    case 'directory':
    case 'link':
      return [...checkPath(source.path), ...exotic()];
    case 'workspace':
      return checkPath(source.path);
    case 'unknown':
      return [{ code: 'unknown-class', found: source.reason }];
    case 'bundled':
    case 'patched':
    case 'jsr':
    case 'https':
    case 'runtime':
      return [];
  }
}

function gitNote(repository: string, commit: string | undefined): Observation {
  if (commit !== undefined && FULL_COMMIT.test(commit)) return { code: 'git-source', found: `${repository}#${commit}` };
  return { code: 'git-unpinned', expected: 'a full commit id', found: commit ?? repository };
}

/** Whether a recorded path leads out of the lockfile's directory; such a path is never read. */
export function isOutside(recorded: string): boolean {
  if (/^(?:[A-Za-z]:|~|\\)/.test(recorded) || recorded.includes('\\') || path.isAbsolute(recorded)) return true;
  return path.normalize(recorded).split('/')[0] === '..';
}

function checkPath(recorded: string): Observation[] {
  return isOutside(recorded) ? [{ code: 'path-outside-project', found: recorded }] : [];
}

function checkLocalTarball(recorded: string, pin: Pin, { project }: EdgeContext): Observation[] {
  if (project === undefined || isOutside(recorded)) return [];
  const file = project.localTarballs.get(recorded);
  if (file === undefined) return [{ code: 'local-tarball-missing', expected: recorded }];
  // Yarn Berry's checksum and vlt's are of something else than the file; there is nothing to compare here.
  if (pin.kind !== 'integrity' || pin.of !== 'tarball' || isPinnedBy(pin.text, file)) return [];
  return [{ code: 'local-tarball-mismatch', expected: pin.text, found: `sha512-${toBase64(file.sha512)}` }];
}

/** Whether every hash given is the file's. A hash that we do not know is not; whether it is strong is judged elsewhere. */
function isPinnedBy(text: string, file: LocalFile): boolean {
  const digests: ReadonlyMap<string, string> = new Map([
    ['sha512', toBase64(file.sha512)],
    ['sha256', toBase64(file.sha256)],
    ['sha1', toBase64(file.sha1)],
    ['md5', toBase64(file.md5)],
  ]);
  const hashes = text.trim().split(/\s+/);
  return hashes.every((hash) => {
    const dash = hash.indexOf('-');
    return digests.get(hash.slice(0, dash)) === hash.slice(dash + 1).replace(/\?.*$/s, '');
  });
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/** Which entries the project itself asks for: directly, through its own directories, or by an override. */
class Declarations {
  readonly #context: EdgeContext;
  readonly #askers: ReadonlyMap<EntryId, readonly (LockedPackage | Importer)[]>;

  constructor(context: EdgeContext) {
    this.#context = context;
    const { lockfile, entries } = context;
    const asked = [...lockfile.importers, ...lockfile.entries].flatMap((asker) =>
      targetsOf(asker)
        .filter((id) => entries.get(id)?.source.type !== 'registry')
        .map((id) => ({ id, asker })),
    );
    const byTarget = Map.groupBy(asked, ({ id }) => id);
    this.#askers = new Map([...byTarget].map(([id, pairs]) => [id, pairs.map(({ asker }) => asker)]));
  }

  /** An entry that nothing asks for is `unlisted-dependency`, which says more; without importers nobody knows. */
  isDeclared(entry: LockedPackage, patches = 0): boolean {
    if (this.#context.lockfile.importers.length === 0) return true;
    const askers = this.#askers.get(entry.id) ?? [];
    return askers.length === 0 || askers.some((asker) => this.isOwn(asker, patches) || this.#divertsTo(asker, entry));
  }

  isOwn(asker: LockedPackage | Importer, patches = 0): boolean {
    if (!('id' in asker)) return true;
    switch (asker.source.type) {
      case 'workspace':
      case 'link':
      case 'directory':
        return true;
      // The patched package is asked for by whoever asks for the patch.
      case 'patched':
        return patches < MAX_PATCHES && this.isDeclared(asker, patches + 1);
      case 'registry':
      case 'bundled':
      case 'git':
      case 'tarball':
      case 'file':
      case 'jsr':
      case 'https':
      case 'runtime':
      case 'unknown':
        return false;
    }
  }

  #divertsTo(asker: LockedPackage | Importer, entry: LockedPackage): boolean {
    const edges = asker.edges.filter(({ target }) => target.type === 'entry' && target.id === entry.id);
    return edges.some(({ name, target }) => this.isOverridden(asker, name, target));
  }

  /** Whether an override of the project leads the asker's dependency there. */
  isOverridden(asker: LockedPackage | Importer, name: string, target: EdgeTarget): boolean {
    if (!('id' in asker)) return false;
    const overrides = this.#context.overrides.applicable({ type: 'entry', entry: asker }, name, undefined);
    const root = { type: 'importer', importer: { path: '.', edges: [], position: undefined } } as const;
    return overrides.some(({ replacement }) => {
      const spec = this.#context.specifier(name, replacement);
      return objectionTo(target, spec, root, this.#context) === undefined;
    });
  }
}

function targetsOf(asker: LockedPackage | Importer): EntryId[] {
  const targets = asker.edges.flatMap(({ target }) => (target.type === 'entry' ? [target.id] : []));
  return 'id' in asker && asker.source.type === 'patched' ? [...targets, asker.source.inner] : targets;
}
