// How each package manager is told what the project wants: its files, its configuration, its commands.
import path from 'node:path';
import type { Family, Manager } from './managers.ts';

export interface Driver {
  readonly lockfile: string;
  /** Text files of the project by path. */
  files(registry: string): Readonly<Record<string, string>>;
  /** Locks without installing, where the manager can. */
  readonly lock: readonly string[];
  /** Installs what is locked and nothing else, and runs no script; or why that cannot be had here. */
  readonly frozen: readonly string[] | { readonly unavailable: string };
  /** Beside PATH and HOME. */
  env(home: string, registry: string): Readonly<Record<string, string>>;
}

type Manifest = Readonly<Record<string, unknown>>;

const OVERRIDES = { delta: '1.0.1' };

const ALIASES = { aliased: '^1.0.0', classic: 'npm:gamma@1.1.0' };

/** The project's own package.json; `own` is what this manager wants said differently. */
function rootManifest(own: Manifest, workspaceRange: string, aliases: Manifest = ALIASES): string {
  return json({
    name: 'shop',
    version: '1.0.0',
    private: true,
    ...own,
    dependencies: {
      '@acme/tool': '^2.0.0',
      '@shop/lib': workspaceRange,
      ...aliases,
      alpha: '^1.0.0',
      bundler: '^1.0.0',
      native: '^1.0.0',
      parent: '^1.0.0',
      plugin: '^1.0.0',
      vendored: 'file:./vendor/vendored-1.0.0.tgz',
    },
    devDependencies: { gamma: '^2.0.0' },
  });
}

const LIB = json({ name: '@shop/lib', version: '1.0.0', dependencies: { beta: '^1.0.0' } });
const WORKSPACES = { workspaces: ['packages/*'] };

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function npmrc(registry: string): string {
  return `registry=${registry}\n`;
}

/** npm 12 takes even the tarball of a bundling package on its own registry for "remote" while it locks. */
function npmFlags(major: number): readonly string[] {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  return major < 12 ? quiet : [...quiet, '--allow-remote=all'];
}

const cached = (home: string): string => path.join(home, 'cache');

/** What a manager of this family and version is told. */
export function driverOf({ family, major }: Manager): Driver {
  return DRIVERS[family](major);
}

const DRIVERS: Readonly<Record<Family, (major: number) => Driver>> = {
  npm: (major) => ({
    lockfile: 'package-lock.json',
    files: (registry) => ({
      'package.json': rootManifest({ ...WORKSPACES, overrides: OVERRIDES }, '1.0.0'),
      'packages/lib/package.json': LIB,
      '.npmrc': npmrc(registry),
    }),
    lock: ['install', '--package-lock-only', ...npmFlags(major)],
    frozen: ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    env: (home) => ({ npm_config_cache: cached(home), npm_config_update_notifier: 'false' }),
  }),
  pnpm: (major) => ({
    lockfile: 'pnpm-lock.yaml',
    files: (registry) => ({
      'package.json': rootManifest(major < 11 ? { pnpm: { overrides: OVERRIDES } } : {}, 'workspace:*'),
      'packages/lib/package.json': LIB,
      'pnpm-workspace.yaml': `packages:\n  - packages/*\n${major < 11 ? '' : 'overrides:\n  delta: 1.0.1\n'}`,
      '.npmrc': npmrc(registry),
    }),
    lock: ['install', '--lockfile-only', '--ignore-scripts'],
    frozen: ['install', '--frozen-lockfile', '--ignore-scripts'],
    env: (home) => ({
      XDG_CACHE_HOME: cached(home),
      XDG_DATA_HOME: path.join(home, 'data'),
      XDG_STATE_HOME: path.join(home, 'state'),
      npm_config_store_dir: path.join(home, 'store'),
      CI: 'true',
    }),
  }),
  'yarn-classic': () => ({
    lockfile: 'yarn.lock',
    files: (registry) => ({
      'package.json': rootManifest({ ...WORKSPACES, resolutions: OVERRIDES }, '1.0.0'),
      'packages/lib/package.json': LIB,
      '.npmrc': npmrc(registry),
      '.yarnrc': `registry "${registry}"\n`,
    }),
    lock: ['install', '--ignore-scripts', '--non-interactive', '--no-progress'],
    frozen: ['install', '--frozen-lockfile', '--ignore-scripts', '--non-interactive', '--no-progress'],
    env: (home) => ({ YARN_CACHE_FOLDER: cached(home) }),
  }),
  'yarn-berry': () => ({
    lockfile: 'yarn.lock',
    files: (registry) => ({
      'package.json': rootManifest({ ...WORKSPACES, resolutions: OVERRIDES }, 'workspace:*'),
      'packages/lib/package.json': LIB,
      '.yarnrc.yml': [
        `npmRegistryServer: "${registry.replace(/\/$/, '')}"`,
        'unsafeHttpWhitelist: ["127.0.0.1"]',
        'nodeLinker: node-modules',
        'enableTelemetry: false',
        'enableGlobalCache: false',
        '',
      ].join('\n'),
    }),
    lock: ['install', '--mode=update-lockfile'],
    frozen: ['install', '--immutable', '--mode=skip-build'],
    env: (home) => ({ YARN_CACHE_FOLDER: cached(home), YARN_ENABLE_IMMUTABLE_INSTALLS: 'false', CI: 'false' }),
  }),
  bun: () => ({
    lockfile: 'bun.lock',
    files: (registry) => ({
      'package.json': rootManifest({ ...WORKSPACES, overrides: OVERRIDES }, 'workspace:*'),
      'packages/lib/package.json': LIB,
      'bunfig.toml': `[install]\nregistry = "${registry}"\n`,
    }),
    lock: ['install', '--lockfile-only', '--ignore-scripts'],
    frozen: ['install', '--frozen-lockfile', '--ignore-scripts'],
    env: (home) => ({ BUN_INSTALL_CACHE_DIR: cached(home), BUN_TMPDIR: home }),
  }),
  deno: () => ({
    lockfile: 'deno.lock',
    files: (registry) => ({
      'package.json': rootManifest({ ...WORKSPACES, overrides: OVERRIDES }, 'workspace:*'),
      'packages/lib/package.json': LIB,
      '.npmrc': npmrc(registry),
    }),
    lock: ['install', '--lockfile-only'],
    frozen: ['install', '--frozen'],
    env: (home, registry) => ({ DENO_DIR: cached(home), NPM_CONFIG_REGISTRY: registry, DENO_NO_UPDATE_CHECK: '1' }),
  }),
  vlt: () => ({
    lockfile: 'vlt-lock.json',
    files: (registry) => ({
      // vlt 1.0.0-rc.23 asks npm's public registry for every `npm:` alias, whatever is configured.
      'package.json': rootManifest({}, 'workspace:*', {}),
      'packages/lib/package.json': LIB,
      'vlt.json': json({
        workspaces: 'packages/*',
        config: { registry },
        modifiers: { '#delta': '1.0.1' },
      }),
    }),
    lock: ['install', '--lockfile-only'],
    frozen: { unavailable: '`vlt ci` asks the public registry for what the lockfile says is of another one' },
    env: (home, registry) => ({
      XDG_CACHE_HOME: cached(home),
      XDG_DATA_HOME: path.join(home, 'data'),
      VLT_VIEW: 'human',
      VLT_REGISTRY: registry,
    }),
  }),
};
