import type { EdgeTarget } from '@lockseal/core';
import type { Fields } from '../json/fields.ts';
import { parseDenoKey, parseSpecifier } from './package-key.ts';
import type { DenoSections } from './sections.ts';

/** Finds the entry that a dependency or specifier means. Entry ids are `npm:<key>`, `jsr:<key>` and URLs. */
export class DenoIndex {
  readonly #ids = new Set<string>();
  /** `npm:<name>` or `jsr:<name>` -> the ids of all its entries. */
  readonly #byName = new Map<string, string[]>();
  /** Specifier -> id. */
  readonly specifiers: ReadonlyMap<string, string>;
  /** `npm:<name>` or `jsr:<name>` -> the ids to which its specifiers lead. */
  readonly #bySpecifiedName = new Map<string, Set<string>>();

  constructor({ version, packages }: DenoSections) {
    for (const scheme of ['npm', 'jsr'] as const) {
      for (const key of packages?.table(scheme)?.names ?? []) this.#add(`${scheme}:${key}`);
    }
    this.specifiers = packages === undefined ? new Map() : this.#readSpecifiers(version, packages);
  }

  #readSpecifiers(version: string, packages: Fields): ReadonlyMap<string, string> {
    const specifiers = new Map<string, string>();
    for (const { name, value } of packages.stringMembers('specifiers')) {
      const specifier = parseSpecifier(name);
      if (specifier === undefined) throw packages.refuse('specifiers', 'npm: and jsr: ones', JSON.stringify(name));
      const key = `${specifier.scheme}:${specifier.name}`;
      // Version 3 repeats scheme and name: "npm:react@^18": "npm:react@18.3.1".
      const id = version === '3' ? value : `${key}@${value}`;
      if (!this.#ids.has(id)) throw packages.refuse('specifiers', 'ones that lead to an entry', JSON.stringify(id));
      specifiers.set(name, id);
      this.#bySpecifiedName.set(key, (this.#bySpecifiedName.get(key) ?? new Set()).add(id));
    }
    return specifiers;
  }

  #add(id: string): void {
    this.#ids.add(id);
    const name = `${id.slice(0, 4)}${nameOf(id.slice(4))}`;
    const ids = this.#byName.get(name);
    if (ids === undefined) this.#byName.set(name, [id]);
    else ids.push(id);
  }

  /** The entry of this id, if there is one. */
  entry(id: string | undefined): EdgeTarget {
    return id !== undefined && this.#ids.has(id) ? { type: 'entry', id } : { type: 'none' };
  }

  /** `name@version_peers`, or `name` alone where the file holds one version of it. */
  npm(reference: string): EdgeTarget {
    if (parseDenoKey(reference) !== undefined) return this.entry(`npm:${reference}`);
    return this.entry(onlyOne(this.#byName.get(`npm:${reference}`)));
  }

  /** A specifier as dependent and workspace name it; without a range where `specifiers` has one for that name. */
  specified(text: string): EdgeTarget {
    const id = this.specifiers.get(text);
    return this.entry(id ?? onlyOne([...(this.#bySpecifiedName.get(text) ?? [])]));
  }
}

function nameOf(key: string): string {
  const at = key.indexOf('@', 1);
  return at < 0 ? key : key.slice(0, at);
}

function onlyOne(ids: readonly string[] | undefined): string | undefined {
  return ids?.length === 1 ? ids[0] : undefined;
}
