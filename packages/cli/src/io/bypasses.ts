import path from 'node:path';
import type { Console } from './console.ts';

/** Where the settings of a user come from, beside the project's files. */
export type User = Pick<Console, 'env' | 'home'>;

/** A setting with which the manager of these lockfiles goes by something else. Whole lines, spaces aside. */
interface FileBypass {
  readonly lockfiles: RegExp;
  /** In the project's folder, and under the same name among the user's own files. */
  readonly file: string;
  readonly setting: RegExp;
}

/** The same in the environment. */
interface VariableBypass {
  readonly lockfiles: RegExp;
  readonly variable: RegExp;
  readonly value: RegExp;
}

const NPM = /^(?:package-lock|npm-shrinkwrap)\.json$/;
const PNPM = /^pnpm-lock(?:\..+)?\.yaml$/;
const YARN = /^yarn\.lock$/;
const BUN = /^bun\.lockb?$/;

export const FILE_BYPASSES: readonly FileBypass[] = [
  { lockfiles: NPM, file: '.npmrc', setting: /^\s*(?:package-lock|shrinkwrap)\s*=\s*(?:false|"false"|'false')\s*$/gm },
  { lockfiles: NPM, file: '.npmrc', setting: /^\s*package-lock-only\s*=\s*true\s*$/gm },
  {
    lockfiles: PNPM,
    file: '.npmrc',
    setting: /^\s*(?:lockfile|frozen-lockfile)\s*=\s*(?:false|"false"|'false')\s*$/gm,
  },
  {
    lockfiles: PNPM,
    file: 'pnpm-workspace.yaml',
    setting: /^(?:lockfile|frozenLockfile|preferFrozenLockfile):\s*false\s*$/gm,
  },
  { lockfiles: YARN, file: '.yarnrc', setting: /^\s*--(?:\*|install|add)\.no-lockfile\b.*$/gm },
  { lockfiles: YARN, file: '.yarnrc', setting: /^\s*--(?:install\.)?(?:pure-lockfile|no-lockfile)\b.*$/gm },
  { lockfiles: YARN, file: '.yarnrc.yml', setting: /^enableImmutableInstalls:\s*false\s*$/gm },
  { lockfiles: BUN, file: 'bunfig.toml', setting: /^\s*frozenLockfile\s*=\s*false\s*$/gm },
];

/** As nopt, with which npm and pnpm read flags, has it. Empty variables are none to them. */
const FALSE = /^(?:false|null|0+)$/;
const TRUE = /^(?!(?:false|null|0+)$)./;
const ANY = /./;

/** In npm's variables case does not count, nor whether words are joined by `_` or `-`. */
const VARIABLE_BYPASSES: readonly VariableBypass[] = [
  { lockfiles: NPM, variable: /^npm_config_(?:package_lock|shrinkwrap)$/, value: FALSE },
  { lockfiles: NPM, variable: /^npm_config_(?:package_lock_only|global)$/, value: TRUE },
  { lockfiles: NPM, variable: /^npm_config_location$/, value: /^global$/ },
  {
    lockfiles: PNPM,
    variable: /^p?npm_config_(?:lockfile|frozen_lockfile|prefer_frozen_lockfile|shared_workspace_lockfile)$/,
    value: FALSE,
  },
  { lockfiles: PNPM, variable: /^p?npm_config_lockfile_dir$/, value: ANY },
  { lockfiles: /^pnpm-lock\.yaml$/, variable: /^p?npm_config_git_branch_lockfile$/, value: TRUE },
  { lockfiles: YARN, variable: /^yarn_enable_immutable_installs$/, value: FALSE },
  { lockfiles: YARN, variable: /^yarn_lockfile_filename$/, value: /^(?!yarn\.lock$)./ },
  { lockfiles: YARN, variable: /^yarn_rc_filename$/, value: ANY },
  // bun takes every value but 0 for yes; that 0 turns the check of hashes off is how it reads that one.
  { lockfiles: BUN, variable: /^bun_config_skip_load_lockfile$/, value: /^(?!0$)/ },
  { lockfiles: BUN, variable: /^bun_config_no_verify$/, value: /^0$/ },
];

/** Variables that make the manager of a lockfile go by something else, as `NAME=value`, sorted. */
export function variableBypasses(lockfile: string, env: User['env']): readonly string[] {
  const about = VARIABLE_BYPASSES.filter(({ lockfiles }) => lockfiles.test(path.basename(lockfile)));
  return Object.entries(env)
    .filter(([name, value]) => {
      const spelt = name.toLowerCase().replaceAll('-', '_');
      return about.some((each) => value !== undefined && each.variable.test(spelt) && each.value.test(value));
    })
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .toSorted();
}

/** Where managers look for a user's own files of these names; undefined: nowhere. */
export function userFile(name: string, { env, home }: User): string | undefined {
  switch (name) {
    case '.npmrc': {
      const named = Object.entries(env).find(([key]) => key.toLowerCase() === 'npm_config_userconfig')?.[1];
      return named === undefined || named === '' ? path.join(home, name) : named;
    }
    case '.yarnrc':
    case '.yarnrc.yml':
      return path.join(home, name);
    case 'bunfig.toml': {
      const config = env['XDG_CONFIG_HOME'];
      return path.join(config === undefined || config === '' ? home : config, '.bunfig.toml');
    }
    default:
      return undefined;
  }
}
