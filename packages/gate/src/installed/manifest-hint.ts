import path from 'node:path';
import { hash } from 'node:crypto';
import { join } from './layout.ts';
import type { Run } from './run.ts';

/**
 * What the package.json on disk says. It is believed for nothing by itself: the file is compared like every other one,
 * and what it says only tells which approved package to compare with, and which files are programs.
 */
export interface ManifestHint {
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** Lower-case hex, of its bytes; undefined: there is none that can be read. */
  readonly sha256: string | undefined;
  /** Program name -> path of its file below the package's folder. */
  readonly programs: ReadonlyMap<string, string>;
  /** Every file below this folder is a program called like the file. */
  readonly programFolder: string | undefined;
}

/** Of a package.json that is not there, or says nothing. */
export const NO_HINT: ManifestHint = {
  name: undefined,
  version: undefined,
  sha256: undefined,
  programs: new Map(),
  programFolder: undefined,
};

/** @throws Unreadable */
export function manifestHint(run: Run, folder: string): ManifestHint {
  const place = join(folder, 'package.json');
  if (run.disk.typeOf(place) !== 'file') return NO_HINT;
  const bytes = run.disk.small(place, run.limits.manifest);
  return bytes === undefined ? NO_HINT : { ...readHint(bytes), sha256: hash('sha256', bytes) };
}

/** Whether the file is one of the package's programs. */
export function isProgram({ programs, programFolder }: ManifestHint, file: string): boolean {
  if (programFolder !== undefined && file.startsWith(`${programFolder}/`)) return true;
  return [...programs.values()].includes(file);
}

/** The programs of a package.json: name -> path of its file below the package's folder. Names are those of a file. */
export function programsIn(bytes: Buffer): ReadonlyMap<string, string> {
  return readHint(bytes).programs;
}

function readHint(bytes: Buffer): ManifestHint {
  const json = parse(bytes);
  const name = textIn(json, 'name');
  const folder = textIn(memberOf(json, 'directories'), 'bin');
  return {
    ...NO_HINT,
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
