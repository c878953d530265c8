// The snippets of docs/install.md and docs/gate.md for CI systems, containers and laptops: their shell lines are run as those
// systems run them, in fresh clones of a project that somebody approved, with the npm on PATH. What needs the system itself is
// said to be untried where it stands. Not part of `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { createCiProject, git, type CiProject } from '../support/ci-project.ts';
import { lockseal } from '../support/transcript.ts';

// GitHub's parser imports JSON as bundlers do, without saying so.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');

const docs = path.join(import.meta.dirname, '../../docs');
const REPOSITORY = 'https://github.com/acme/shop';

/** The fenced block of a language below a heading. */
function blockOf(file: string, heading: string, language: string): string {
  const [, section = ''] = fs.readFileSync(path.join(docs, file), 'utf8').split(`\n## ${heading}\n`);
  const [, block] =
    new RegExp(`^\`\`\`${language}\\b[^\\n]*\\n(.*?)^\`\`\`$`, 'ms').exec(section.split('\n## ')[0] ?? '') ?? [];
  return block ?? assert.fail(`${file} has no ${language} under ${heading}`);
}

let project: CiProject;
let bin: string;
before(async () => {
  project = await createCiProject();
  bin = path.join(project.folder, 'bin');
  fs.mkdirSync(bin);
  // The registry here is signed for by an instance of Sigstore of its own.
  const words = lockseal.map((word) => `'${word}'`).join(' ');
  const program = `#!/bin/sh\ncommand=$1\nshift\nexec ${words} "$command" --trusted-root='${project.folder}/source/root.json' "$@"\n`;
  fs.writeFileSync(path.join(bin, 'lockseal'), program, { mode: 0o755 });
});
after(() => project.close());

/** As a runner that clones all of the history does. */
function clone(commit: string): string {
  const workspace = project.checkOut(commit);
  git(workspace, 'fetch', '--quiet', '--unshallow', 'origin', '+refs/heads/*:refs/remotes/origin/*');
  return workspace;
}

interface Ran {
  readonly exitCode: number | null;
  readonly output: string;
}

async function run(
  [program, ...args]: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const own = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: project.folder, npm_config_loglevel: 'error' };
  const child = spawn(program, args, { cwd, env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await closed, output: stdout + stderr };
}

function isInstalled(folder: string): boolean {
  return fs.existsSync(path.join(folder, 'node_modules/tool/package.json'));
}

const skip = process.platform === 'win32' && 'needs a POSIX shell';

describe('the snippets of docs/install.md', { skip, concurrency: 1 }, () => {
  describe('GitHub Actions', () => {
    const workflow = blockOf('install.md', 'GitHub Actions', 'yaml');
    const { jobs } = parse(workflow) as {
      jobs: Record<string, { steps: { run?: string; with?: Record<string, unknown>; env?: Record<string, string> }[] }>;
    };
    const steps = jobs['build']?.steps ?? [];
    const installing = steps.find((step) => step.run?.startsWith('lockseal') === true)?.run ?? assert.fail();
    const env = {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/shop',
    };

    test('is a workflow to GitHub, with a whole history and no credentials left behind', () => {
      const { context } = parseWorkflow({ name: 'workflow.yml', content: workflow }, new NoOperationTraceWriter());
      assert.deepEqual(context.errors.getErrors(), []);
      assert.deepEqual(steps[0]?.with, { 'fetch-depth': 0, 'persist-credentials': false });
    });

    test('installs what is approved, by `bash -e` in a clone', async () => {
      const folder = clone(project.commits.approved);
      const { exitCode, output } = await run(['bash', '-e', '-c', installing], folder, env);
      assert.equal(exitCode, 0, output);
      assert.ok(isInstalled(folder));
    });

    test('starts nothing of a pull request that brings a policy and an artifact of its own', async () => {
      const folder = clone(project.commits.hostile);
      const { exitCode, output } = await run(['bash', '-e', '-c', installing], folder, env);
      assert.equal(exitCode, 1, output);
      assert.match(output, /approval-other-lockfile/);
      assert.ok(!fs.existsSync(path.join(folder, 'node_modules')));
    });
  });

  test('GitLab: its script, by `sh -e` in a clone, with caches in the project', async () => {
    const { install } = parse(blockOf('install.md', 'GitLab', 'yaml')) as {
      install: { variables: Record<string, string>; script: string[]; cache: { paths: string[] } };
    };
    const folder = clone(project.commits.approved);
    const variables = Object.entries(install.variables).map(([name, value]) => [
      name,
      value.replace('$CI_PROJECT_DIR', folder),
    ]);
    const env = {
      CI: 'true',
      GITLAB_CI: 'true',
      CI_DEFAULT_BRANCH: 'main',
      CI_PROJECT_URL: REPOSITORY,
      CI_PROJECT_DIR: folder,
    };
    // The project has no tests of its own.
    const script = install.script.filter((line) => line !== 'npm test').join('\n');
    assert.match(script, /^git fetch .*\nlockseal install /);
    const { exitCode, output } = await run(['sh', '-e', '-c', script], folder, {
      ...env,
      ...Object.fromEntries(variables),
    });
    assert.equal(exitCode, 0, output);
    assert.ok(isInstalled(folder));
    for (const kept of install.cache.paths) assert.ok(fs.existsSync(path.join(folder, kept)), kept);
  });

  test('Docker: its last command, with the files that it copies and no others', async () => {
    const lines = blockOf('install.md', 'Docker', 'dockerfile').split('\n');
    const [source, folder, policy] = ['source', 'app', 'policy'].map((name) =>
      path.join(project.folder, 'image', name),
    );
    assert.ok(source !== undefined && folder !== undefined && policy !== undefined);
    fs.mkdirSync(path.dirname(source));
    fs.renameSync(clone(project.commits.approved), source);
    for (const each of [folder, policy]) fs.mkdirSync(each);
    const [, files = ''] =
      lines.map((line) => /^COPY (?!--)(.*) \.\/$/.exec(line)).find((match) => match !== null) ?? [];
    for (const name of files.split(' ')) fs.copyFileSync(path.join(source, name), path.join(folder, name));
    fs.copyFileSync(path.join(source, 'lockseal.yaml'), path.join(policy, 'lockseal.yaml'));
    const [, command = ''] = lines.map((line) => /^RUN (.*)$/.exec(line)).find((match) => match !== null) ?? [];
    const { exitCode, output } = await run(['sh', '-c', command.replaceAll('/policy/', `${policy}/`)], folder);
    assert.equal(exitCode, 0, output);
    assert.ok(isInstalled(folder));
  });

  test('a laptop', async () => {
    const folder = clone(project.commits.approved);
    const { exitCode, output } = await run(['sh', '-e', '-c', blockOf('install.md', 'A laptop', 'sh')], folder);
    assert.equal(exitCode, 0, output);
    assert.ok(isInstalled(folder));
  });
});

test('the gate beside a container build, with npm in its place', { skip }, async () => {
  const folder = clone(project.commits.approved);
  const [build, ...others] = blockOf('gate.md', 'For a container build', 'dockerfile')
    .replace(/^#.*\n/, '')
    .split(/\n(?=[A-Z]+ )/);
  assert.deepEqual(others, []);
  const inside = (build ?? '').replace(/^RUN (?:--mount=\S+ )+\\\n/, '').replaceAll('/run/', `${folder}/`);
  const typed = blockOf('gate.md', 'For a container build', 'sh')
    .replace('--port=4873 ', '')
    .replace(/^docker build .*$/m, `(\n${inside}) || { kill "$gate"; exit 9; }`);
  const { exitCode, output } = await run(['sh', '-e', '-c', `${typed}\nwait "$gate" || true`], folder, {
    // What npm has already it asks nobody for.
    npm_config_cache: path.join(folder, '.npm'),
  });
  assert.equal(exitCode, 0, output);
  assert.ok(isInstalled(folder), output);
  const [opened = '', closed = ''] = fs.readFileSync(path.join(folder, 'gate.json'), 'utf8').split('\n');
  assert.equal((JSON.parse(opened) as { event: string }).event, 'open');
  assert.equal((JSON.parse(closed) as { served: { tarballs: number } }).served.tarballs, 1);
  assert.equal(fs.statSync(path.join(folder, 'gate.json')).mode & 0o077, 0);
  assert.ok(!fs.existsSync(path.join(folder, 'gate.pem')));
});
