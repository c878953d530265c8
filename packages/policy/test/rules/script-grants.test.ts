// What an entry of `rules.install-scripts.allow` grants: read, refused, recorded and compared.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { areNoStronger, demandsOf, permittedScripts, type PermittedScript } from '@lockseal/policy';
import { policyOf, problemsOf } from '../support/load.ts';

const SHA = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

/** A policy whose rule allows these entries. */
const allowing = (...entries: readonly string[]): string =>
  `version: 1\nrules: {install-scripts: {allow: [${entries.join(', ')}]}}\n`;
const entry = (grants: string = '', pkg: string = 'tool', sha256: string = SHA): string =>
  `{package: "${pkg}", sha256: ${sha256}${grants === '' ? '' : `, ${grants}`}}`;

const DEFAULTS: PermittedScript = {
  sha256: SHA,
  commit: undefined,
  network: [],
  outputs: undefined,
  env: [],
  timeout: 600,
  memory: 4 * 1024 ** 3,
};

async function permitted(text: string, name: string = 'tool'): Promise<readonly PermittedScript[]> {
  return permittedScripts(await policyOf(text))(name, '1.2.0');
}

describe('what is granted', () => {
  const cases: readonly (readonly [grants: string, expected: Partial<PermittedScript>])[] = [
    ['', {}],
    [
      'network: [GitHub.com, "example.com:8080", "b.test:443"]',
      { network: ['github.com', 'example.com:8080', 'b.test'] },
    ],
    ['outputs: [build/Release, bin]', { outputs: ['build/Release', 'bin'] }],
    ['outputs: []', { outputs: [] }],
    ['env: [CC, _x1]', { env: ['CC', '_x1'] }],
    ['timeout: PT1H', { timeout: 3600 }],
    ['memory: 512MiB', { memory: 512 * 1024 ** 2 }],
    ['memory: 8GiB', { memory: 8 * 1024 ** 3 }],
  ];
  for (const [grants, expected] of cases) {
    test(grants === '' ? 'nothing but to run' : grants, async () => {
      assert.deepEqual(await permitted(allowing(entry(grants))), [{ ...DEFAULTS, ...expected }]);
    });
  }

  test('a commit stands for the scripts of a git dependency', async () => {
    const commit = 'c'.repeat(40);
    const [permit] = await permitted(allowing(`{package: tool, commit: ${commit}}`));
    assert.deepEqual(permit, { ...DEFAULTS, sha256: undefined, commit });
  });

  test('other packages and other versions are granted nothing', async () => {
    assert.deepEqual(await permitted(allowing(entry('', 'tools'), entry('', 'tool@^2'))), []);
  });

  test('a rule that is off still lists what may run', async () => {
    const text = `version: 1\nrules: {install-scripts: {level: off, allow: [${entry()}]}}\n`;
    assert.deepEqual(await permitted(text), [DEFAULTS]);
  });

  test('nobody who is not listed may run', async () => assert.deepEqual(await permitted('version: 1\n'), []));

  test('an override has its own list, of its packages alone', async () => {
    const own = `overrides: [{packages: [tool], rules: {install-scripts: {allow: [${entry('', 'tool', OTHER)}]}}}]\n`;
    const text = `${allowing(entry(), entry('', 'other'))}${own}`;
    assert.deepEqual(await permitted(text), [{ ...DEFAULTS, sha256: OTHER }]);
    assert.deepEqual(await permitted(text, 'other'), [DEFAULTS]);
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [why: string, grants: string, code: string, hint?: RegExp])[] = [
    ['a URL for a host', 'network: ["https://github.com/"]', 'bad-value', /github\.com/],
    ['a host with a star', 'network: ["*.github.com"]', 'bad-value'],
    ['this machine', 'network: ["localhost:8080"]', 'bad-value'],
    ['a metadata service', 'network: ["169.254.169.254:80"]', 'bad-value'],
    ['a port that is none', 'network: ["github.com:0"]', 'bad-value'],
    ['credentials', 'network: ["me:secret@github.com"]', 'bad-value'],
    ['one host that is no list', 'network: github.com', 'wrong-type'],
    ['a folder outside', 'outputs: [../other]', 'bad-value', /build\/Release/],
    ['a folder that goes up', 'outputs: [build/../..]', 'bad-value'],
    ['an absolute folder', 'outputs: [/etc]', 'bad-value'],
    ['other packages', 'outputs: [node_modules/x]', 'bad-value'],
    ['other packages, deeper', 'outputs: [a/node_modules]', 'bad-value'],
    ['the folder itself, which is what leaving it out means', 'outputs: ["."]', 'bad-value'],
    ['a slash at the end', 'outputs: [build/]', 'bad-value'],
    ['a variable with a value', 'env: ["CC=gcc"]', 'bad-value', /without \$ or a value/],
    ['no time', 'timeout: PT0S', 'bad-value'],
    ['more than a day', 'timeout: P2D', 'bad-value'],
    ['seconds as a number', 'timeout: 60', 'wrong-type'],
    ['memory in words', 'memory: a lot', 'bad-value', /512MiB/],
    ['memory as a number', 'memory: 512', 'wrong-type'],
    ['decimal megabytes', 'memory: 512MB', 'bad-value'],
    ['a grant that there is not', 'networks: [github.com]', 'unknown-key', /`network`/],
    ['too many', `env: [${Array.from({ length: 101 }, (_, at) => `X${at}`).join(', ')}]`, 'too-large'],
  ];
  for (const [why, grants, code, hint = /./] of cases) {
    test(why, async () => {
      const [problem, ...others] = await problemsOf(allowing(entry(grants)));
      assert.equal(problem?.code, code);
      assert.match(`${problem?.hint ?? problem?.message}`, hint);
      assert.deepEqual(others, []);
    });
  }
});

describe('a policy that grants more is weaker', () => {
  const cases: readonly (readonly [why: string, before: string, now: string, weaker: boolean])[] = [
    ['the same', entry('network: [a.test]'), entry('network: [a.test]'), true],
    ['the same, in another order', `${entry()}, ${entry('', 'b')}`, `${entry('', 'b')}, ${entry()}`, true],
    ['one script more', entry(), `${entry()}, ${entry('', 'b')}`, true],
    ['one script less', `${entry()}, ${entry('', 'b')}`, entry(), false],
    ['another digest', entry(), entry('', 'tool', OTHER), false],
    ['of more versions, which is another entry', entry('', 'tool@1'), entry('', 'tool'), false],
    ['network where there was none', entry(), entry('network: [a.test]'), true],
    ['no network where there was some', entry('network: [a.test]'), entry(), false],
    ['one host more', entry('network: [a.test]'), entry('network: [b.test, a.test]'), true],
    ['one host for another', entry('network: [a.test]'), entry('network: [b.test]'), false],
    ['its whole folder, not one in it', entry('outputs: [build]'), entry(), true],
    ['one folder, not all of it', entry(), entry('outputs: [build]'), false],
    ['one folder more', entry('outputs: [a]'), entry('outputs: [a, b]'), true],
    ['a variable', entry(), entry('env: [CC]'), true],
    ['a variable less', entry('env: [CC]'), entry(), false],
    ['more time', entry('timeout: PT1M'), entry('timeout: PT2M'), true],
    ['less time than by default', entry(), entry('timeout: PT1M'), false],
    ['as much time as by default', entry(), entry('timeout: PT10M'), true],
    ['more memory than by default', entry(), entry('memory: 8GiB'), true],
    ['less memory', entry('memory: 8GiB'), entry('memory: 4GiB'), false],
    ['more of one and less of another', entry('timeout: PT1H'), entry('network: [a.test]'), false],
  ];
  for (const [why, before, now, weaker] of cases) {
    test(`${why}: ${weaker ? 'weaker' : 'not weaker'}`, async () => {
      const recorded = JSON.parse(JSON.stringify(demandsOf(await policyOf(allowing(before)))));
      assert.equal(areNoStronger(demandsOf(await policyOf(allowing(now))), recorded), weaker);
    });
  }

  test('of what cannot be read nothing is weaker', async () => {
    const now = demandsOf(await policyOf(allowing(entry())));
    for (const options of ['allow', [], { allow: 'all' }, { allow: [null] }, { allow: [], more: [] }]) {
      const { rules } = now;
      const broken = { ...now, rules: { 'install-scripts': { ...rules['install-scripts'], options } } };
      assert.equal(areNoStronger(now, JSON.parse(JSON.stringify(broken))), false, JSON.stringify(options));
    }
  });

  test('what an entry does not grant is not recorded: older approvals compare as before', async () => {
    const { rules } = demandsOf(await policyOf(allowing(entry())));
    assert.doesNotMatch(JSON.stringify(rules), /network|outputs|timeout/);
  });
});
