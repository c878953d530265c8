import type { ErrorCode } from './errors.ts';
import { LocksealError } from './errors.ts';
import type { Manifest } from './model/manifest.ts';
import type { ProjectManifest } from './model/project.ts';

/** Most members that one table of a manifest may have; the largest published ones have a few thousand. */
const MAX_MEMBERS = 20_000;

type Members = ReadonlyMap<string, unknown>;

/** One for all: most tables of most manifests are empty, and an empty Map takes more room than a package's name. */
const NONE: ReadonlyMap<string, string> = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * A manifest from parsed JSON (package.json, or a registry's version document). Members that nothing looks at are
 * skipped; those that are looked at must have the documented type, because a package manager that coerces them and
 * a verifier that skips them would see different packages.
 * `optionalDependencies` wins over `dependencies` as in npm: a name in both is optional only.
 * @param file where the JSON comes from, for messages
 * @param code of the error for a wrong type
 * @throws LocksealError
 */
export function parseManifest(json: unknown, file: string, code: ErrorCode = 'ERR_PROJECT_UNREADABLE'): Manifest {
  const reader = new ManifestReader(file, code);
  return reader.manifest(reader.table('package.json', json));
}

/** As `parseManifest`, with the dev dependencies that only the project's own manifests have a say in. */
export function parseProjectManifest(json: unknown, file: string): ProjectManifest {
  const reader = new ManifestReader(file, 'ERR_PROJECT_UNREADABLE');
  const members = reader.table('package.json', json);
  return { ...reader.manifest(members), devDependencies: reader.strings('devDependencies', members) };
}

class ManifestReader {
  readonly #file: string;
  readonly #code: ErrorCode;

  constructor(file: string, code: ErrorCode) {
    this.#file = file;
    this.#code = code;
  }

  manifest(members: Members): Manifest {
    const optionalDependencies = this.strings('optionalDependencies', members);
    const listed = this.strings('dependencies', members);
    const dependencies =
      optionalDependencies.size === 0
        ? listed
        : new Map([...listed].filter(([name]) => !optionalDependencies.has(name)));
    return {
      name: this.#text('name', members),
      version: this.#text('version', members),
      dependencies,
      optionalDependencies,
      peerDependencies: this.strings('peerDependencies', members),
      optionalPeers: this.#optionalPeers(members),
      bundleDependencies: this.#bundled(members, [...dependencies.keys(), ...optionalDependencies.keys()]),
      scripts: this.#scripts(members),
      deprecated: typeof members.get('deprecated') === 'string' ? String(members.get('deprecated')) : undefined,
      license: typeof members.get('license') === 'string' ? String(members.get('license')) : undefined,
      platformBound: ['os', 'cpu', 'libc'].some((member) => isFilled(members.get(member))),
    };
  }

  /** A JSON object as a Map, so that no key of it can be mistaken for a member of Object.prototype. */
  table(what: string, value: unknown): Members {
    if (value instanceof Map) return value as Members;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.#refuse(what, 'an object', value);
    return new Map(Object.entries(value));
  }

  strings(member: string, members: Members): ReadonlyMap<string, string> {
    const table = this.#optionalTable(member, members);
    for (const [name, value] of table) {
      if (typeof value !== 'string') this.#refuse(`${member}.${name}`, 'a string', value);
    }
    return table as ReadonlyMap<string, string>;
  }

  #optionalTable(member: string, members: Members): Members {
    const value = members.get(member);
    if (value === undefined || value === null) return NONE;
    // npm publishes an empty array where PHP-like tools wrote an empty object.
    if (Array.isArray(value) && value.length === 0) return NONE;
    const table = this.table(member, value);
    if (table.size === 0) return NONE;
    if (table.size > MAX_MEMBERS) this.#refuse(member, `at most ${MAX_MEMBERS} members`, table.size);
    return table;
  }

  #text(member: string, members: Members): string | undefined {
    const value = members.get(member);
    if (value === undefined || typeof value === 'string') return value;
    return this.#refuse(member, 'a string', value);
  }

  /** A script that is no string is one that no package manager runs; npm drops it on publishing. */
  #scripts(members: Members): ReadonlyMap<string, string> {
    const scripts = this.#optionalTable('scripts', members);
    if (scripts.size === 0) return NONE;
    return new Map(
      [...scripts].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
    );
  }

  #optionalPeers(members: Members): ReadonlySet<string> {
    const metas = this.#optionalTable('peerDependenciesMeta', members);
    if (metas.size === 0) return NO_NAMES;
    const names = new Set<string>();
    for (const [name, meta] of metas) {
      if (this.table(`peerDependenciesMeta.${name}`, meta).get('optional') === true) names.add(name);
    }
    return names;
  }

  #bundled(members: Members, all: readonly string[]): readonly string[] {
    const member = members.has('bundleDependencies') ? 'bundleDependencies' : 'bundledDependencies';
    const value = members.get(member);
    if (value === undefined || value === null || value === false) return [];
    if (value === true) return all;
    if (!Array.isArray(value)) return [...this.table(member, value).keys()];
    return value.map((name: unknown) => (typeof name === 'string' ? name : this.#refuse(member, 'strings', name)));
  }

  #refuse(member: string, expected: string, value: unknown): never {
    const found = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`;
    throw new LocksealError(this.#code, `${member} must be ${expected}`, { file: this.#file, expected, found });
  }
}

/** `os: "linux"` and `os: ["linux"]` are both in use. */
function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== '';
}
