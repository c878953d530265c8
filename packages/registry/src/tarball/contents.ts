import type { ReadEntry } from 'tar';
import { LocksealError, parseManifest, type Manifest, type TarballFile } from '@lockseal/core';
import { FileList, type FileReader } from './file-list.ts';
import type { TarballLimits } from './limits.ts';
import { noteEntry, Oddities } from './oddities.ts';

/** What the entries of a tarball add up to, as npm would extract them. */
export interface PackageContents {
  readonly manifest: Manifest;
  readonly hasBindingGyp: boolean;
  readonly files: number;
  readonly unpackedSize: number;
  readonly list: readonly TarballFile[] | undefined;
  readonly bundled: readonly string[];
  readonly oddities: readonly string[];
}

/** What wants the bytes of one entry: whole at its end, or piece by piece as they come. */
export interface EntryReaders {
  /** Where npm writes it, below the package's folder; undefined: nowhere. */
  readonly path?: string | undefined;
  readonly whole?: ((bytes: Uint8Array) => void) | undefined;
  readonly pieces?: FileReader | undefined;
}

const BUNDLED = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/@][^/]*)\/package\.json$/;

/**
 * Collects entries in the order of the archive. The rules are those of npm's extraction (pacote): the first path
 * component is stripped whatever it is called, only files are written, a later entry of the same path wins, and
 * absolute paths and those with `..` are skipped.
 */
export class ContentsCollector {
  readonly oddities: Oddities = new Oddities();
  readonly #limits: TarballLimits;
  /** Stripped path -> size, of the files that npm writes. */
  readonly #files = new Map<string, number>();
  readonly #folded = new Map<string, string>();
  readonly #bundled = new Map<string, string>();
  readonly #list: FileList | undefined;
  #manifest: Uint8Array | undefined;
  #root: string | undefined;
  #entries = 0;

  constructor(limits: TarballLimits, listsFiles: boolean) {
    this.#limits = limits;
    this.#list = listsFiles ? new FileList(limits.listed) : undefined;
  }

  enter(entry: ReadEntry): EntryReaders {
    this.#entries++;
    if (this.#entries > this.#limits.entries) throw tooLarge('entries', this.#limits.entries);
    if (entry.path.length > this.#limits.path) throw tooLarge('characters in a path', this.#limits.path);
    noteEntry(entry, this.oddities);
    const path = this.#strip(entry);
    if (path === undefined || !/^(?:Old)?File$/.test(entry.type)) return {};
    this.#noteCollision(path);
    this.#files.set(path, entry.size);
    return {
      path,
      whole: this.#sinkFor(path, entry.size),
      pieces: this.#list?.enter(path, entry.size, entry.mode ?? 0),
    };
  }

  finish(): PackageContents {
    if (this.#manifest === undefined) throw unreadable('it holds no package.json at its root');
    return {
      manifest: readManifest(this.#manifest),
      hasBindingGyp: [...this.#files.keys()].some((path) => path.toLowerCase() === 'binding.gyp'),
      files: this.#files.size,
      unpackedSize: [...this.#files.values()].reduce((sum, size) => sum + size, 0),
      list: this.#list?.finish(),
      bundled: [...new Set(this.#bundled.values())].toSorted(),
      oddities: this.oddities.list(),
    };
  }

  /** The path below the package's folder; undefined where npm writes nothing. */
  #strip(entry: ReadEntry): string | undefined {
    const [root = '', ...rest] = entry.path.split('/');
    if (entry.path.startsWith('/') || rest.includes('..') || root === '..') return undefined;
    this.#root ??= root;
    if (root !== this.#root) this.oddities.add('second top-level folder', root);
    const path = rest.filter((part) => part !== '' && part !== '.').join('/');
    if (path !== '') return path;
    if (entry.type !== 'Directory') this.oddities.add('entry outside the top-level folder', entry.path);
    return undefined;
  }

  /** Two entries that are one file: the same path, or the same on a file system that folds case or Unicode forms. */
  #noteCollision(path: string): void {
    const folded = path.normalize('NFKD').toLowerCase();
    const other = this.#folded.get(folded);
    if (other === undefined) this.#folded.set(folded, path);
    else this.oddities.add(other === path ? 'duplicate path' : 'paths that differ in case or Unicode form only', path);
  }

  #sinkFor(path: string, size: number): ((bytes: Uint8Array) => void) | undefined {
    if (path !== 'package.json' && !BUNDLED.test(path)) return undefined;
    if (size > this.#limits.manifest) throw tooLarge(`bytes in ${path}`, this.#limits.manifest);
    if (path === 'package.json') return (bytes) => void (this.#manifest = bytes);
    return (bytes) => {
      const name = BUNDLED.exec(path)?.[1] ?? '';
      this.#bundled.set(path, `${name}@${versionOf(bytes) ?? 'unknown'}`);
    };
  }
}

function readManifest(bytes: Uint8Array): Manifest {
  let json: unknown;
  try {
    // As npm reads it: a byte-order mark is skipped, the last of duplicate keys wins.
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw unreadable('its package.json is not JSON', cause);
  }
  return parseManifest(json, 'package.json in the tarball', 'ERR_TARBALL_UNREADABLE');
}

function versionOf(bytes: Uint8Array): string | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const version: unknown = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes came whole, and are no package archive; their digests (lower-case hex) tell whether they were meant. */
export class UnreadableTarball extends LocksealError {
  readonly digests: { readonly sha512: string; readonly sha1?: string };

  constructor(fault: LocksealError, digests: UnreadableTarball['digests']) {
    super(fault.code, fault.message, { ...fault.details, cause: fault });
    this.digests = { sha512: digests.sha512, ...(digests.sha1 !== undefined && { sha1: digests.sha1 }) };
  }
}

export function isUnreadable(error: unknown): error is LocksealError {
  return error instanceof LocksealError && error.code === 'ERR_TARBALL_UNREADABLE';
}

export function unreadable(why: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_TARBALL_UNREADABLE', `The tarball cannot be read: ${why}.`, { cause });
}

export function tooLarge(what: string, limit: number): LocksealError {
  return new LocksealError('ERR_RESPONSE_TOO_LARGE', `The tarball has more than ${limit} ${what}.`);
}
