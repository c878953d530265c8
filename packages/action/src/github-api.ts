import { gzipSync } from 'node:zlib';
import type { Json, Runner } from './runner.ts';
import { memberOf } from './runner.ts';

/** GitHub's REST API with the token of a job. */
export interface GithubApi {
  readonly runner: Pick<Runner, 'apiUrl' | 'repository' | 'ref' | 'commit'>;
  readonly token: string;
}

const TIMEOUT_MS = 30_000;
const PER_PAGE = 100;
const MAX_PAGES = 20;
/** First line of our comment; nobody sees it. */
const MARKER = '<!-- lockseal -->\n';

/**
 * Puts a report under a pull request: our one comment, written over by each run.
 * @throws Error as the API answers
 */
export async function comment(api: GithubApi, number: number, markdown: string): Promise<void> {
  const body = { body: `${MARKER}${markdown}` };
  const issues = `/repos/${api.runner.repository}/issues`;
  const own = await findComment(api, `${issues}/${number}/comments`);
  if (own === undefined) await request(api, 'POST', `${issues}/${number}/comments`, body);
  else await request(api, 'PATCH', `${issues}/comments/${own}`, body);
}

/** By marker and by author: anybody can write a comment that begins like ours. */
async function findComment(api: GithubApi, path: string): Promise<number | undefined> {
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const comments = await request(api, 'GET', `${path}?per_page=${PER_PAGE}&page=${page}`);
    if (!Array.isArray(comments)) return undefined;
    for (const each of comments as readonly Json[]) {
      const [id, body] = [memberOf(each, 'id'), memberOf(each, 'body')];
      const isOurs = memberOf(each, 'user', 'login') === 'github-actions[bot]';
      if (isOurs && typeof id === 'number' && typeof body === 'string' && body.startsWith(MARKER.trim())) return id;
    }
    if (comments.length < PER_PAGE) return undefined;
  }
  return undefined;
}

/** Hands a SARIF report to code scanning. @throws Error as the API answers */
export async function uploadSarif(api: GithubApi, sarif: string): Promise<void> {
  const { repository, ref, commit } = api.runner;
  await request(api, 'POST', `/repos/${repository}/code-scanning/sarifs`, {
    commit_sha: commit,
    ref,
    sarif: gzipSync(sarif).toString('base64'),
    tool_name: 'lockseal',
  });
}

async function request({ runner, token }: GithubApi, method: string, path: string, body?: Json): Promise<Json> {
  const response = await fetch(`${runner.apiUrl}${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'user-agent': 'lockseal',
      'x-github-api-version': '2022-11-28',
    },
    // The token goes to the API and nowhere else.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
  return text === '' ? null : (JSON.parse(text) as Json);
}
