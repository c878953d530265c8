import { spawn } from 'node:child_process';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import {
  detectManager,
  DETOUR_FILES,
  detoursIn,
  endAfter,
  FAMILIES,
  findProgram,
  type Family,
  type Manager,
  yamlDetoursIn,
} from '@lockseal/gate';
import { parseYamlTable } from '@lockseal/registry';
import type { GoodBasis } from '../gate/basis.ts';
import type { Console } from '../io/console.ts';
import { createProjectFiles } from '../io/project-files.ts';

/** What will run. */
export interface ChosenCommand {
  /** As the user would type it. */
  readonly shown: readonly string[];
  /** With the program that was found. */
  readonly words: readonly [string, ...string[]];
  /** Package managers that it may start. */
  readonly families: readonly Family[];
  /** The frozen mode, which installs all that is locked; undefined: the user's own command. */
  readonly manager: Manager | undefined;
  /** Texts of the project's files that say where package managers connect. */
  readonly settings: readonly string[];
}

/**
 * Chooses what to run, and makes sure that no setting of the project leads it past the gate.
 * @throws LocksealError ERR_MANAGER
 */
export async function chooseCommand(
  own: readonly [string, ...string[]] | undefined,
  { place, lockfile }: Pick<GoodBasis, 'place' | 'lockfile'>,
  console: Console,
): Promise<ChosenCommand> {
  const directory = path.dirname(place.file);
  const files = createProjectFiles(directory);
  const read = async (name: string): Promise<string> =>
    new TextDecoder().decode(await files.read(path.join(directory, name)));
  const manager =
    own === undefined
      ? detectManager({ format: lockfile.format, lockfile: place.file, manifest: parse(await read('package.json')) })
      : undefined;
  const families = manager === undefined ? FAMILIES : [manager.family];
  const settings = await readSettings(foldersAbove(place, own === undefined ? [] : [console.cwd]), place.root);
  for (const { file, text } of settings) {
    const [detour] = detoursOf(file, text, families);
    if (detour !== undefined) throw leadsPast(file, detour);
  }
  const shown = own ?? ([manager?.name ?? '', ...(manager?.frozen ?? [])] as const);
  const [name, ...args] = shown;
  const program = name.includes('/') ? path.resolve(console.cwd, name) : await onPath(name, place.root, console);
  return { shown, words: [program, ...args], families, manager, settings: settings.map(({ text }) => text) };
}

/** Yarn reads its settings in every folder above the one that it works in, and pnpm looks there for its workspace. */
function foldersAbove({ file, root }: GoodBasis['place'], others: readonly string[]): readonly string[] {
  const folders = new Set([path.dirname(file)]);
  for (const start of [path.dirname(file), ...others]) {
    const isInside = start === root || start.startsWith(root + path.sep);
    for (let at = start; isInside && at !== root; at = path.dirname(at)) folders.add(at);
    if (isInside) folders.add(root);
  }
  return [...folders];
}

async function readSettings(
  folders: readonly string[],
  root: string,
): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const files = createProjectFiles(root);
  const names = folders.flatMap((folder) => DETOUR_FILES.map((name) => path.join(folder, name)));
  const read = async (file: string): Promise<string> => new TextDecoder().decode(await files.read(file));
  return Promise.all(names.map(async (file) => ({ file, text: await read(file) })));
}

function detoursOf(file: string, text: string, families: readonly Family[]): readonly string[] {
  const name = path.basename(file);
  const plain = detoursIn(name, text, families);
  if (plain.length > 0 || !/\.ya?ml$/.test(name)) return plain;
  return yamlDetoursIn(name, parseYamlTable(text, file), families);
}

async function onPath(name: string, project: string, { env }: Console): Promise<string> {
  const found = await findProgram(name, env['PATH'] ?? '', project);
  if (found !== undefined) return found;
  throw new LocksealError('ERR_MANAGER', `There is no program "${name}" on PATH.`, {
    expected: `${name}, outside of the project`,
    hint: `Install ${name}, or give the command after \`--\`.`,
  });
}

const ASK_MS = 30_000;

/**
 * Asks the program for its version where two programs share its name.
 * @throws LocksealError ERR_MANAGER where it is the other one
 */
export async function requireVersion(
  { words: [program], manager }: ChosenCommand,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  if (manager?.version === undefined) return;
  const said = await askVersion(program, cwd, env);
  if (manager.version.test(said)) return;
  throw new LocksealError('ERR_MANAGER', `The ${manager.name} on PATH is not the one that this lockfile is of.`, {
    file: program,
    expected: manager.family === 'yarn-classic' ? 'Yarn 1' : 'Yarn 4 or later',
    found: said === '' ? 'no version' : said.slice(0, 100),
    hint: 'Put the right one on PATH (`corepack enable`), or give the command after `--`.',
  });
}

function askVersion(program: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['--version'], { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
    endAfter(child, ASK_MS);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(0, 1000);
    });
    child.on('error', (cause) => {
      reject(new LocksealError('ERR_MANAGER', `${program} could not be started.`, { found: cause.message, cause }));
    });
    child.on('close', () => resolve(said.trim()));
  });
}

function leadsPast(file: string, setting: string): LocksealError {
  return new LocksealError('ERR_MANAGER', 'A setting of the project would lead the package manager past the gate.', {
    file,
    found: setting,
    hint: 'Move it into your own configuration or the environment: the gate itself goes by it there.',
  });
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LocksealError('ERR_PROJECT_UNREADABLE', 'package.json is not JSON.', { file: 'package.json', cause });
  }
}
