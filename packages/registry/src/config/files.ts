import path from 'node:path';
import type { LockfileFormat } from '@lockseal/core';
import type { ConfigLayer } from './layer.ts';
import { npmLayer, npmSettingsFromEnvironment, parseNpmrc, type NpmSettings } from './npmrc.ts';
import { readConfigFile, type Environment } from './values.ts';
import { yarnClassicEnvironmentLayer, yarnClassicLayer } from './yarn-classic.ts';

/** Where configuration is looked for. */
export interface ConfigPlaces {
  /** The lockfile's folder. */
  readonly directory: string;
  readonly home: string;
  readonly env: Environment;
  /** The node program, beside which npm's own `npmrc` and global configuration lie. */
  readonly execPath: string;
  readonly platform: NodeJS.Platform;
  /** false: files inside the project (which a pull request can change) have no say. */
  readonly useProjectFiles: boolean;
}

const MAX_PARENTS = 64;

/**
 * The layers that count for a lockfile format, strongest first, as its package manager has them:
 *
 * | format | layers |
 * |---|---|
 * | npm, deno, vlt | `npm_config_*`; .npmrc of project, user, global; npm's builtin npmrc |
 * | pnpm | `pnpm_config_*`, `npm_config_*`; pnpm-workspace.yaml; .npmrc of project, user; pnpm's own rc; global; builtin |
 * | yarn-classic | `YARN_REGISTRY`; .yarnrc from the project upwards and of the user; then as npm |
 * | yarn-berry | `YARN_*`; .yarnrc.yml from the project upwards and of the user; never .npmrc |
 * | bun | `BUN_CONFIG_REGISTRY`, `npm_config_*`; bunfig.toml of project and user; .npmrc of project and user |
 */
export async function loadLayers(format: LockfileFormat, places: ConfigPlaces): Promise<readonly ConfigLayer[]> {
  switch (format) {
    case 'npm':
    case 'deno':
    case 'vlt':
      return npmLayers(places);
    case 'pnpm':
      return pnpmLayers(places);
    case 'yarn-classic':
      return [
        yarnClassicEnvironmentLayer(places.env),
        ...(await upward('.yarnrc', yarnClassicLayer, places)),
        ...(await npmLayers(places)),
      ];
    case 'yarn-berry':
      return yarnBerryLayers(places);
    case 'bun':
      return bunLayers(places);
  }
}

// What reads YAML and TOML is loaded by whom it concerns: npm's own files are neither.

async function yarnBerryLayers(places: ConfigPlaces): Promise<ConfigLayer[]> {
  const { yarnBerryEnvironmentLayer, yarnBerryLayer } = await import('./yarn-berry.ts');
  const files = await upward('.yarnrc.yml', (file, text) => yarnBerryLayer(file, text, places.env), places);
  return [yarnBerryEnvironmentLayer(places.env), ...files];
}

async function npmLayers(places: ConfigPlaces): Promise<ConfigLayer[]> {
  const { environment, project, user, global, builtin } = await npmFiles(places);
  return [environment, project, user, global, builtin].flatMap((layer) => layer ?? []);
}

async function pnpmLayers(places: ConfigPlaces): Promise<ConfigLayer[]> {
  const { environment, project, user, global, builtin } = await npmFiles(places);
  const own = npmLayer('environment', npmSettingsFromEnvironment(places.env, 'pnpm_config_'));
  const file = path.join(places.directory, 'pnpm-workspace.yaml');
  const text = places.useProjectFiles ? await readConfigFile(file) : undefined;
  const { pnpmWorkspaceLayer } = await import('./pnpm.ts');
  const workspace = text === undefined ? undefined : pnpmWorkspaceLayer(file, text, places.env);
  const rc = (await npmFile(pnpmRc(places), places.env))?.layer;
  return [own, environment, workspace, project, user, rc, global, builtin].flatMap((layer) => layer ?? []);
}

async function bunLayers(places: ConfigPlaces): Promise<ConfigLayer[]> {
  const { bunEnvironmentLayer, bunfigLayer } = await import('./bunfig.ts');
  const { environment, project, user } = await npmFiles(places);
  const own = path.join(places.directory, 'bunfig.toml');
  const users = path.join(places.env['XDG_CONFIG_HOME'] ?? places.home, '.bunfig.toml');
  const layers: (ConfigLayer | undefined)[] = [bunEnvironmentLayer(places.env), environment];
  for (const file of places.useProjectFiles ? [own, users] : [users]) {
    const text = await readConfigFile(file);
    if (text !== undefined) layers.push(bunfigLayer(file, text, places.env));
  }
  return [...layers, project, user].flatMap((layer) => layer ?? []);
}

interface NpmFiles {
  readonly environment: ConfigLayer;
  readonly project: ConfigLayer | undefined;
  readonly user: ConfigLayer | undefined;
  readonly global: ConfigLayer | undefined;
  readonly builtin: ConfigLayer | undefined;
}

/** npm's levels. `userconfig` counts from the environment, `globalconfig` and `prefix` from there and the user's file. */
async function npmFiles(places: ConfigPlaces): Promise<NpmFiles> {
  const { directory, home, env } = places;
  const environment = npmSettingsFromEnvironment(env);
  const userFile = environment.get('userconfig')?.at(-1) ?? path.join(home, '.npmrc');
  const projectFile = path.join(directory, '.npmrc');
  const isProject = places.useProjectFiles && path.resolve(projectFile) !== path.resolve(userFile);
  const project = isProject ? await npmFile(projectFile, env) : undefined;
  const user = await npmFile(userFile, env);
  const setting = (key: string): string | undefined => (environment.get(key) ?? user?.settings.get(key))?.at(-1);
  const prefix = setting('prefix') ?? env['PREFIX'] ?? programPrefix(places);
  const global = await npmFile(setting('globalconfig') ?? path.join(prefix, 'etc', 'npmrc'), env);
  const builtin = await npmFile(path.join(npmFolder(places), 'npmrc'), env);
  return {
    environment: npmLayer('environment', environment),
    project: project?.layer,
    user: user?.layer,
    global: global?.layer,
    builtin: builtin?.layer,
  };
}

async function npmFile(
  file: string,
  env: Environment,
): Promise<{ readonly settings: NpmSettings; readonly layer: ConfigLayer } | undefined> {
  const text = await readConfigFile(file);
  if (text === undefined) return undefined;
  const settings = parseNpmrc(text, env);
  return { settings, layer: npmLayer(file, settings, text) };
}

function programPrefix({ execPath, platform }: ConfigPlaces): string {
  return platform === 'win32' ? path.dirname(execPath) : path.dirname(path.dirname(execPath));
}

function npmFolder(places: ConfigPlaces): string {
  const prefix = programPrefix(places);
  return path.join(prefix, ...(places.platform === 'win32' ? [] : ['lib']), 'node_modules', 'npm');
}

/** https://pnpm.io/configuring */
function pnpmRc({ env, home, platform }: ConfigPlaces): string {
  if (env['XDG_CONFIG_HOME'] !== undefined) return path.join(env['XDG_CONFIG_HOME'], 'pnpm', 'rc');
  if (platform === 'darwin') return path.join(home, 'Library', 'Preferences', 'pnpm', 'rc');
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? home, 'pnpm', 'config', 'rc');
  return path.join(home, '.config', 'pnpm', 'rc');
}

/** Files of one name from the project's folder to the root, nearest first, then the user's. */
async function upward(
  name: string,
  read: (file: string, text: string) => ConfigLayer,
  places: ConfigPlaces,
): Promise<ConfigLayer[]> {
  const folders: string[] = [];
  let folder = path.resolve(places.directory);
  while (folders.length < MAX_PARENTS && folders.at(-1) !== folder) {
    folders.push(folder);
    folder = path.dirname(folder);
  }
  const all = [...new Set([...(places.useProjectFiles ? folders : []), path.resolve(places.home)])];
  const layers: ConfigLayer[] = [];
  for (const file of all.map((parent) => path.join(parent, name))) {
    const text = await readConfigFile(file);
    if (text !== undefined) layers.push(read(file, text));
  }
  return layers;
}
