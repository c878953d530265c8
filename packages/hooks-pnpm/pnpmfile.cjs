// Loaded by pnpm as a plugin (a configuration dependency), before it resolves or fetches anything. See docs/hooks.md.
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
  hooks: {
    /** pnpm 10 and later call it at the start of every installation, a frozen one too. */
    preResolution: ({ lockfileDir }) => check(lockfileDir, process.env),
  },
};
