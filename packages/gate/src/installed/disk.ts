import fs from 'node:fs';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { READ_REGULAR } from '../store/directory.ts';
import type { InstalledLimits } from './limits.ts';
import type { FileStat } from './read-digest.ts';

/** What a folder holds under one name. Nothing is followed. */
export interface Item {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
}

/** Something below the root could not be read; told as "could not decide" for what lies there. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** A name that is empty, `.` or `..`. */
const TO_NORMALIZE = /(?:^|\/)\.{0,2}(?:\/|$)/;

/**
 * Looks at the project's folder without following any link. Places are POSIX paths from the root, '' being the root;
 * all of them were found by listing, so that every folder above one is a folder and no link.
 */
export class Disk {
  readonly #root: string;
  readonly #limits: InstalledLimits;
  #items = 0;

  constructor(root: string, limits: InstalledLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  pathOf(place: string): string {
    // Places that were found by listing folders have nothing to normalize, which takes longer than to look at a file.
    const isPlain = path.sep === '/' && !TO_NORMALIZE.test(place) && this.#root !== '/';
    return isPlain ? `${this.#root}/${place}` : path.join(this.#root, ...place.split('/'));
  }

  /** Sorted by name. @throws Unreadable, and LocksealError ERR_INSTALLED beyond a bound */
  items(place: string): readonly Item[] {
    if (place.length > this.#limits.path) throw beyond('characters in a path', this.#limits.path);
    if (place.split('/').length > this.#limits.depth) throw beyond('folders inside each other', this.#limits.depth);
    const found = attempt(() => fs.readdirSync(this.pathOf(place), { withFileTypes: true }));
    this.#items += found.length;
    if (this.#items > this.#limits.items) throw beyond('files and folders', this.#limits.items);
    return found.map(toItem).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** undefined: nothing is there. @throws Unreadable */
  typeOf(place: string): Item['type'] | undefined {
    const stats = attempt(() => fs.lstatSync(this.pathOf(place), { throwIfNoEntry: false }));
    return stats === undefined ? undefined : toItem(Object.assign(stats, { name: '' })).type;
  }

  /** @throws Unreadable, also where it is no regular file any more */
  file(place: string): FileStat {
    const stats = attempt(() => fs.lstatSync(this.pathOf(place)));
    if (!stats.isFile()) throw new Unreadable('it changed while it was looked at');
    return { size: stats.size, mode: stats.mode, names: stats.nlink };
  }

  /** The text of a link. @throws Unreadable */
  linkText(place: string): string {
    return attempt(() => fs.readlinkSync(this.pathOf(place)));
  }

  /** A small file whole; undefined: no regular file, or beyond the bound. @throws Unreadable */
  small(place: string, bound: number): Buffer | undefined {
    return this.#read(place, (size) => (size > bound ? undefined : size));
  }

  /** The first bytes of a file; empty where it is none. @throws Unreadable */
  head(place: string, length: number): Buffer {
    return this.#read(place, (size) => Math.min(size, length)) ?? Buffer.alloc(0);
  }

  #read(place: string, wanted: (size: number) => number | undefined): Buffer | undefined {
    return attempt(() => {
      const handle = fs.openSync(this.pathOf(place), READ_REGULAR);
      try {
        const stats = fs.fstatSync(handle);
        const length = stats.isFile() ? wanted(stats.size) : undefined;
        if (length === undefined) return undefined;
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, fs.readSync(handle, bytes, 0, length, 0));
      } finally {
        fs.closeSync(handle);
      }
    });
  }
}

function toItem(entry: Pick<fs.Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>): Item {
  const type = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other';
  return { name: entry.name, type };
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof LocksealError) throw error;
    throw new Unreadable(reasonOf(error));
  }
}

/** One clause. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return `it cannot be read (${code})`;
}

function beyond(what: string, limit: number): LocksealError {
  return new LocksealError('ERR_INSTALLED', `What is installed has more than ${limit} ${what}.`);
}
