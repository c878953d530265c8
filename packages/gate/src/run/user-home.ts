import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { rootCertificates } from 'node:tls';
import type { GateAccess, UserPlaces } from './gate-environment.ts';
import type { Environment } from './held-variables.ts';
import type { Family } from './managers.ts';
import { PREFIX, sweepFolders } from './sweep-folders.ts';
import { npmrcWithoutSecrets, tomlWithoutSecrets, variablesOfSecrets, yamlWithoutSecrets } from './user-config.ts';

/** Whose home it is. */
export interface User {
  readonly env: Environment;
  /** Absolute. */
  readonly home: string;
}

/** A folder of this run, for its owner alone: a home without credentials, and the authorities to trust. */
export interface RunFolder {
  /** Absolute. */
  readonly directory: string;
  readonly places: UserPlaces;
  readonly authorities: Omit<GateAccess, 'proxyUrl'>;
  /** Variables that settings about credentials name in the user's files. */
  readonly named: readonly string[];
  remove(): Promise<void>;
}

type Filter = (text: string) => string;

/** Files with settings beside credentials: the settings are copied. */
const FILTERED: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['.npmrc', npmrcWithoutSecrets],
  ['.yarnrc', npmrcWithoutSecrets],
  ['.yarnrc.yml', yamlWithoutSecrets],
  ['.bunfig.toml', tomlWithoutSecrets],
]);
/**
 * A flag that Yarn 1 ends with before it does anything. It heeds this file before every `.yarnrc` of a project or above one; Yarn 2
 * and later do not read it.
 */
const REFUSED_BY_YARN_1 = '--install.mutex "lockseal: this lockfile is of Yarn 2 or later"';
const FILTERED_OF_PNPM: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['rc', npmrcWithoutSecrets],
  ['config.yaml', yamlWithoutSecrets],
]);
/** Files that hold nothing but credentials of registries and of git. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.netrc', '_netrc', '.git-credentials', '.config']);
/** `.config/git/credentials` goes with its folder: git's settings are of no use without a git host. */
const LEFT_OUT_OF_CONFIG: ReadonlySet<string> = new Set(['pnpm', 'gh', 'glab-cli', 'git', '.bunfig.toml']);
/** Where caches are kept: made before, so that what is put there stays. */
const CACHES: readonly string[] = ['.npm', '.cache', '.yarn', '.bun', '.local/share'];

const MAX_BYTES = 1024 * 1024;

/**
 * Makes the folder. The home in it leads to everything in the user's own, caches above all, but for files with
 * credentials.
 * @param temporary absolute path of the folder for temporary files
 * @param authority the gate's certificate, PEM; the rest is made until it is there, and removed where it rejects
 * @param family the package manager that is to run: with `yarn-berry` a Yarn 1 refuses to install; undefined: any
 */
export async function makeRunFolder(
  user: User,
  temporary: string,
  authority: string | Promise<string>,
  family?: Family,
): Promise<RunFolder> {
  const certificate = Promise.resolve(authority);
  // It may reject before anybody waits for it below.
  certificate.catch(() => undefined);
  const directory = await mkdtemp(path.join(temporary, `${PREFIX}${process.pid}-`));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const home = path.join(directory, 'home');
    const globalNpmrc = path.join(directory, 'global-npmrc');
    const parts = [
      makeHome(user, home, family),
      copyGlobalNpmrc(user.env, globalNpmrc),
      writeAuthorities(directory, user.env, certificate),
      sweepFolders(temporary),
    ] as const;
    // Where one fails, none may write any more when the folder is removed.
    await Promise.allSettled(parts);
    const [texts, globalText, authorities] = await Promise.all(parts);
    return {
      directory,
      places: {
        home,
        npmrc: path.join(home, '.npmrc'),
        globalNpmrc,
        pnpmStore: pnpmStoreOf(user, [...texts, globalText]),
        yarnGlobal: yarnGlobalOf(user, texts),
      },
      authorities,
      named: [...texts, globalText].flatMap(variablesOfSecrets),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @returns what the files say that were copied in part */
async function makeHome(
  { env, home: own }: User,
  home: string,
  family: Family | undefined,
): Promise<readonly string[]> {
  await mkdir(home, { mode: 0o700 });
  await Promise.all(CACHES.map((cache) => mkdir(path.join(own, cache), { recursive: true })));
  await link(own, home, (name) => LEFT_OUT.has(name) || FILTERED.has(name));
  const config = variable(env, 'xdg_config_home') ?? path.join(own, '.config');
  await mkdir(path.join(home, '.config', 'pnpm'), { recursive: true, mode: 0o700 });
  await link(config, path.join(home, '.config'), (name) => LEFT_OUT_OF_CONFIG.has(name));
  const ofPnpm = pnpmConfigOf(own, env);
  const sources = [
    ...[...FILTERED].map(([name, filter]) => ({ from: sourceOf(name, own, env), to: placeOf(name, home), filter })),
    ...[...FILTERED_OF_PNPM].map(([name, filter]) => ({
      from: path.join(ofPnpm, name),
      to: path.join(home, '.config', 'pnpm', name),
      filter,
    })),
  ];
  return Promise.all(
    sources.map(async ({ from, to, filter }) => {
      const text = await readIfThere(from);
      const added = addedTo(path.basename(to), family);
      if (text !== '' || added !== undefined) await writeFile(to, `${filter(text)}${added ?? ''}`, { mode: 0o600 });
      return text;
    }),
  );
}

/** @returns what a file has to say in any case, after what the user's own says; undefined: it need not be there */
function addedTo(name: string, family: Family | undefined): string | undefined {
  if (name === '.npmrc') return '';
  return name === '.yarnrc' && family === 'yarn-berry' ? `\n${REFUSED_BY_YARN_1}\n` : undefined;
}

/** The child is told where its folder for configuration is, and bun looks nowhere else then. */
function placeOf(name: string, home: string): string {
  return name === '.bunfig.toml' ? path.join(home, '.config', name) : path.join(home, name);
}

function pnpmConfigOf(home: string, env: Environment): string {
  const config = env['XDG_CONFIG_HOME'];
  if (config !== undefined && config !== '') return path.join(config, 'pnpm');
  return path.join(home, process.platform === 'darwin' ? 'Library/Preferences' : '.config', 'pnpm');
}

/** A variable may name another `.npmrc`, and bun looks in the folder for configuration first. */
function sourceOf(name: string, home: string, env: Environment): string {
  if (name === '.npmrc') return variable(env, 'npm_config_userconfig') ?? path.join(home, name);
  const config = env['XDG_CONFIG_HOME'];
  return path.join(name === '.bunfig.toml' && config !== undefined && config !== '' ? config : home, name);
}

function globalNpmrcOf(env: Environment): string {
  const prefix = variable(env, 'npm_config_prefix') ?? path.dirname(path.dirname(process.execPath));
  return variable(env, 'npm_config_globalconfig') ?? path.join(prefix, 'etc', 'npmrc');
}

/** As pnpm finds it, but for a project on another disk than the home: its packages are copied then, not linked. */
function pnpmStoreOf({ env, home }: User, texts: readonly string[]): string | undefined {
  const isSet = variable(env, 'npm_config_store_dir') ?? variable(env, 'pnpm_config_store_dir');
  if (isSet !== undefined || namesPnpmStore(texts)) return undefined;
  if (env['PNPM_HOME'] !== undefined) return path.join(env['PNPM_HOME'], 'store');
  if (env['XDG_DATA_HOME'] !== undefined) return path.join(env['XDG_DATA_HOME'], 'pnpm', 'store');
  const data = process.platform === 'darwin' ? path.join('Library', 'pnpm') : path.join('.local', 'share', 'pnpm');
  return path.join(home, data, 'store');
}

/** Whether one of these configuration files says where pnpm keeps its store. */
export function namesPnpmStore(texts: readonly string[]): boolean {
  return texts.some((text) => /^\s*["']?store-?dir/im.test(text));
}

/** Whether one of these configuration files says where Yarn 2 and later keep their cache. */
export function namesYarnGlobal(texts: readonly string[]): boolean {
  return texts.some((text) => /^\s*["']?globalFolder/m.test(text));
}

/** As Yarn 2 and later find it. */
function yarnGlobalOf({ env, home }: User, texts: readonly string[]): string | undefined {
  const isSet = Object.keys(env).some((name) => name.toLowerCase() === 'yarn_global_folder');
  if (isSet || namesYarnGlobal(texts)) return undefined;
  const data = env['XDG_DATA_HOME'];
  return data === undefined || data === '' ? path.join(home, '.yarn', 'berry') : path.join(data, 'yarn', 'berry');
}

/** @returns what the user's own says */
async function copyGlobalNpmrc(env: Environment, to: string): Promise<string> {
  const text = await readIfThere(globalNpmrcOf(env));
  await writeFile(to, npmrcWithoutSecrets(text), { mode: 0o600 });
  return text;
}

/** npm and pnpm heed their variables in any case, and with `-` for `_`. */
function variable(env: Environment, name: string): string | undefined {
  const found = Object.entries(env).find(([key]) => key.toLowerCase().replaceAll('-', '_') === name)?.[1];
  return found === '' ? undefined : found;
}

async function link(from: string, to: string, isLeftOut: (name: string) => boolean): Promise<void> {
  const names = await readdir(from).catch(absent<string[]>([]));
  await Promise.all(
    names.filter((name) => !isLeftOut(name)).map((name) => symlink(path.join(from, name), path.join(to, name))),
  );
}

async function writeAuthorities(
  directory: string,
  env: Environment,
  certificate: Promise<string>,
): Promise<Omit<GateAccess, 'proxyUrl'>> {
  const authority = await certificate;
  const trusted = env['NODE_EXTRA_CA_CERTS'];
  const users = trusted === undefined ? '' : await readIfThere(trusted);
  const write = async (name: string, parts: readonly string[]): Promise<string> => {
    const file = path.join(directory, name);
    await writeFile(file, `${parts.map((part) => part.trim()).join('\n')}\n`, { mode: 0o600 });
    return file;
  };
  const [own, extraAuthorities, allAuthorities] = await Promise.all([
    write('authority.pem', [authority]),
    write('extra-authorities.pem', [authority, users]),
    write('all-authorities.pem', [authority, users, ...rootCertificates]),
  ]);
  return { authority: own, extraAuthorities, allAuthorities };
}

/** What cannot be read sets nothing: package managers cannot read it either. */
async function readIfThere(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(absent(''));
  return text.length > MAX_BYTES ? '' : text;
}

function absent<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(error.code ?? '')) return instead;
    throw error;
  };
}
