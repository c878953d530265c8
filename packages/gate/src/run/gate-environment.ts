import { existsSync } from 'node:fs';
import path from 'node:path';
import { FAMILIES, type Family } from './managers.ts';

/** How a process reaches the gate. */
export interface GateAccess {
  /** `http://lockseal:<token>@127.0.0.1:<port>` */
  readonly proxyUrl: string;
  /** Absolute path of the gate's own authority, alone, as PEM. */
  readonly authority: string;
  /** Absolute path of that authority, together with those that the user trusts besides Node's own. */
  readonly extraAuthorities: string;
  /** Absolute path of that authority and all others, for programs that know one file only. */
  readonly allAuthorities: string;
}

/** Of the files that package managers read beside the project's. All paths are absolute. */
export interface UserPlaces {
  /** The home without credentials. */
  readonly home: string;
  readonly npmrc: string;
  readonly globalNpmrc: string;
  /** Where pnpm keeps its store; undefined: a file or variable of the user names it already. */
  readonly pnpmStore: string | undefined;
  /** Where Yarn 2 and later keep their cache; undefined: a file or variable of the user names it already. */
  readonly yarnGlobal: string | undefined;
  /** The plugin that keeps Yarn 2 and later from running anything of git dependencies (yarn-guard.ts). Default: none. */
  readonly yarnGuard?: string | undefined;
}

/**
 * npm 10 and Yarn 1 prepare git dependencies whatever their frozen mode is told of scripts. npm gets a shell that runs nothing;
 * Yarn, which starts itself anew in the repository, a variable that it puts before that repository's `.yarnrc`. So does Yarn 2
 * and later, which gets a plugin; where the repository has a lockfile of npm it packs by npm.
 */
const PREPARES_NOTHING: Readonly<Partial<Record<Family, (places: UserPlaces) => Readonly<Record<string, string>>>>> = {
  npm: npmRunsNothing,
  'yarn-classic': () => ({ yarn_ignore_scripts: 'true' }),
  'yarn-berry': ({ yarnGuard }) => ({
    ...(yarnGuard === undefined ? {} : { YARN_PLUGINS: yarnGuard }),
    ...npmRunsNothing(),
  }),
};

/**
 * For npm in a repository: it starts itself there, and the repository's `.npmrc` could name another program for git, and code that
 * every Node loads. An empty variable would be taken for none.
 */
function npmRunsNothing(): Readonly<Record<string, string>> {
  return {
    npm_config_script_shell: shellOfNothing(),
    npm_config_git: 'git',
    npm_config_node_options: '--no-deprecation',
  };
}

/** A shell that runs nothing, and is content. */
function shellOfNothing(): string {
  return ['/usr/bin/true', '/bin/true'].find((file) => existsSync(file)) ?? '/no/shell';
}

/** No host has this name: npm takes an empty variable for none, and a file of the project would say more. */
const NO_HOST = 'lockseal.invalid';

/**
 * What leads every package manager through the gate, and no past it, keeps scripts from running and the lockfile from
 * being written. Registries stay as they are configured: the gate is their proxy, so caches and lockfiles keep their
 * URLs. docs/install.md has the table of what each package manager heeds.
 * @param families those that may be started: one, whose frozen mode runs no script, or all of them for a command of the user's
 * own, which may want to run scripts of the project
 */
export function gateEnvironment(
  access: GateAccess,
  places: UserPlaces,
  families: readonly Family[] = FAMILIES,
): Readonly<Record<string, string>> {
  const own = families.map((family) => FAMILY_VARIABLES[family](access, places));
  const [family, ...others] = families;
  const silent = family !== undefined && others.length === 0 ? PREPARES_NOTHING[family]?.(places) : undefined;
  return Object.assign({}, common(access, places), silent, ...own) as Record<string, string>;
}

function common(
  { proxyUrl, extraAuthorities, allAuthorities }: GateAccess,
  places: UserPlaces,
): Record<string, string> {
  return {
    HOME: places.home,
    XDG_CONFIG_HOME: path.join(places.home, '.config'),
    http_proxy: proxyUrl,
    https_proxy: proxyUrl,
    HTTP_PROXY: proxyUrl,
    HTTPS_PROXY: proxyUrl,
    NODE_EXTRA_CA_CERTS: extraAuthorities,
    SSL_CERT_FILE: allAuthorities,
    CURL_CA_BUNDLE: allAuthorities,
    GIT_SSL_CAINFO: allAuthorities,
    // Nobody is there to answer: a question would wait for ever.
    GIT_TERMINAL_PROMPT: '0',
    NO_UPDATE_NOTIFIER: '1',
    LOCKSEAL_GATE: '1',
    ...npmVariables('npm_config_', proxyUrl),
    npm_config_cafile: extraAuthorities,
    npm_config_userconfig: places.npmrc,
    npm_config_globalconfig: places.globalNpmrc,
  };
}

/** npm's settings, which pnpm, Yarn 1 and bun read as well. */
function npmVariables(prefix: string, proxyUrl: string): Record<string, string> {
  return {
    [`${prefix}proxy`]: proxyUrl,
    [`${prefix}https_proxy`]: proxyUrl,
    [`${prefix}noproxy`]: NO_HOST,
    [`${prefix}strict_ssl`]: 'true',
    [`${prefix}ignore_scripts`]: 'true',
    [`${prefix}update_notifier`]: 'false',
  };
}

const FAMILY_VARIABLES: Readonly<
  Record<Family, (access: GateAccess, places: UserPlaces) => Readonly<Record<string, string>>>
> = {
  npm: ({ authority }) => ({ npm_config_cafile: authority, npm_config_audit: 'false', npm_config_fund: 'false' }),
  pnpm: ({ proxyUrl, authority }, { pnpmStore }) => ({
    ...npmVariables('pnpm_config_', proxyUrl),
    // Read anew for each request through a proxy by pnpm 9 and 10: with the authorities of some companies it takes 30 ms.
    npm_config_cafile: authority,
    pnpm_config_cafile: authority,
    npm_config_frozen_lockfile: 'true',
    pnpm_config_frozen_lockfile: 'true',
    // pnpm writes the store's path into node_modules: that of the home made for this run would be gone the next time.
    ...(pnpmStore === undefined ? {} : { npm_config_store_dir: pnpmStore, pnpm_config_store_dir: pnpmStore }),
  }),
  // It reads npm's variables. Its own would do, but Yarn 2 and later refuse to start with those.
  'yarn-classic': ({ authority }) => ({
    npm_config_cafile: authority,
    npm_config_disable_self_update_check: 'true',
  }),
  'yarn-berry': ({ proxyUrl, authority }, { yarnGlobal }) => ({
    // Yarn writes the path of its cache into .pnp.cjs, which the home made for this run would not outlive.
    ...(yarnGlobal === undefined ? {} : { YARN_GLOBAL_FOLDER: yarnGlobal }),
    YARN_HTTP_PROXY: proxyUrl,
    YARN_HTTPS_PROXY: proxyUrl,
    YARN_HTTPS_CA_FILE_PATH: authority,
    YARN_ENABLE_SCRIPTS: 'false',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'true',
    YARN_ENABLE_TELEMETRY: 'false',
  }),
  bun: () => ({ DO_NOT_TRACK: '1' }),
};
