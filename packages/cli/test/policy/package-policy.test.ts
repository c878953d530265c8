import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli, type CliRun } from '../../../../test/support/run-cli.ts';
import { readReference } from '../../src/policy/read-policy-file.ts';
import { findPackagePolicy, isPackageReference } from '../../src/policy/package-policy.ts';

const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-package-policy-'));
const write = (name: string, value: unknown): void => {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
};
const install = (name: string, manifest: object, files: Readonly<Record<string, string>> = {}): void => {
  write(`node_modules/${name}/package.json`, { name, version: '1.0.0', ...manifest });
  for (const [file, text] of Object.entries(files)) write(`node_modules/${name}/${file}`, text);
};
const TEAM = 'version: 1\nextends: strict\n';

before(() => {
  fs.mkdirSync(path.join(root, '.git'));
  install('@acme/policy', { lockseal: './team.yaml' }, { 'team.yaml': TEAM });
  install('by-export', { exports: { './lockseal.yaml': './a.yaml' } }, { 'a.yaml': TEAM });
  install('by-json', { exports: { './lockseal.json': { default: './a.json' } } }, { 'a.json': '{"version": 1}' });
  install('by-code', { exports: { './lockseal.yaml': { node: './a.js' } } }, { 'a.js': 'process.exit(9)' });
  install('says-code', { lockseal: './a.js' }, { 'a.js': 'process.exit(9)' });
  install('says-nothing', { exports: { '.': './a.js' } });
  install('says-outside', { lockseal: '../../secret.yaml' });
  install('links-outside', { lockseal: 'link.yaml' });
  install('says-absent', { lockseal: './gone.yaml' });
  install('says-a-list', { lockseal: ['./a.yaml'] }, { 'a.yaml': TEAM });
  install('has-folder', { lockseal: './policies.yaml' }, { 'policies.yaml/x': '' });
  write('node_modules/broken/package.json', '{');
  write('node_modules/large/package.json', `{"lockseal": "a.yaml"}${' '.repeat(1_100_000)}`);
  write('node_modules/large/a.yaml', TEAM);
  write('secret.yaml', TEAM);
  fs.symlinkSync(path.join(root, 'secret.yaml'), path.join(root, 'node_modules/links-outside/link.yaml'));
  // As pnpm lays packages out: what a package itself depends on lies beside its real folder.
  write('node_modules/.pnpm/linked@1/node_modules/linked/package.json', { name: 'linked', lockseal: './a.yaml' });
  write('node_modules/.pnpm/linked@1/node_modules/linked/a.yaml', 'version: 1\nextends: deeper\n');
  write('node_modules/.pnpm/linked@1/node_modules/deeper/package.json', { name: 'deeper', lockseal: './b.yaml' });
  write('node_modules/.pnpm/linked@1/node_modules/deeper/b.yaml', 'version: 1\nextends: ./c.yaml\n');
  write('node_modules/.pnpm/linked@1/node_modules/deeper/c.yaml', TEAM);
  fs.symlinkSync('.pnpm/linked@1/node_modules/linked', path.join(root, 'node_modules/linked'));
});
after(() => fs.rmSync(root, { recursive: true }));

describe('what a policy extends is a package', () => {
  for (const [reference, isOne] of [
    ['@acme/policy', true],
    ['acme-policy', true],
    ['@acme/policy.yaml', false],
    ['team.yaml', false],
    ['team.json', false],
    ['policies/team', false],
    ['./team', false],
    ['../team', false],
    ['/etc/lockseal', false],
    ['@acme/policy/strict.yaml', false],
    ['..', false],
    ['node_modules', false],
  ] as const) {
    test(`${reference}: ${isOne}`, () => assert.equal(isPackageReference(reference), isOne));
  }
});

describe('the policy of a package', () => {
  for (const [name, file] of [
    ['@acme/policy', 'team.yaml'],
    ['by-export', 'a.yaml'],
    ['by-json', 'a.json'],
    ['linked', 'a.yaml'],
  ] as const) {
    test(`${name} is found from the folder and from those below it`, async () => {
      fs.mkdirSync(path.join(root, 'a/b'), { recursive: true });
      for (const directory of [root, path.join(root, 'a/b')]) {
        const expected = { file: path.join(root, 'node_modules', name, file) };
        assert.deepEqual(await findPackagePolicy(name, directory), expected);
      }
    });
  }

  test('is not found where no package is', async () => {
    assert.equal(await findPackagePolicy('not-installed-anywhere', root), undefined);
  });

  for (const [name, words] of [
    ['by-code', /names no policy/],
    ['says-code', /names no policy/],
    ['says-nothing', /names no policy/],
    ['says-a-list', /names no policy/],
    ['broken', /names no policy/],
    ['large', /names no policy/],
    ['says-outside', /outside of itself/],
    ['links-outside', /outside of itself/],
    ['says-absent', /is not there \(\.\/gone\.yaml\)/],
  ] as const) {
    test(`${name} is refused`, async () => {
      const found = await findPackagePolicy(name, root);
      assert.ok(found !== undefined && 'refused' in found);
      assert.match(found.refused, words);
    });
  }
});

test('a package is in no git ref', async () => {
  const from = { file: 'lockseal.yaml', text: '' };
  const found = await readReference('@acme/policy', from, { root, ref: 'origin/main' });
  assert.ok(found !== undefined && 'refused' in found);
  assert.match(found.refused, /a git ref \(origin\/main\) does not hold/);
  assert.match(found.hint, /--policy/);
});

describe('policy check', () => {
  const check = async (text: string, ...args: string[]): Promise<CliRun> => {
    write('lockseal.yaml', text);
    return runCli(['policy', 'check', ...args], { cwd: root });
  };

  test('takes a package, with all that it extends', async () => {
    for (const name of ['@acme/policy', 'linked']) {
      const { exitCode, stdout } = await check(`version: 1\nextends: "${name}"\n`);
      assert.match(stdout, /lockseal\.yaml is good: \d\d rules set/);
      assert.equal(exitCode, 0);
    }
  });

  test('names another digest when the package changes', async () => {
    const text = 'version: 1\nextends: "@acme/policy"\n';
    const before_ = (await check(text)).stdout;
    write('node_modules/@acme/policy/team.yaml', `${TEAM}# weaker\n`);
    const now = (await check(text)).stdout;
    assert.notEqual(now, before_);
    assert.equal(now.replace(/sha256:.*/, ''), before_.replace(/sha256:.*/, ''));
  });

  test('tells a mistake in a package with its place there', async () => {
    install('wrong', { lockseal: './a.yaml' }, { 'a.yaml': 'version: 1\nrules:\n  relase-age: error\n' });
    const { exitCode, stdout } = await check('version: 1\nextends: wrong\n');
    assert.match(stdout, /^node_modules\/wrong\/a\.yaml:3:3 {2}unknown-rule$/m);
    assert.equal(exitCode, 2);
  });

  for (const [why, name, words] of [
    ['a package that is not installed', 'not-installed-anywhere', /:2:10 {2}unknown-preset/],
    ['a scoped one that is not installed', '"@acme/other"', /:2:10 {2}unknown-preset[^]*installed package/],
    ['a package without a policy', 'says-nothing', /:2:10 {2}bad-reference/],
    ['a folder for a policy', 'has-folder', /ERR_CONFIG/],
    ['a misspelt preset', 'recomended', /Did you mean `recommended`/],
  ] as const) {
    test(`refuses ${why}`, async () => {
      const { exitCode, stdout, stderr } = await check(`version: 1\nextends: ${name}\n`);
      assert.match(stdout + stderr, words);
      assert.equal(exitCode, 2);
    });
  }
});
