import { isExactVersion, isPackageName, type Pin, type Source } from '@lockseal/core';
import { gitSource, isArchive, isGitUrl, isHttpUrl } from '../git-url.ts';
import type { Fields } from '../json/fields.ts';
import { JsonObject, type JsonValue } from '../json/value.ts';

/** One tuple of `packages`, taken apart. */
export interface BunPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly source: Source;
  readonly pin: Pin;
  /** Dependencies, platforms and the like; undefined for workspaces. */
  readonly info: Fields | undefined;
}

/**
 * A tuple is `["name@resolution", …]`, and what follows depends on the resolution, never on the number of slots
 * (bun src/install/lockfile/bun.lock.zig, Stringifier.saveFromBinary):
 *
 *     npm        ["n@1.2.3", "<tarball URL, '' for the default registry>", {info}, "integrity"]
 *     workspace  ["n@workspace:path"]           root   ["n@root:", {bin}]
 *     folder     ["n@file:path", {info}]        link   ["n@link:path", {info}]
 *     tarball    ["n@<path or URL>", {info}, "integrity"?]
 *     git        ["n@git+<url>#<commit>", {info}, "<bun tag>", "integrity"?]   github: likewise
 */
export function readTuple(packages: Fields, key: string): BunPackage {
  const tuple = packages.array(key);
  const [head] = tuple;
  const at = typeof head === 'string' ? head.indexOf('@', 1) : -1;
  if (typeof head !== 'string' || at < 0)
    throw packages.refuse(key, 'a tuple that begins with "name@resolution"', 'another');
  const name = head.slice(0, at);
  const resolution = head.slice(at + 1);
  if (!isPackageName(name)) throw packages.refuse(key, 'a package name', JSON.stringify(name), 'ERR_LOCKFILE_NAME');
  return { name, ...readResolution(new Slots(packages, key, tuple), resolution) };
}

function readResolution(slots: Slots, resolution: string): Omit<BunPackage, 'name'> {
  const none = { version: undefined, pin: { kind: 'none' } } as const;
  const after = (prefix: string): string => resolution.slice(prefix.length);
  if (resolution.startsWith('workspace:')) {
    return {
      ...none,
      source: { type: 'workspace', path: after('workspace:') || '.' },
      info: slots.end(1, slots.optionalInfo(1)),
    };
  }
  if (resolution.startsWith('root:')) {
    return { ...none, source: { type: 'workspace', path: '.' }, info: slots.end(2, slots.optionalInfo(1)) };
  }
  if (resolution.startsWith('file:')) {
    return { ...none, source: { type: 'directory', path: after('file:') }, info: slots.end(2, slots.info(1)) };
  }
  if (resolution.startsWith('link:')) {
    return { ...none, source: { type: 'link', path: after('link:') }, info: slots.end(2, slots.info(1)) };
  }
  if (isGitUrl(resolution)) {
    slots.string(2);
    return { ...none, source: gitSource(resolution), pin: slots.pin(3), info: slots.end(4, slots.info(1)) };
  }
  if (isHttpUrl(resolution)) {
    return {
      ...none,
      source: { type: 'tarball', url: resolution },
      pin: slots.pin(2),
      info: slots.end(3, slots.info(1)),
    };
  }
  if (isArchive(resolution)) {
    return {
      ...none,
      source: { type: 'file', path: resolution },
      pin: slots.pin(2),
      info: slots.end(3, slots.info(1)),
    };
  }
  return readRegistry(slots, resolution);
}

function readRegistry(slots: Slots, version: string): Omit<BunPackage, 'name'> {
  if (!isExactVersion(version)) throw slots.refuse('a version, path or URL after the name', JSON.stringify(version));
  const url = slots.string(1);
  return {
    version,
    source: { type: 'registry', url: url === '' ? undefined : url, namedRegistry: undefined },
    pin: slots.pin(3),
    info: slots.end(4, slots.info(2)),
  };
}

/** The slots of one tuple, read by type. */
class Slots {
  readonly #packages: Fields;
  readonly #key: string;
  readonly #tuple: readonly JsonValue[];

  constructor(packages: Fields, key: string, tuple: readonly JsonValue[]) {
    this.#packages = packages;
    this.#key = key;
    this.#tuple = tuple;
  }

  string(index: number): string {
    const value = this.#tuple[index];
    if (typeof value === 'string') return value;
    throw this.refuse(`a string in slot ${index}`, typeof value);
  }

  info(index: number): Fields {
    const value = this.#tuple[index];
    if (value instanceof JsonObject) return this.#packages.nested(this.#key, value);
    throw this.refuse(`an object in slot ${index}`, typeof value);
  }

  optionalInfo(index: number): Fields | undefined {
    return this.#tuple[index] === undefined ? undefined : this.info(index);
  }

  /** Integrity, '' or absent where nothing is pinned. */
  pin(index: number): Pin {
    const text = this.#tuple[index] === undefined ? '' : this.string(index);
    return text === '' ? { kind: 'none' } : { kind: 'integrity', text, of: 'tarball' };
  }

  /** Checks that the tuple has no slots beyond `length`. */
  end<T>(length: number, value: T): T {
    if (this.#tuple.length > Math.max(length, 2)) throw this.refuse(`at most ${length} slots`, `${this.#tuple.length}`);
    return value;
  }

  refuse(expected: string, found: string): Error {
    return this.#packages.refuse(this.#key, expected, found);
  }
}
