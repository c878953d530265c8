import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Evidence, LockedPackage } from '@lockseal/core';
import { loadPolicy, type Policy } from '@lockseal/policy';
import { plainStyle } from '@lockseal/report';
import { evidenceOf, locked, signedChecks, verificationOf } from '../../../../test/support/verification.ts';
import { listScripts, type ListedScripts, type ScriptList } from '../../src/scripts/list-scripts.ts';
import { renderScripts, scriptsJson } from '../../src/scripts/render-scripts.ts';

const SHA = 'a'.repeat(64);
const COMMIT = 'c'.repeat(40);
const git = { type: 'git', repository: 'https://x.test/a.git', commit: COMMIT, path: undefined } as const;
const runs = { proof: 'tarball', names: ['install'], sha256: SHA, texts: ['make'] } as const;

async function policyOf(allow: string): Promise<Policy> {
  const text = `version: 1\nrules: {install-scripts: {allow: [${allow}]}}\n`;
  const loaded = await loadPolicy({ file: 'lockseal.yaml', text }, { now: 0, read: async () => undefined });
  return loaded.status === 'ok' ? loaded.policy : assert.fail(JSON.stringify(loaded.problems));
}

interface Pair {
  readonly entry?: Partial<LockedPackage>;
  readonly evidence?: Partial<Evidence>;
}

async function list(pairs: readonly Pair[], allow: string = ''): Promise<ScriptList> {
  const entries = pairs.map(({ entry }, at) => ({ ...locked('tool', '1.2.0'), id: `tool-${at}`, ...entry }));
  const evidence = entries.map((entry, at) => evidenceOf(entry, pairs[at]?.evidence));
  const verified = {
    lockfile: { entries, importers: [], descriptors: new Map() },
    verification: verificationOf(evidence),
  } as unknown as Parameters<typeof listScripts>[0];
  return listScripts(verified, { policy: await policyOf(allow) });
}

interface Case extends Pair {
  readonly why: string;
  readonly allow?: string;
  readonly expected: Partial<ListedScripts> | undefined;
}

const unknown = (name: string) => [{ name, text: undefined }];
const cases: readonly Case[] = [
  {
    why: 'no scripts',
    evidence: { installScripts: { proof: 'tarball', names: [], sha256: undefined } },
    expected: undefined,
  },
  { why: 'nothing known, and nothing told', expected: undefined },
  {
    why: 'nothing known, and the lockfile tells of one',
    entry: { hasInstallScript: true },
    expected: { proof: 'lockfile', scripts: unknown('install script'), sha256: undefined, permit: undefined },
  },
  {
    why: 'the own workspace',
    entry: { hasInstallScript: true },
    evidence: { class: 'workspace' },
    expected: undefined,
  },
  {
    why: 'a script that nobody lists',
    evidence: { installScripts: runs },
    expected: { proof: 'tarball', scripts: [{ name: 'install', text: 'make' }], sha256: SHA, permit: undefined },
  },
  {
    why: 'a script whose text is not known',
    evidence: { installScripts: { proof: 'registry', names: ['install'], sha256: SHA } },
    expected: { proof: 'registry', scripts: unknown('install') },
  },
  {
    why: 'a git dependency, of which nothing is known before it lies on disk',
    entry: { source: git },
    evidence: { class: 'git' },
    expected: { proof: 'lockfile', scripts: unknown('prepare and install scripts'), commit: COMMIT, permit: undefined },
  },
  {
    why: 'a git dependency at another commit than the one listed',
    entry: { source: git },
    allow: `{package: tool, commit: ${'d'.repeat(40)}}`,
    expected: { permit: undefined },
  },
  {
    why: 'another digest than the one listed',
    evidence: { installScripts: runs },
    allow: `{package: tool, sha256: ${'b'.repeat(64)}}`,
    expected: { permit: undefined },
  },
];

describe('what is listed', () => {
  for (const { why, allow, expected, ...pair } of cases) {
    test(why, async () => {
      const { packages } = await list([pair], allow);
      const [listed] = packages;
      assert.equal(packages.length, expected === undefined ? 0 : 1);
      for (const [member, value] of Object.entries(expected ?? {})) {
        assert.deepEqual(listed?.[member as keyof ListedScripts], value, member);
      }
    });
  }

  test('what the policy grants, by digest and by commit', async () => {
    const allow = `{package: tool, sha256: ${SHA}, network: [github.com]}, {package: tool, commit: ${COMMIT}, timeout: PT1M}`;
    const { packages } = await list([{ evidence: { installScripts: runs } }, { entry: { source: git } }], allow);
    assert.deepEqual(packages[0]?.permit?.network, ['github.com']);
    assert.equal(packages[1]?.permit?.timeout, 60);
  });

  test('the same artifact in several places is listed once', async () => {
    const { packages } = await list([{ evidence: { installScripts: runs } }, { evidence: { installScripts: runs } }]);
    assert.deepEqual(
      packages.map(({ entries }) => entries),
      [2],
    );
  });

  test('a tarball that cannot be read is told: it may run anything', async () => {
    const tarball = { status: 'unavailable', error: 'ERR_NETWORK', reason: 'no answer' } as const;
    const { unread } = await list([{ evidence: { checks: signedChecks({ tarball }) } }]);
    assert.deepEqual(unread, [{ name: 'tool', version: '1.2.0', path: undefined, reason: 'no answer' }]);
  });
});

describe('how it is shown', () => {
  const report = async (...given: Parameters<typeof list>) => ({
    ...(await list(...given)),
    lockfile: { path: 'package-lock.json', sha256: SHA },
    policy: undefined,
  });

  test('what nothing can pin gets no entry', async () => {
    const text = renderScripts(await report([{ entry: { hasInstallScript: true } }]), plainStyle());
    assert.match(text, /pinned by +nothing: what it runs is not known/);
    assert.doesNotMatch(text, /allow:/);
    assert.match(text, /There is no policy, so that none is approved/);
  });

  test('a git dependency is approved by its commit', async () => {
    const text = renderScripts(await report([{ entry: { source: git } }]), plainStyle());
    assert.match(text, new RegExp(`- \\{package: "tool", commit: ${COMMIT}\\}`));
  });

  test('untrusted text cannot act on a terminal, nor break out of its line', async () => {
    const installScripts = { ...runs, texts: ['a\n\u001B[2Jb\u202Ec'] };
    const text = renderScripts(await report([{ evidence: { installScripts } }]), plainStyle());
    assert.match(text, /install +a<U\+000A><U\+001B>\[2Jb<U\+202E>c\n/);
  });

  test('for programs the text is as it is, and what is not there is null', async () => {
    const made = JSON.parse(
      scriptsJson(await report([{ evidence: { installScripts: runs } }, { entry: { source: git } }])),
    );
    assert.deepEqual(made.counts, { entries: 2, packages: 2, approved: 0, unread: 0 });
    assert.equal(made.policy, null);
    assert.deepEqual(made.packages[0].scripts, [{ name: 'install', text: 'make' }]);
    assert.deepEqual(
      [made.packages[1].sha256, made.packages[1].scripts[0].text, made.packages[1].grants],
      [null, null, null],
    );
  });

  test('tarballs that could not be read are counted', async () => {
    const tarball = { status: 'unavailable', error: 'ERR_NETWORK', reason: 'no\nanswer' } as const;
    const text = renderScripts(await report([{ evidence: { checks: signedChecks({ tarball }) } }]), plainStyle());
    assert.match(text, /1 tarball could not be read: nobody knows what it runs\n  tool@1\.2\.0: no<U\+000A>answer\n/);
  });
});
