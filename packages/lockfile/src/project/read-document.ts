import { LocksealError, isOutside } from '@lockseal/core';
import { FAILSAFE_SCHEMA, YAMLException, load } from 'js-yaml';
import { parseJson } from '../json/parse.ts';
import { JsonObject, type JsonValue } from '../json/value.ts';
import { decodeLockfile } from '../text.ts';
import type { ProjectFiles } from './project-files.ts';

/** JSON or YAML data with Maps for objects, so that no key can reach a JavaScript prototype. */
type Data = string | number | boolean | null | readonly Data[] | DataMap;
export type DataMap = ReadonlyMap<string, Data>;

/** A document of the project whose top level is a mapping. */
export class ProjectDocument {
  readonly file: string;
  readonly members: DataMap;

  constructor(file: string, members: DataMap) {
    this.file = file;
    this.members = members;
  }

  /** A mapping under a key, as a document of its own; empty where there is none. */
  table(key: string): ProjectDocument {
    const value = this.members.get(key);
    if (value === undefined || value === null) return new ProjectDocument(`${this.file}#${key}`, new Map());
    if (!(value instanceof Map)) throw this.wrong(key, 'a mapping');
    return new ProjectDocument(`${this.file}#${key}`, value as DataMap);
  }

  /** All members, each of which must be a text. */
  texts(): ReadonlyMap<string, string> {
    return new Map([...this.members.keys()].map((key) => [key, this.text(key) ?? '']));
  }

  text(key: string): string | undefined {
    const value = this.members.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(key, 'a text');
  }

  /** A list of texts; empty where there is none. */
  list(key: string): readonly string[] {
    const value = this.members.get(key);
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.wrong(key, 'a list of texts');
  }

  wrong(key: string, expected: string): LocksealError {
    return new LocksealError('ERR_PROJECT_UNREADABLE', `${this.file}: ${key} must be ${expected}`, {
      file: this.file,
      expected,
    });
  }
}

/**
 * Reads a package.json (strict JSON, as for lockfiles: duplicate keys are refused); undefined: there is none.
 * @throws LocksealError ERR_PROJECT_UNREADABLE with the place
 */
export async function readJsonDocument(files: ProjectFiles, file: string): Promise<ProjectDocument | undefined> {
  const bytes = isOutside(file) ? undefined : await files.read(file);
  if (bytes === undefined) return undefined;
  return asDocument(file, () => fromJson(parseJson(decodeLockfile(file, bytes), 'json')));
}

/**
 * Reads a YAML configuration as plain strings. Anchors are the author's good right here; a merge key is not, because
 * package managers disagree about it.
 * @throws LocksealError ERR_PROJECT_UNREADABLE with the place
 */
export async function readYamlDocument(files: ProjectFiles, file: string): Promise<ProjectDocument | undefined> {
  const bytes = await files.read(file);
  if (bytes === undefined) return undefined;
  return asDocument(file, () => {
    const value: unknown = load(decodeLockfile(file, bytes).text, { schema: FAILSAFE_SCHEMA });
    return value === undefined || value === null ? new Map() : fromYaml(value, { file, left: MAX_NODES }, 0);
  });
}

function asDocument(file: string, read: () => Data): ProjectDocument {
  const value = readOrExplain(file, read);
  if (value instanceof Map) return new ProjectDocument(file, value as DataMap);
  throw new LocksealError('ERR_PROJECT_UNREADABLE', `${file} holds no mapping`, { file, expected: 'a mapping' });
}

/** The strict readers speak of lockfiles; here the file is one of the project's. */
function readOrExplain(file: string, read: () => Data): Data {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof LocksealError) {
      throw new LocksealError('ERR_PROJECT_UNREADABLE', cause.message, { ...cause.details, file, cause });
    }
    if (!(cause instanceof YAMLException)) throw cause;
    const mark = cause.mark as { readonly line: number; readonly column: number } | undefined;
    const position = mark === undefined ? undefined : { line: mark.line + 1, column: mark.column + 1 };
    throw new LocksealError('ERR_PROJECT_UNREADABLE', `${file}: ${cause.reason}`, { file, position, cause });
  }
}

function fromJson(value: JsonValue): Data {
  if (value instanceof JsonObject) return new Map([...value.members].map(([key, member]) => [key, fromJson(member)]));
  return Array.isArray(value) ? value.map(fromJson) : (value as Data);
}

/** No configuration that we look at is deeper or larger; aliases could make it both. */
const MAX_DEPTH = 16;
const MAX_NODES = 1_000_000;

/** How many nodes of the file may still be read. */
interface Budget {
  readonly file: string;
  left: number;
}

function fromYaml(value: unknown, budget: Budget, depth: number): Data {
  const { file } = budget;
  budget.left -= 1;
  if (depth > MAX_DEPTH) throw new LocksealError('ERR_PROJECT_UNREADABLE', `${file} is nested too deeply`, { file });
  if (budget.left < 0) {
    const expected = `at most ${MAX_NODES} nodes, aliases counted as what they stand for`;
    throw new LocksealError('ERR_PROJECT_UNREADABLE', `${file} is too large`, { file, expected });
  }
  if (typeof value === 'string' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => fromYaml(item, budget, depth + 1));
  if (typeof value !== 'object') {
    throw new LocksealError('ERR_PROJECT_UNREADABLE', `${file} holds a ${typeof value}`, { file });
  }
  if (Object.hasOwn(value, '<<')) {
    throw new LocksealError('ERR_PROJECT_UNREADABLE', `${file} uses a merge key (<<)`, { file });
  }
  return new Map(Object.entries(value).map(([key, member]) => [key, fromYaml(member, budget, depth + 1)]));
}
