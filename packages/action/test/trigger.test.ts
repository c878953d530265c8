import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ActionError } from '../src/action-error.ts';
import { decodeInputs, targetOf } from '../src/inputs.ts';
import { planRun } from '../src/plan.ts';
import { decodeRunner, type Environment, type Json, type Runner } from '../src/runner.ts';
import { decodeTrigger, refuseStrangersCode } from '../src/trigger.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const BEFORE = 'beef'.padEnd(40, '1');
const ENV: Environment = {
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_SHA: COMMIT,
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_WORKSPACE: '/home/runner/shop',
  RUNNER_TEMP: '/home/runner/temp',
};
const runner = (more: Partial<Runner> = {}): Runner => ({ ...decodeRunner(ENV), ...more });
const repository = { default_branch: 'main' };

function pullRequest({ base = 'main', head = 'acme/shop' }: { base?: Json; head?: Json } = {}): Json {
  const repo = head === null ? null : { full_name: head };
  return { pull_request: { number: 7, base: { ref: base, repo: { full_name: 'acme/shop' } }, head: { repo } } };
}

const plans: readonly {
  why: string;
  runner?: Partial<Runner>;
  payload: Json;
  policyRef: string;
  base: string | undefined;
  fetched: number;
}[] = [
  {
    why: 'a push to the default branch: its own policy, as committed, and what it was before',
    payload: { repository, before: BEFORE },
    policyRef: 'HEAD',
    base: BEFORE,
    fetched: 1,
  },
  {
    why: 'the first push: nothing to compare with',
    payload: { repository, before: '0'.repeat(40) },
    policyRef: 'HEAD',
    base: undefined,
    fetched: 0,
  },
  {
    why: 'a push to another branch: the default branch judges',
    runner: { ref: 'refs/heads/topic' },
    payload: { repository, before: BEFORE },
    policyRef: 'refs/remotes/origin/main',
    base: 'refs/remotes/origin/main',
    fetched: 1,
  },
  {
    why: 'a tag: anybody who can push could tag a commit with a policy of their own',
    runner: { ref: 'refs/tags/v1.0.0' },
    payload: { repository },
    policyRef: 'refs/remotes/origin/main',
    base: 'refs/remotes/origin/main',
    fetched: 1,
  },
  {
    why: 'a pull request: the base judges',
    runner: { eventName: 'pull_request', ref: 'refs/pull/7/merge' },
    payload: pullRequest({ base: 'release/1.x' }),
    policyRef: 'refs/remotes/origin/release/1.x',
    base: 'refs/remotes/origin/release/1.x',
    fetched: 1,
  },
  {
    why: 'a merge queue: the branch that it merges into judges',
    runner: { eventName: 'merge_group', ref: 'refs/heads/gh-readonly-queue/main/pr-7' },
    payload: { merge_group: { base_ref: 'refs/heads/main' } },
    policyRef: 'refs/remotes/origin/main',
    base: 'refs/remotes/origin/main',
    fetched: 1,
  },
  {
    why: 'a schedule on the default branch',
    runner: { eventName: 'schedule' },
    payload: { repository },
    policyRef: 'HEAD',
    base: undefined,
    fetched: 0,
  },
];

describe('whose policy counts', () => {
  for (const { why, runner: more, payload, policyRef, base, fetched } of plans) {
    test(why, () => {
      const trigger = decodeTrigger(runner(more), payload);
      const plan = planRun(trigger, { policyRef: undefined, base: undefined });
      assert.deepEqual([plan.policyRef, plan.base, plan.fetch.length], [policyRef, base, fetched]);
    });
  }

  test('what the workflow names goes first, and is not fetched', () => {
    const trigger = decodeTrigger(runner({ eventName: 'pull_request' }), pullRequest());
    const given = planRun(trigger, { policyRef: 'origin/policy', base: 'v1.0.0' });
    assert.deepEqual([given.policyRef, given.base, given.fetch], ['origin/policy', 'v1.0.0', []]);
    const half = planRun(trigger, { policyRef: 'origin/policy', base: undefined });
    assert.deepEqual(half.fetch, [{ kind: 'branch', branch: 'main' }]);
  });

  const isFork = (head: Json): unknown => {
    const trigger = decodeTrigger(runner({ eventName: 'pull_request' }), pullRequest({ head }));
    return trigger.kind === 'pull-request' && trigger.isFork;
  };
  for (const [head, expected] of [
    ['acme/shop', false],
    ['eve/shop', true],
    [null, true],
  ] as const) {
    test(`the head ${head} is ${expected ? 'a' : 'no'} fork`, () => assert.equal(isFork(head), expected));
  }
});

describe('events that are refused', () => {
  const target = { eventName: 'pull_request_target' };
  test('pull_request_target, whatever is checked out', () => {
    assert.throws(() => decodeTrigger(runner(target), pullRequest()), /does not run under pull_request_target/);
  });

  for (const eventName of ['workflow_run', 'issue_comment', 'discussion', 'something_new']) {
    test(`${eventName}, where another commit is checked out than that of the run`, () => {
      assert.throws(() => refuseStrangersCode(runner({ eventName }), BEFORE), /code of a stranger/);
      assert.throws(() => refuseStrangersCode(runner({ eventName }), undefined), ActionError);
      refuseStrangersCode(runner({ eventName }), COMMIT);
    });
  }

  test('a push or a click may check out what it wants', () => {
    for (const eventName of ['push', 'workflow_dispatch']) refuseStrangersCode(runner({ eventName }), BEFORE);
  });

  const names = [
    '--upload-pack=x',
    'a..b',
    'a b',
    'a\nb',
    '',
    'x@{1}',
    'a:b',
    'a~1',
    '.hidden',
    'a//b',
    'a.lock',
    7,
    null,
  ];
  for (const base of names) {
    test(`a base branch called ${JSON.stringify(base)}`, () => {
      const decode = (): unknown => decodeTrigger(runner({ eventName: 'pull_request' }), pullRequest({ base }));
      assert.throws(decode, ActionError);
    });
  }

  for (const payload of [null, [], 'x', {}, { pull_request: null }, { pull_request: { number: '7' } }]) {
    test(`a payload that is ${JSON.stringify(payload)}`, () => {
      assert.throws(() => decodeTrigger(runner({ eventName: 'pull_request' }), payload), ActionError);
    });
  }
});

describe('the runner', () => {
  for (const [name, value] of [
    ['GITHUB_EVENT_NAME', undefined],
    ['GITHUB_REF', 'main'],
    ['GITHUB_SHA', 'HEAD'],
    ['GITHUB_REPOSITORY', '../../evil'],
    ['GITHUB_SERVER_URL', 'file:///etc'],
    ['GITHUB_API_URL', 'javascript:alert()'],
    ['RUNNER_TEMP', ''],
  ] as const) {
    test(`${name}=${value} is refused`, () => {
      assert.throws(() => decodeRunner({ ...ENV, [name]: value }), new RegExp(name));
    });
  }
});

describe('inputs', () => {
  test('are off and here by default', () => {
    const { commands, lockfile, comment, uploadSarif, policyRef } = decodeInputs({});
    assert.deepEqual([commands, lockfile, comment, uploadSarif, policyRef], [['verify'], '.', false, false, undefined]);
  });

  test('are read as the runner spells them', () => {
    const inputs = decodeInputs({
      INPUT_RUN: 'enforce, verify',
      'INPUT_POLICY-REF': ' origin/main ',
      'INPUT_VERIFY-ARGUMENTS': '--offline\n\n  --cache=a b; $(c)\n',
      INPUT_COMMENT: 'true',
    });
    assert.deepEqual(inputs.commands, ['verify', 'enforce']);
    assert.equal(inputs.policyRef, 'origin/main');
    assert.deepEqual(inputs.verifyArguments, ['--offline', '--cache=a b; $(c)']);
    assert.equal(inputs.comment, true);
  });

  for (const env of [
    { INPUT_RUN: 'install' },
    { INPUT_RUN: ',' },
    { INPUT_COMMENT: 'yes' },
    { 'INPUT_UPLOAD-SARIF': 'TRUE' },
    { 'INPUT_POLICY-REF': '--output=x' },
    { INPUT_BASE: '-x' },
  ]) {
    test(`${JSON.stringify(env)} is refused`, () => assert.throws(() => decodeInputs(env), ActionError));
  }

  for (const lockfile of ['..', '/etc', 'a/../../b']) {
    test(`a lockfile at ${lockfile} is refused`, () => {
      assert.throws(() => targetOf(decodeInputs({ INPUT_LOCKFILE: lockfile }), '/home/runner/shop'), ActionError);
    });
  }
});
