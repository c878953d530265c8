// What other repositories copy or refer to: action.yml, workflows, the GitLab component, hooks, the container file.
// GitHub's own parser judges what is GitHub's. No package ships a schema of GitLab's or pre-commit's files: their
// members are checked here, and their scripts are run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { parseApprovalPolicy } from '@lockseal/core/approval';
import { parse, parseAllDocuments } from 'yaml';
import { createCiProject, git, type CiProject } from './support/ci-project.ts';
import { runCli } from './support/run-cli.ts';

const root = path.dirname(import.meta.dirname);
const read = (name: string): string => fs.readFileSync(path.join(root, name), 'utf8');

// GitHub's parser imports JSON as bundlers do, without saying so.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
const { parseAction } = await import('@actions/workflow-parser/actions/action-parser');

interface Parsed {
  readonly context: { readonly errors: { getErrors(): readonly { readonly message: string }[] } };
}
const errorsOf = ({ context }: Parsed): string[] => context.errors.getErrors().map(({ message }) => message);
const workflowErrors = (content: string): string[] =>
  errorsOf(parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter()));
const actionErrors = (content: string): string[] =>
  errorsOf(parseAction({ name: 'action.yml', content }, new NoOperationTraceWriter()));

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly main: string };
}
const action: Action = parse(read('action.yml'));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<string, { readonly permissions?: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >;
}

describe('action.yml', () => {
  test('is an action to GitHub, whose parser knows one that is not', () => {
    assert.deepEqual(actionErrors(read('action.yml')), []);
    assert.notDeepEqual(actionErrors('name: x\nruns: {using: node24, mian: x}\n'), []);
    assert.ok(fs.existsSync(path.join(root, action.runs.main)));
  });

  test('has the inputs and outputs that the code knows and docs/ci.md tells of', () => {
    const code = fs
      .readdirSync(path.join(root, 'packages/action/src'))
      .map((name) => read(`packages/action/src/${name}`));
    const page = read('docs/ci.md');
    for (const [name, { description }] of Object.entries({ ...action.inputs, ...action.outputs })) {
      assert.match(code.join('\n'), new RegExp(`\\b${name}\\b`), name);
      assert.ok(page.includes(`| \`${name}\` |`), `docs/ci.md has no row for ${name}`);
      assert.ok(description.length > 10, name);
    }
  });
});

const workflowFolders = [path.join('docs', 'examples', 'github'), path.join('.github', 'workflows')];

describe('workflows: the examples and our own', () => {
  for (const folder of workflowFolders) {
    for (const name of fs.readdirSync(path.join(root, folder))) {
      test(`${folder}/${name}`, () => {
        const text = read(path.join(folder, name));
        assert.deepEqual(workflowErrors(text), []);
        const { on, permissions, jobs }: Workflow = parse(text);
        assert.deepEqual(permissions, {}, 'no permission but those that a job names');
        assert.ok(!Object.hasOwn(on, 'pull_request_target'));
        for (const step of Object.values(jobs).flatMap(({ steps }) => steps)) assertStep(step);
      });
    }
  }

  test('our release is published with provenance', () => {
    const { jobs }: Workflow = parse(read('.github/workflows/release.yml'));
    const { publish } = jobs;
    assert.equal(publish?.permissions?.['id-token'], 'write');
    assert.equal(publish?.steps.at(-1)?.env?.['NPM_CONFIG_PROVENANCE'], 'true');
  });

  test('the policy that the release names is one', () => {
    const comment =
      read('docs/examples/github/release.yml')
        .match(/^# {3}.*$/gm)
        ?.map((line) => line.slice(4)) ?? [];
    const { approvals } = parse(comment.join('\n')) as { approvals: { roles: { security: { threshold: number } } } };
    // Alone the workflow reaches nothing.
    assert.throws(() => parseApprovalPolicy(approvals), /threshold/);
    const { security } = approvals.roles;
    const roles = { security: { ...security, threshold: security.threshold - 1 } };
    const { repository } = parseApprovalPolicy({ ...approvals, roles });
    assert.equal(repository, 'https://github.com/example/shop');
  });

  test('the parser refuses what is no workflow', () => {
    assert.notDeepEqual(workflowErrors('on: push\njobs: {a: {runs-on: x, stepz: []}}\n'), []);
  });
});

function assertStep({ uses, run, with: given = {} }: Step): void {
  if (run !== undefined) assert.doesNotMatch(run, /\$\{\{/, 'what an event says comes by environment');
  if (uses === undefined) return;
  if (!uses.startsWith('OWNER/lockseal@')) {
    assert.match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/, 'pinned by the hash of a commit');
    return;
  }
  assert.equal(uses, 'OWNER/lockseal@COMMIT');
  for (const name of Object.keys(given)) assert.ok(Object.hasOwn(action.inputs, name), `no input is called ${name}`);
}

interface Component {
  readonly spec: {
    readonly inputs: Readonly<
      Record<string, { readonly default?: string; readonly options?: readonly string[] } | null>
    >;
  };
}
interface Job {
  readonly variables: Readonly<Record<string, string>>;
  readonly script: readonly string[];
}

describe('the GitLab component', () => {
  const [header, body] = parseAllDocuments(read('docs/examples/gitlab/lockseal.yml')).map((one) => {
    assert.deepEqual(one.errors, []);
    return one.toJS() as unknown;
  });
  const { inputs } = (header as Component).spec;
  const [job] = Object.values(body as Record<string, Job>);
  assert.ok(job !== undefined);

  test('puts every input into a variable, none into a script', () => {
    const used = [...JSON.stringify(body).matchAll(/\$\[\[ inputs\.(\w+) \]\]/g)].map((match) => match[1] ?? '');
    assert.deepEqual([...new Set(used)].sort(), Object.keys(inputs).sort());
    assert.doesNotMatch(job.script.join('\n'), /\$\[\[/);
  });

  test('is included with inputs that it has, all that it demands', () => {
    const { include } = parse(read('docs/examples/gitlab/.gitlab-ci.yml')) as {
      include: readonly { readonly file: string; readonly inputs: Readonly<Record<string, string>> }[];
    };
    const demanded = Object.keys(inputs).filter((name) => inputs[name]?.default === undefined);
    for (const { file, inputs: given } of include) {
      assert.ok(fs.existsSync(path.join(root, file)));
      for (const name of Object.keys(given)) assert.ok(Object.hasOwn(inputs, name), name);
      for (const name of demanded) assert.ok(Object.hasOwn(given, name), name);
    }
  });

  describe('its script, run', () => {
    let project: CiProject;
    let source: { readonly folder: string; readonly commit: string };
    before(async () => {
      project = await createCiProject();
      source = sourceOfCheckout(project.folder);
    });
    after(() => project.close());

    const run = (
      commit: string,
      env: Readonly<Record<string, string>>,
    ): { exitCode: number | null; output: string } => {
      const cwd = project.checkOut(commit);
      const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', job.script.join('\n')], {
        cwd,
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: project.folder,
          CI: 'true',
          CI_DEFAULT_BRANCH: 'main',
          CI_PROJECT_URL: 'https://github.com/acme/shop',
          LOCKSEAL_SOURCE: source.folder,
          LOCKSEAL_COMMIT: source.commit,
          LOCKSEAL_COMMAND: 'verify',
          LOCKSEAL_LOCKFILE: '.',
          LOCKSEAL_REGISTRY: 'https://registry.npmjs.org/',
          ...env,
        },
      });
      return { exitCode: status, output: stdout + stderr };
    };

    test('enforces in a merge request by the policy of its target', () => {
      const env = { LOCKSEAL_COMMAND: 'enforce', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' };
      const good = run(project.commits.approved, env);
      assert.equal(good.exitCode, 0, good.output);
      const bad = run(project.commits.honest, env);
      assert.equal(bad.exitCode, 1, bad.output);
      assert.match(bad.output, /approval-other-lockfile/);
    });

    test('stops where the policy cannot be had, and where lockseal is another one', () => {
      const gone = run(project.commits.approved, { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'gone' });
      assert.equal(gone.exitCode, 128, gone.output);
      const other = run(project.commits.approved, { LOCKSEAL_COMMIT: '0'.repeat(40) });
      assert.notEqual(other.exitCode, 0, other.output);
    });

    test('takes no text of an input for a command', () => {
      const { output } = run(project.commits.approved, {
        LOCKSEAL_COMMAND: 'enforce',
        LOCKSEAL_LOCKFILE: '$(touch owned); `touch owned`',
      });
      assert.match(output, /ERR_LOCKFILE_NOT_FOUND/);
      assert.ok(!output.includes('owned: '));
    });
  });
});

/** A repository whose lockseal is this checkout's: a clone of all of it would be installed first. */
function sourceOfCheckout(folder: string): { folder: string; commit: string } {
  const directory = path.join(folder, 'lockseal');
  fs.mkdirSync(path.join(directory, 'packages/action'), { recursive: true });
  const program = path.join(root, 'packages/action/lockseal.mjs');
  fs.writeFileSync(path.join(directory, 'packages/action/lockseal.mjs'), `await import(${JSON.stringify(program)});\n`);
  git(directory, 'init', '--quiet');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '-m', 'The entry point of a checkout');
  return { folder: directory, commit: git(directory, 'rev-parse', 'HEAD') };
}

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
}

describe('pre-commit', () => {
  const hooks: readonly Hook[] = parse(read('.pre-commit-hooks.yaml'));

  test('hooks name programs that can be executed, and the lockfiles that lockseal reads', () => {
    for (const { entry, language, files } of hooks) {
      assert.equal(language, 'script');
      const [program = ''] = entry.split(' ');
      fs.accessSync(path.join(root, program), fs.constants.X_OK);
      const pattern = new RegExp(files);
      for (const name of ['package-lock.json', 'apps/web/pnpm-lock.yaml', 'yarn.lock', 'bun.lock.approvals.jsonl']) {
        assert.match(name, pattern);
      }
      for (const name of ['package.json', 'my-yarn.lock', 'yarn.lock.orig']) assert.doesNotMatch(name, pattern);
    }
  });

  test('the example configuration uses hooks that there are', () => {
    const { repos } = parse(read('docs/examples/pre-commit/.pre-commit-config.yaml')) as {
      repos: readonly { readonly hooks: readonly { readonly id: string }[] }[];
    };
    for (const { id } of repos.flatMap((repo) => repo.hooks))
      assert.ok(
        hooks.some((hook) => hook.id === id),
        id,
      );
  });

  test('a hook ends with the worst of what its files come to, each looked at once', async () => {
    const project = await createCiProject();
    try {
      const [program = '', ...args] = hooks.find(({ id }) => id === 'lockseal-enforce')?.entry.split(' ') ?? [];
      const commit = (workspace: string): { status: number | null; stdout: string } =>
        spawnSync(
          process.execPath,
          [
            path.join(root, program),
            ...args,
            '--repository=https://github.com/acme/shop',
            'package-lock.json',
            'package-lock.json.approvals.jsonl',
          ],
          {
            cwd: workspace,
            encoding: 'utf8',
            env: { PATH: process.env['PATH'] ?? '', HOME: project.folder },
          },
        );
      const good = commit(project.checkOut(project.commits.approved));
      assert.deepEqual([good.status, good.stdout.match(/^approved/gm)?.length], [0, 1], good.stdout);
      assert.equal(commit(project.checkOut(project.commits.honest)).status, 1);
    } finally {
      await project.close();
    }
  });
});

describe('the container file', () => {
  const lines = read('docs/examples/container/Containerfile')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  test('copies the checkout, runs as nobody in particular, and starts what is there', async () => {
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['ARG', 'FROM', 'WORKDIR', 'COPY', 'RUN', 'RUN', 'USER', 'WORKDIR', 'ENTRYPOINT', 'CMD'],
    );
    const started = lines.filter((line) => line.includes('lockseal.mjs'));
    assert.equal(started.length, 2);
    assert.ok(fs.existsSync(path.join(root, 'packages/action/lockseal.mjs')));
    const { exitCode } = await runCli(['--version'], { cwd: root });
    assert.equal(exitCode, 0);
  });
});
