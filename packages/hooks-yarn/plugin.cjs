// A plugin of Yarn 2 and later: one file, since Yarn loads it before anything is installed. See docs/hooks.md.
'use strict';
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const process = require('node:process');

// The same in every hook: these files stand alone, since they run before anything is installed.

/** Environment variables with words in them, separated by spaces. */
function words(value) {
  return value === undefined ? [] : value.split(' ').filter((word) => word !== '');
}

/** The search path without folders of installed packages: the judge must not come from what it judges. */
function searchPath(env) {
  return (env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.split(path.sep).includes('node_modules'))
    .join(path.delimiter);
}

/** Runs lockseal in a folder, its output on standard error. @throws Error unless it says that all is good */
function run(args, directory, env) {
  const program = env.LOCKSEAL_PROGRAM ?? 'lockseal';
  const { status, signal, error } = spawnSync(program, args, {
    cwd: directory,
    env: { ...env, PATH: searchPath(env) },
    stdio: ['ignore', 2, 2],
  });
  if (status === 0) return;
  const why = error?.message ?? (signal === null ? `exit code ${status}` : `ended by ${signal}`);
  throw new Error(`lockseal ${args[0]} refused the installation (${why}). See docs/hooks.md.`);
}

/** The check before an installation. @throws Error unless the lockfile in the folder is approved and, if asked for, verified */
function check(directory, env) {
  run(['enforce', ...words(env.LOCKSEAL_ENFORCE), '.'], directory, env);
  if (env.LOCKSEAL_VERIFY !== undefined) run(['verify', '--quiet', ...words(env.LOCKSEAL_VERIFY), '.'], directory, env);
}
// The end of what is the same.

module.exports = {
  name: '@lockseal/yarn-plugin-enforce',
  factory: () => ({
    hooks: {
      /** Before Yarn resolves or fetches. Errors that are only reported do not stop every version of Yarn; thrown ones do. */
      validateProject: async ({ cwd }) => check(toNative(cwd), process.env),
    },
  }),
};

/** Yarn writes `C:\shop` as `/C:/shop`. */
function toNative(cwd) {
  return process.platform === 'win32' ? cwd.replace(/^\/([A-Za-z]:)/, '$1') : cwd;
}
