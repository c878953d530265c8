import fs from 'node:fs';
import path from 'node:path';
import { installScriptsOf, LocksealError, parseManifest, type InstallScripts, type Manifest } from '@lockseal/core';
import type { ScriptStep } from './model.ts';

/** Bytes of the longest package.json that is read; the largest published ones have a few hundred thousand. */
const MAX_MANIFEST = 4 * 1024 * 1024;

/** What a package on disk would run when it is installed. */
export interface FoundScripts {
  readonly scripts: InstallScripts;
  readonly steps: readonly ScriptStep[];
  /** Scripts that package managers run to prepare a git dependency: `prepare`, `prepack`… */
  readonly preparing: readonly string[];
  /** Members of package.json that npm passes to scripts in the environment. Untrusted. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/**
 * Reads the scripts of an installed package, as verification reads them in its tarball: the digests compare.
 * @throws LocksealError ERR_PROJECT_UNREADABLE
 */
export async function readScripts(directory: string): Promise<FoundScripts | undefined> {
  const file = path.join(directory, 'package.json');
  const json = readJson(file);
  if (json === undefined) return undefined;
  const names = attempt(directory, () => fs.readdirSync(directory));
  const hasBindingGyp = names.some((name) => name.toLowerCase() === 'binding.gyp');
  return scriptsIn(json, file, hasBindingGyp);
}

/** @param json of a package.json @throws LocksealError ERR_PROJECT_UNREADABLE */
export function scriptsIn(json: unknown, file: string, hasBindingGyp: boolean): FoundScripts {
  const manifest = parseManifest(json, file);
  const scripts = installScriptsOf(manifest, { proof: 'tarball', hasBindingGyp });
  const raw = new Map(Object.entries(json as object));
  return {
    scripts,
    // npm builds nothing by itself where the manifest says that there is nothing to build.
    steps: stepsOf(scripts).filter(({ name }) => name !== IMPLICIT || raw.get('gypfile') !== false),
    preparing: preparingIn(manifest),
    manifest: Object.fromEntries(
      ['name', 'version', 'config', 'engines', 'bin'].flatMap((member) =>
        raw.has(member) ? [[member, raw.get(member)]] : [],
      ),
    ),
  };
}

const IMPLICIT = 'binding.gyp';
const EVENTS = ['preinstall', 'install', 'postinstall'] as const;

function stepsOf({ names, texts = [] }: InstallScripts): readonly ScriptStep[] {
  const textOf = new Map(names.map((name, at) => [name, texts[at] ?? '']));
  return EVENTS.flatMap((event) => {
    const name = event === 'install' && textOf.has(IMPLICIT) ? IMPLICIT : event;
    const text = textOf.get(name);
    // npm takes a script without text for none.
    return text === undefined || text === '' ? [] : [{ name, event, text }];
  });
}

/** What npm, pnpm and Yarn run in a git dependency before they pack it. */
const PREPARING = ['preprepare', 'prepare', 'postprepare', 'prepack', 'postpack'] as const;

function preparingIn({ scripts }: Manifest): readonly string[] {
  return PREPARING.filter((name) => scripts.has(name));
}

/** Here and now: that a thread of Node's does each of these small things costs five times as much as they do. */
function readJson(file: string): unknown {
  const found = attempt(file, () => fs.statSync(file, { throwIfNoEntry: false }));
  if (found === undefined) return undefined;
  return attempt(file, () => {
    if (!found.isFile() || found.size > MAX_MANIFEST) throw new Error('it is no file of that size');
    return JSON.parse(new TextDecoder().decode(fs.readFileSync(file))) as unknown;
  });
}

/** @throws LocksealError ERR_PROJECT_UNREADABLE */
function attempt<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const cause = thrown as Error;
    const details = { file, found: cause.message, cause };
    throw new LocksealError('ERR_PROJECT_UNREADABLE', `${file} could not be read.`, details);
  }
}
