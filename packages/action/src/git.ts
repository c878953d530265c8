import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { ActionError } from './action-error.ts';
import { revisionOf, type Fetch } from './plan.ts';
import type { Runner } from './runner.ts';

const execute = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** Fetches what the run compares with: `actions/checkout` leaves one commit. @throws ActionError */
export async function fetchAll(fetches: readonly Fetch[], runner: Runner, token: string | undefined): Promise<void> {
  for (const fetch of fetches) await fetchOne(fetch, runner, token);
}

async function fetchOne(fetch: Fetch, runner: Runner, token: string | undefined): Promise<void> {
  // A branch moves while a workflow waits, so it is always asked for; a commit that is there is there.
  if (fetch.kind === 'commit' && (await hasCommit(fetch.commit, runner))) return;
  const spec = fetch.kind === 'commit' ? fetch.commit : `+refs/heads/${fetch.branch}:${revisionOf(fetch)}`;
  try {
    await git(['fetch', '--no-tags', '--no-recurse-submodules', '--depth=1', 'origin', spec], runner, token);
  } catch (cause) {
    const what = fetch.kind === 'commit' ? `the commit ${fetch.commit}` : `the branch ${fetch.branch}`;
    const why = cause instanceof Error ? cause.message.split('\n').at(-2) : '';
    throw new ActionError(
      `${what} could not be fetched from origin, and without it there is no policy to go by: ${why}`,
    );
  }
}

/** HEAD of the workspace; undefined where it is no git repository. */
export async function checkedOut(runner: Runner): Promise<string | undefined> {
  return git(['rev-parse', '--verify', '--quiet', 'HEAD'], runner, undefined).then(
    (text) => text.trim(),
    () => undefined,
  );
}

async function hasCommit(commit: string, runner: Runner): Promise<boolean> {
  return git(['cat-file', '-e', `${commit}^{commit}`], runner, undefined).then(
    () => true,
    () => false,
  );
}

async function git(args: readonly string[], runner: Runner, token: string | undefined): Promise<string> {
  const env = { ...process.env, ...credentials(runner, token), GIT_TERMINAL_PROMPT: '0' };
  const { stdout } = await execute('git', ['-C', runner.workspace, ...args], { env, timeout: TIMEOUT_MS });
  return stdout;
}

/** For this one call, to this one host, and never on a command line that other processes can read. */
function credentials({ serverUrl }: Runner, token: string | undefined): Record<string, string> {
  if (token === undefined) return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${serverUrl}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
  };
}
