// Inputs that are made to take for ever, or to exhaust the stack, in what reads lockfiles and projects. Every one is as
// large as a pull request could bring along; what each would do is said, and that it ends as an answer or a coded error.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  checkGraph,
  LocksealError,
  matchIdentity,
  parseOverrideSelector,
  type ErrorCode,
  type Identity,
} from '@lockseal/core';
import { bindProject, dependencyPaths, loadProject, readLockfile } from '@lockseal/lockfile';
import { MemoryFiles } from '../../packages/lockfile/test/support/memory.ts';
import { parsePackagePattern } from '../../packages/policy/src/package-pattern.ts';

const encoder = new TextEncoder();
const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => item(i)).join('');

/** A project in memory, read and bound and checked as `verify` does before it asks the network anything. */
async function check(lockfile: string, text: string, files: Readonly<Record<string, string | object>>): Promise<void> {
  const read = readLockfile(lockfile, encoder.encode(text));
  const project = await loadProject(read, '.', new MemoryFiles({ 'package.json': {}, ...files }));
  const bound = bindProject(read, project);
  checkGraph(bound, project);
  const pathOf = dependencyPaths(bound);
  for (const { id } of bound.entries) pathOf(id);
}

const npm = (root: object, entries = ''): string =>
  `{"lockfileVersion":3,"packages":{"":${JSON.stringify(root)}${entries}}}`;
const PNPM = "lockfileVersion: '9.0'\nimporters:\n  .: {}\n";
const NAMES = ['overrides', 'resolutions'] as const;
const longRange = many(20_000, (i) => `${i === 0 ? '' : '||'}${i}.0.0`);

interface Vector {
  readonly why: string;
  readonly lockfile: string;
  readonly text: string;
  readonly files?: Readonly<Record<string, string | object>>;
  /** undefined: it is read. */
  readonly code?: ErrorCode;
}

const vectors: readonly Vector[] = [
  {
    why: 'braces in braces of npm: each pair was a call in a call',
    lockfile: 'package-lock.json',
    text: npm({ workspaces: ['{a}'.repeat(3000)] }),
    code: 'ERR_LOCKFILE_FIELD',
  },
  {
    why: 'patterns times directories of npm',
    lockfile: 'package-lock.json',
    text: npm(
      { workspaces: Array.from({ length: 900 }, (_, i) => `${'*a'.repeat(500)}${i}`) },
      many(20_000, (i) => `,"${'a'.repeat(250)}${i}":{"version":"1.0.0"}`),
    ),
    code: 'ERR_LOCKFILE_TOO_LARGE',
  },
  {
    why: 'a workspace pattern that a regular expression would backtrack over',
    lockfile: 'pnpm-lock.yaml',
    text: PNPM,
    files: {
      'pnpm-workspace.yaml': `packages: ["${'*a'.repeat(100)}b", "!${'**/a/'.repeat(100)}b"]`,
      [`${'a'.repeat(250)}/package.json`]: {},
    },
  },
  {
    why: 'a workspace pattern that is no regular expression',
    lockfile: 'pnpm-lock.yaml',
    text: PNPM,
    files: { 'pnpm-workspace.yaml': 'packages: ["packages/[z-a]", "[*"]', 'packages/a/package.json': {} },
  },
  {
    why: 'a workspace pattern of many `**`, each a walk of its own',
    lockfile: 'pnpm-lock.yaml',
    text: PNPM,
    files: { 'pnpm-workspace.yaml': `packages: ["${'**/'.repeat(5000)}a"]`, 'b/a/package.json': {} },
  },
  {
    why: 'aliases of aliases in pnpm-workspace.yaml: 10^15 nodes in 1 KB',
    lockfile: 'pnpm-lock.yaml',
    text: PNPM,
    files: {
      'pnpm-workspace.yaml': `a0: &a0 [x]\n${many(15, (i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]\n`)}`,
    },
    code: 'ERR_PROJECT_UNREADABLE',
  },
  {
    why: "an override of pnpm's with very many dependents, which was followed by recursion",
    lockfile: 'pnpm-lock.yaml',
    text: `${PNPM}overrides:\n  ? "${'a>'.repeat(200_000)}b"\n  : '1'\n`,
  },
  ...NAMES.map((name) => ({
    why: `${name} limited to very many dependents: each is a walk over the graph`,
    lockfile: name === 'overrides' ? 'package-lock.json' : 'yarn.lock',
    text: name === 'overrides' ? npm({}) : '# yarn lockfile v1\n',
    files: {
      'package.json': {
        [name]: Object.fromEntries(
          Array.from({ length: 1000 }, (_, i) =>
            name === 'overrides'
              ? [`p${i}`, { q: { r: { s: { t: { u: { v: '1' } } } } } }]
              : [`p${i}/q/r/s/t/u/v`, '1'],
          ),
        ),
      },
    },
    code: 'ERR_PROJECT_UNREADABLE' as const,
  })),
  {
    why: 'an override for a range of thousands, compared with as many of each edge',
    lockfile: 'package-lock.json',
    text: npm(
      { dependencies: { a: '1' } },
      `,"node_modules/a":{"version":"1.0.0","dependencies":{"b":"${longRange.slice(0, 4000)}"}},"node_modules/b":{"version":"0.0.0"}`,
    ),
    files: {
      'package.json': { dependencies: { a: '1' }, overrides: { [`b@${longRange.replaceAll('.0.0', '.1.0')}`]: '1' } },
    },
  },
  {
    why: 'a virtual package of a virtual package of Yarn, and so on',
    lockfile: 'yarn.lock',
    text: `__metadata:\n  version: 8\n\n? "a@virtual:x#npm:1"\n:\n  version: 1.0.0\n  resolution: "a@${'virtual:x#'.repeat(100_000)}npm:1.0.0"\n`,
  },
  {
    why: 'patches of patches of Yarn, encoded in each other',
    lockfile: 'yarn.lock',
    text: `__metadata:\n  version: 8\n\n"a@npm:1":\n  version: 1.0.0\n  resolution: "a@${patchOf(12)}"\n`,
  },
  {
    why: 'a chain of twenty thousand dependencies',
    lockfile: 'yarn.lock',
    text: `# yarn lockfile v1\n\n${many(20_000, (i) => `a${i}@1:\n  version "1.0.0"\n  dependencies:\n    a${i + 1} "1"\n\n`)}`,
    files: { 'package.json': { dependencies: { a0: '1' } } },
  },
];

function patchOf(depth: number): string {
  return depth === 0 ? 'npm:1.0.0' : `patch:${encodeURIComponent(`a@${patchOf(depth - 1)}`)}#x`;
}

describe('inputs that are made to take for ever', () => {
  for (const { why, lockfile, text, files = {}, code } of vectors) {
    test(why, { timeout: 60_000 }, async () => {
      const outcome = await check(lockfile, text, files).then(
        () => undefined,
        (thrown: unknown) => {
          assert.ok(thrown instanceof LocksealError, thrown instanceof Error ? thrown.stack : String(thrown));
          return thrown.code;
        },
      );
      assert.equal(outcome, code);
    });
  }

  test('a policy pattern that a regular expression would backtrack over', { timeout: 60_000 }, () => {
    const pattern = parsePackagePattern(`${'*a'.repeat(100)}b`);
    assert.ok(!('fault' in pattern));
    assert.equal(pattern.matchesName('a'.repeat(214)), false);
  });

  for (const pattern of ['^(a+)+$', '^(a|a)*$', '^(.*a){40}$', `^${'a*'.repeat(100)}$`]) {
    test(`an identity pattern that a regular expression would backtrack over: ${pattern}`, { timeout: 60_000 }, () => {
      const expected = { issuer: 'https://issuer.example', san: { pattern } };
      const found = { issuer: expected.issuer, san: `${'a'.repeat(2000)}!`, sanType: 'uri' } as unknown as Identity;
      assert.deepEqual(
        matchIdentity(found, expected).map(({ field }) => field),
        ['san'],
      );
    });
  }
});

test('an override of many dependents is still read as it stands', () => {
  const { parents, target } = parseOverrideSelector('a@1>b@>2>c', 'pnpm');
  assert.deepEqual(parents, [
    { name: 'a', range: '1' },
    { name: 'b', range: '>2' },
  ]);
  assert.deepEqual(target, { name: 'c', range: undefined });
  assert.equal(parseOverrideSelector('a>'.repeat(200_000), 'pnpm').parents.length, 200_000);
});
