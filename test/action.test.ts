// The Action's entry point as a runner starts it: a checkout of one commit, the runner's variables and files, a GitHub
// API on loopback. docs/ci.md tells what is shown here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { runAction as callAction } from '@lockseal/action';
import { createCiProject, REPOSITORY, type CiProject } from './support/ci-project.ts';
import { runCli } from './support/run-cli.ts';

const ENTRY = path.join(import.meta.dirname, '../packages/action/main.mjs');
const TOKEN = 'ghs_secretOfTheJob';
const repository = { default_branch: 'main' };

let project: CiProject;
let github: FakeGithub;

before(async () => {
  [project, github] = await Promise.all([createCiProject(), serveGithub()]);
});
after(async () => {
  github.server.close();
  await project.close();
});

interface Request {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, string>;
}

interface FakeGithub {
  readonly url: string;
  readonly server: Server;
  readonly requests: Request[];
  comments: { id: number; body: string; user: { login: string } }[];
  status: number;
}

async function serveGithub(): Promise<FakeGithub> {
  const requests: Request[] = [];
  const http = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const body: Record<string, string> = text === '' ? {} : JSON.parse(text);
      requests.push({ method, url, authorization: headers.authorization, body });
      response.statusCode = fake.status;
      response.end(JSON.stringify(method === 'GET' ? fake.comments : { id: 1 }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const fake: FakeGithub = { url: `http://127.0.0.1:${port}`, server: http, requests, comments: [], status: 200 };
  return fake;
}

interface Run {
  readonly event: string;
  readonly ref: string;
  readonly commit: string;
  readonly payload: object;
  /** Commit that the workflow checks out; by default that of the event. */
  readonly checkout?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The entry point and lockseal as processes; else both run in this one. */
  readonly asProcess?: boolean;
}

interface Ran {
  readonly exitCode: number | null;
  readonly log: string;
  readonly outputs: string;
  readonly summary: string;
}

/** As the runner does: a shallow checkout, files for what a step says, inputs in the environment. */
async function runAction({
  event,
  ref,
  commit,
  payload,
  checkout = commit,
  inputs = {},
  env = {},
  asProcess = false,
}: Run): Promise<Ran> {
  const job = fs.mkdtempSync(path.join(project.folder, 'job-'));
  const files = Object.fromEntries(['event', 'output', 'summary'].map((name) => [name, path.join(job, name)]));
  const workspace = project.checkOut(checkout);
  fs.writeFileSync(files['event'] ?? '', JSON.stringify(payload));
  for (const name of ['output', 'summary']) fs.writeFileSync(files[name] ?? '', '');
  const given = { token: TOKEN, 'verify-arguments': '--trusted-root=root.json\n--no-cache', ...inputs };
  const named = Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: job,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: files['event'],
    GITHUB_OUTPUT: files['output'],
    GITHUB_STEP_SUMMARY: files['summary'],
    GITHUB_REF: ref,
    GITHUB_SHA: commit,
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: github.url,
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: job,
    ...Object.fromEntries(named),
    ...env,
  };
  const { exitCode, log } = await (asProcess ? startEntry : callEntry)(environment, workspace);
  const read = (name: string): string => fs.readFileSync(files[name] ?? '', 'utf8');
  if (process.env['LOCKSEAL_ACTION_TRANSCRIPT'] !== undefined) {
    process.stdout.write(`--- ${event} ${ref}\n${log}--- exit code ${exitCode}, outputs:\n${read('output')}\n`);
  }
  return { exitCode, log, outputs: read('output'), summary: read('summary') };
}

interface Ended {
  readonly exitCode: number | null;
  readonly log: string;
}

async function startEntry(env: Record<string, string | undefined>, cwd: string): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
  return new Promise((resolve) => child.on('close', (exitCode) => resolve({ exitCode, log })));
}

async function callEntry(env: Record<string, string | undefined>): Promise<Ended> {
  let log = '';
  const exitCode = await callAction(
    env,
    (line) => (log += `${line}\n`),
    async (args, cwd, given) => {
      assert.doesNotMatch(JSON.stringify(given), new RegExp(TOKEN), 'lockseal is given no token');
      const { exitCode: code, stdout, stderr } = await runCli(args, { cwd, env: given });
      return { exitCode: code, output: stdout + stderr };
    },
  );
  return { exitCode, log };
}

function pullRequest(number: number, head: string): object {
  const base = { ref: 'main', repo: { full_name: REPOSITORY } };
  return { pull_request: { number, base, head: { repo: { full_name: head } } } };
}

const forked = (more: Partial<Run> = {}): Run => ({
  event: 'pull_request',
  ref: 'refs/pull/2/merge',
  commit: project.commits.hostile,
  payload: pullRequest(2, 'eve/shop'),
  ...more,
});

describe('push', () => {
  test('to the default branch: verified and enforced under its own policy, compared with what was before', async () => {
    const { exitCode, log, outputs, summary } = await runAction({
      event: 'push',
      ref: 'refs/heads/main',
      commit: project.commits.approved,
      payload: { repository, before: project.commits.start },
      inputs: { run: 'verify enforce' },
      asProcess: true,
    });
    assert.equal(exitCode, 0, log);
    assert.match(log, /^default branch main: policy of HEAD, compared with [0-9a-f]{40}$/m);
    assert.match(log, /^Good: 0 errors/m);
    assert.match(log, /^approved {2}package-lock\.json$/m);
    assert.match(outputs, /^verdict=good$/m);
    assert.match(outputs, /^exit-code=0$/m);
    assert.match(outputs, /^sarif=.*lockseal\.sarif$/m);
    assert.match(summary, /### lockseal: Good[^]*## lockseal enforce\n\n {4}approved {2}package-lock\.json/);
  });

  test('of a lockfile that nobody approved: refused', async () => {
    const { exitCode, log, outputs } = await runAction({
      event: 'push',
      ref: 'refs/heads/topic',
      commit: project.commits.honest,
      payload: { repository, before: '0'.repeat(40) },
      inputs: { run: 'enforce' },
    });
    assert.equal(exitCode, 1, log);
    assert.match(log, /not approved/);
    assert.match(log, /^::error title=lockseal::The lockfile is not approved/m);
    assert.match(outputs, /^verdict=findings$/m);
  });
});

describe('pull request from a fork', () => {
  test('is judged by the policy of the base, without a secret and without a word to the API', async () => {
    github.requests.length = 0;
    const inputs = { comment: 'true', token: '' };
    const { exitCode, log, outputs, summary } = await runAction(forked({ inputs, asProcess: true }));
    assert.equal(exitCode, 1, log);
    assert.match(log, /^pull request 2 from a fork: policy of refs\/remotes\/origin\/main, compared with/m);
    assert.match(log, /^::error file=package-lock\.json,line=\d+,col=\d+,title=lockseal%3A integrity-mismatch::/m);
    assert.match(log, /policy-changed/);
    assert.match(outputs, /^verdict=findings$/m);
    assert.match(summary, /integrity-mismatch/);
    assert.deepEqual(github.requests, []);
  });

  test('with a token all the same: no comment, and the log says why', async () => {
    github.requests.length = 0;
    const { exitCode, log } = await runAction(forked({ inputs: { comment: 'true' } }));
    assert.equal(exitCode, 1);
    assert.match(log, /^::notice title=lockseal::No comment on a pull request from a fork/m);
    assert.deepEqual(github.requests, []);
    assert.ok(!log.includes(TOKEN));
  });

  test('that brings a file called like the base: refused, since the file could stand for it', async () => {
    const commit = project.commits.shadowing;
    for (const run of ['enforce', 'diff']) {
      const payload = pullRequest(3, 'eve/shop');
      const { exitCode, log } = await runAction(forked({ ref: 'refs/pull/3/merge', commit, payload, inputs: { run } }));
      assert.equal(exitCode, 2, log);
      assert.match(log, /A file and a git ref have the same name/);
    }
  });

  test('whose base cannot be fetched: refused, not judged by its own policy', async () => {
    const payload = { pull_request: { ...pullRequestOf(2), base: { ref: 'gone', repo: { full_name: REPOSITORY } } } };
    const { exitCode, log } = await runAction(forked({ payload }));
    assert.equal(exitCode, 2, log);
    assert.match(log, /^::error title=lockseal::the branch gone could not be fetched/m);
    assert.doesNotMatch(log, /Good/);
  });
});

function pullRequestOf(number: number): object {
  return (pullRequest(number, 'eve/shop') as { pull_request: object }).pull_request;
}

describe('pull request from the repository itself', () => {
  const own = (more: Partial<Run> = {}): Run => ({
    event: 'pull_request',
    ref: 'refs/pull/1/merge',
    commit: project.commits.honest,
    payload: pullRequest(1, REPOSITORY),
    inputs: { comment: 'true', 'upload-sarif': 'true' },
    ...more,
  });

  test('has one comment, and its report in code scanning', async () => {
    github.requests.length = 0;
    const { exitCode, log } = await runAction(own());
    assert.equal(exitCode, 0, log);
    const [scanning, , posted] = github.requests;
    assert.equal(scanning?.url, `/repos/${REPOSITORY}/code-scanning/sarifs`);
    const { sarif = '', ...rest } = scanning?.body ?? {};
    assert.deepEqual(rest, { commit_sha: project.commits.honest, ref: 'refs/pull/1/merge', tool_name: 'lockseal' });
    const { version } = JSON.parse(gunzipSync(Buffer.from(sarif, 'base64')).toString()) as { version: string };
    assert.equal(version, '2.1.0');
    assert.equal(`${posted?.method} ${posted?.url}`, `POST /repos/${REPOSITORY}/issues/1/comments`);
    assert.match(posted?.body['body'] ?? '', /^<!-- lockseal -->\n### lockseal: Good/);
    assert.ok(github.requests.every(({ authorization }) => authorization === `Bearer ${TOKEN}`));
  });

  test('is told what changed in trust, before what was verified', async () => {
    github.requests.length = 0;
    const { exitCode, log, summary } = await runAction(own({ inputs: { run: 'verify diff', comment: 'true' } }));
    assert.equal(exitCode, 0, log);
    const body = github.requests.at(-1)?.body['body'] ?? '';
    assert.match(body, /^<!-- lockseal -->\n[^]*tool[^]*1\.1\.0[^]*### lockseal: Good/);
    assert.match(summary, /1\.1\.0[^]*### lockseal: Good/);
  });

  test('that has our comment gets it written over, and nobody else’s', async () => {
    github.requests.length = 0;
    const body = '<!-- lockseal -->\nold';
    github.comments = [
      { id: 11, body, user: { login: 'eve' } },
      { id: 12, body, user: { login: 'github-actions[bot]' } },
    ];
    await runAction(own({ inputs: { comment: 'true' } }));
    github.comments = [];
    const written = github.requests
      .filter(({ method }) => method !== 'GET')
      .map(({ method, url }) => `${method} ${url}`);
    assert.deepEqual(written, [`PATCH /repos/${REPOSITORY}/issues/comments/12`]);
  });

  test('is judged all the same where the token may not write', async () => {
    github.status = 403;
    const { exitCode, log } = await runAction(own());
    github.status = 200;
    assert.equal(exitCode, 0, log);
    assert.equal(log.match(/^::warning title=lockseal::.*was answered with 403$/gm)?.length, 2);
  });
});

describe('tag', () => {
  const tagged = (name: string, commit: string): Run => ({
    event: 'push',
    ref: `refs/tags/${name}`,
    commit,
    payload: { repository, before: '0'.repeat(40) },
    inputs: { run: 'enforce' },
  });

  test('of an approved lockfile: approved under the policy of the default branch', async () => {
    const { exitCode, log } = await runAction({ ...tagged('v1.0.0', project.commits.approved), asProcess: true });
    assert.equal(exitCode, 0, log);
    assert.match(log, /^tag v1\.0\.0: policy of refs\/remotes\/origin\/main/m);
  });

  test('of another: refused', async () => {
    const { exitCode, log } = await runAction(tagged('v1.1.0', project.commits.honest));
    assert.equal(exitCode, 1, log);
    assert.match(log, /approval-other-lockfile/);
  });
});

describe('what the Action refuses', () => {
  test('pull_request_target, even with the base checked out', async () => {
    for (const checkout of [project.commits.hostile, project.commits.approved]) {
      const { exitCode, log, outputs } = await runAction(forked({ event: 'pull_request_target', checkout }));
      assert.equal(exitCode, 2);
      assert.match(log, /^::error title=lockseal::lockseal does not run under pull_request_target/m);
      assert.equal(outputs, '');
    }
  });

  test('a workflow_run that checks out the head of a pull request', async () => {
    const { exitCode, log } = await runAction({
      event: 'workflow_run',
      ref: 'refs/heads/main',
      commit: project.commits.approved,
      checkout: project.commits.hostile,
      payload: { repository, workflow_run: { event: 'pull_request' } },
    });
    assert.equal(exitCode, 2);
    assert.match(log, /another commit than [0-9a-f]{40} is checked out/);
  });

  test('anything that is no runner', async () => {
    const { exitCode, log } = await runAction(forked({ env: { GITHUB_WORKSPACE: '' } }));
    assert.equal(exitCode, 2);
    assert.match(log, /GITHUB_WORKSPACE is not what a runner sets/);
  });

  test('arguments that contradict its own: a policy cannot be given twice', async () => {
    const { exitCode, log } = await runAction(forked({ inputs: { 'verify-arguments': '--policy-ref=HEAD' } }));
    assert.equal(exitCode, 2);
    assert.match(log, /--policy-ref was given 2 times/);
  });
});
