// bun's security scanner: asked before bun installs anything that it was not told to install before. See docs/hooks.md.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

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

/** https://bun.com/docs/pm/security-scanner-api: what is thrown cancels the installation. */
export const scanner = {
  version: '1',
  scan: async () => {
    check(process.cwd(), process.env);
    return [];
  },
};
