import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LocksealError } from '@lockseal/core';
import { AUDIENCE } from './token.ts';

const TIMEOUT_MS = 10_000;
const MAX_TOKEN = 64 * 1024;
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/identity';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A token, and where it came from. */
export interface FoundToken {
  readonly token: string;
  readonly where: string;
}

/** One place where a machine's identity token comes from. */
export interface TokenSource {
  readonly name: string;
  /** Whether this source is there, by the environment alone: nothing is asked yet. */
  isPresent(env: Environment): boolean;
  /** @throws Error saying why it gave none */
  fetch(env: Environment): Promise<string>;
}

/** In the order in which they are asked. A token that somebody set on purpose comes first. */
export const TOKEN_SOURCES: readonly TokenSource[] = [
  // GitLab CI puts the token there that `id_tokens:` of the job declares; others may do as well.
  {
    name: 'SIGSTORE_ID_TOKEN',
    isPresent: (env) => isSet(env['SIGSTORE_ID_TOKEN']),
    fetch: async (env) => env['SIGSTORE_ID_TOKEN'] ?? '',
  },
  // https://docs.github.com/en/actions/reference/security/oidc
  {
    name: 'GitHub Actions',
    isPresent: (env) => isSet(env['ACTIONS_ID_TOKEN_REQUEST_URL']) && isSet(env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']),
    fetch: fetchGitHubToken,
  },
  // https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/
  {
    name: 'CircleCI',
    isPresent: (env) => env['CIRCLECI'] === 'true',
    fetch: (env) => run('circleci', ['run', 'oidc', 'get', '--claims', JSON.stringify({ aud: AUDIENCE })], env),
  },
  // https://buildkite.com/docs/agent/cli/reference/oidc
  {
    name: 'Buildkite',
    isPresent: (env) => env['BUILDKITE'] === 'true',
    fetch: (env) => run('buildkite-agent', ['oidc', 'request-token', '--audience', AUDIENCE], env),
  },
  // https://cloud.google.com/docs/authentication/get-id-token#metadata-server
  {
    name: 'Google Cloud',
    isPresent: (env) =>
      ['K_SERVICE', 'CLOUD_RUN_JOB', 'GAE_SERVICE', 'GCE_METADATA_HOST'].some((name) => isSet(env[name])),
    fetch: fetchGoogleToken,
  },
];

/**
 * The identity token of the machine that this runs on; undefined where no source is present. A source that is present
 * and gives none is an error: signing by some other identity than the expected one would be worse than not signing.
 * @throws LocksealError ERR_IDENTITY
 */
export async function ciIdentityToken(env: Environment): Promise<FoundToken | undefined> {
  const source = TOKEN_SOURCES.find((candidate) => candidate.isPresent(env));
  if (source === undefined) return undefined;
  try {
    return { token: (await source.fetch(env)).trim(), where: source.name };
  } catch (cause) {
    throw new LocksealError('ERR_IDENTITY', `${source.name} gave no identity token.`, {
      found: cause instanceof Error ? cause.message : String(cause),
      hint: 'Allow the job to have one: on GitHub `permissions: id-token: write`, on GitLab `id_tokens:`.',
      cause,
    });
  }
}

async function fetchGitHubToken(env: Environment): Promise<string> {
  const url = new URL(env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '');
  url.searchParams.set('audience', AUDIENCE);
  const headers = { authorization: `Bearer ${env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}`, accept: 'application/json' };
  const answer = parseAnswer(await get(url, headers));
  const value = typeof answer === 'object' && answer !== null && 'value' in answer ? answer.value : undefined;
  if (typeof value !== 'string') throw new TypeError('the answer has no value');
  return value;
}

/** What cannot be read may be a token, or half of one: the message holds nothing of it. */
function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError('the answer is not JSON');
  }
}

async function fetchGoogleToken(env: Environment): Promise<string> {
  const url = new URL(`http://${env['GCE_METADATA_HOST'] ?? 'metadata.google.internal'}${METADATA_PATH}`);
  url.searchParams.set('audience', AUDIENCE);
  url.searchParams.set('format', 'full');
  return get(url, { 'metadata-flavor': 'Google' });
}

async function get(url: URL, headers: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url.host} answered with status ${response.status}`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_TOKEN) throw new Error(`${url.host} answered with more than ${MAX_TOKEN} characters`);
  }
  return text;
}

async function run(program: string, args: readonly string[], env: Environment): Promise<string> {
  const options = { env: { ...env }, timeout: TIMEOUT_MS, maxBuffer: MAX_TOKEN };
  const { stdout } = await promisify(execFile)(program, args, options);
  return stdout;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
