import path from 'node:path';
import { hash } from 'node:crypto';
import { join } from './layout.ts';
import type { Run } from './run.ts';

/**
 * What the package.json on disk says. It is believed for nothing by itself: the file is compared like every other one,
 * and what it says only tells which approved package to compare with, and which files are programs. It is parsed when it
 * is asked: of most packages nothing need be known but that the file is the approved one.
 */
export class ManifestHint {
  /** Lower-case hex, of its bytes; undefined: there is none that can be read. */
  readonly sha256: string | undefined;
  readonly #bytes: Buffer | undefined;
  #said: Said | undefined;

  /** @param bytes undefined: there is none, or none that can be read */
  constructor(bytes: Buffer | undefined) {
    this.#bytes = bytes;
    this.sha256 = bytes && hash('sha256', bytes);
  }

  get name(): string | undefined {
    return this.#parsed.name;
  }

  get version(): string | undefined {
    return this.#parsed.version;
  }

  /** Program name -> path of its file below the package's folder. */
  get programs(): ReadonlyMap<string, string> {
    return this.#parsed.programs;
  }

  /** Every file below this folder is a program called like the file. */
  get programFolder(): string | undefined {
    return this.#parsed.programFolder;
  }

  /** Whether it may name a script that runs when the package is installed or, of a git dependency, prepared. */
  get mayNameScripts(): boolean {
    return this.#bytes === undefined || NAMES_SCRIPT.test(this.#bytes.toString('latin1'));
  }

  get #parsed(): Said {
    this.#said ??= this.#bytes === undefined ? NOTHING : whatSays(this.#bytes);
    return this.#said;
  }
}

/** Read when it is asked for. */
export type LazyHint = () => ManifestHint;

interface Said {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly programs: ReadonlyMap<string, string>;
  readonly programFolder: string | undefined;
}

const NOTHING: Said = { name: undefined, version: undefined, programs: new Map(), programFolder: undefined };
/** As a key, a value or part of an escape: what has none of these has no such key. */
const NAMES_SCRIPT = /"(?:(?:pre|post)?install|(?:pre|post)?prepare|preprepare|prepack|postpack)"|\\u/;

/** @throws Unreadable */
export function manifestHint(run: Run, folder: string): ManifestHint {
  const place = join(folder, 'package.json');
  const isFile = run.disk.typeOf(place) === 'file';
  return new ManifestHint(isFile ? run.disk.small(place, run.limits.manifest) : undefined);
}

/** Whether the file is one of the package's programs. */
export function isProgram({ programs, programFolder }: ManifestHint, file: string): boolean {
  return isBelow(programFolder, file) || [...programs.values()].includes(file);
}

/** Whether a package declares the file as its program of that name. */
export function declares({ programs, programFolder }: ManifestHint, name: string, file: string): boolean {
  return programs.get(name) === file || (isBelow(programFolder, file) && file === join(programFolder, name));
}

function isBelow(folder: string | undefined, file: string): folder is string {
  return folder !== undefined && file.startsWith(`${folder}/`);
}

/** The programs of a package.json: name -> path of its file below the package's folder. Names are those of a file. */
export function programsIn(bytes: Buffer): ReadonlyMap<string, string> {
  return whatSays(bytes).programs;
}

function whatSays(bytes: Buffer): Said {
  const json = parse(bytes);
  const name = textIn(json, 'name');
  const folder = textIn(memberOf(json, 'directories'), 'bin');
  return {
    name,
    version: textIn(json, 'version'),
    programs: programsOf(memberOf(json, 'bin'), name),
    programFolder: folder === undefined ? undefined : fileBelow(folder),
  };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The bytes differ from the approved ones, or npm cannot read the package either.
    return undefined;
  }
}

/** As npm reads `bin` (npm-normalize-package-bin): one file called like the package, or files by name. */
function programsOf(bin: unknown, name: string | undefined): ReadonlyMap<string, string> {
  if (typeof bin === 'string' && name !== undefined) return programsOf({ [name]: bin }, undefined);
  const found = new Map<string, string>();
  if (typeof bin !== 'object' || bin === null || Array.isArray(bin)) return found;
  for (const [key, value] of Object.entries(bin)) {
    const file = typeof value === 'string' ? fileBelow(value) : undefined;
    if (file !== undefined) found.set(path.posix.basename(key.replaceAll(/[\\:]/g, '/')), file);
  }
  return found;
}

/** A path as npm joins it below the package's folder, which it cannot leave; undefined: the folder itself. */
function fileBelow(text: string): string | undefined {
  const joined = path.posix.join('/', text.replaceAll('\\', '/')).replace(/^\/+|\/+$/g, '');
  return joined === '' ? undefined : joined;
}

function memberOf(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, key)
    ? (json as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function textIn(json: unknown, key: string): string | undefined {
  const value = memberOf(json, key);
  return typeof value === 'string' ? value : undefined;
}
