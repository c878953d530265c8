// What `lockseal diff` compares with: an approval, a git ref, a lockfile, another package manager's lockfile.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RegistryBox } from '@lockseal/testkit';
import { openWorkshop, policyOf, type Workshop } from './approval/support/workshop.ts';
import type { CliRun } from './support/run-cli.ts';

const at = { publishedAt: new Date('2025-01-01T00:00:00Z') };
let shop: Workshop;

interface Diff {
  readonly before: { readonly origin: string; readonly format?: string };
  readonly counts: Readonly<Record<'changes' | 'quiet' | 'removed' | 'unchanged', number>>;
  readonly changes: readonly {
    readonly name: string;
    readonly kind: string;
    readonly signs: readonly { readonly sign: string }[];
  }[];
}

const diff = (...args: readonly string[]): Promise<CliRun> =>
  shop.run('diff', ...args, '--trusted-root=root.json', '--no-cache');

async function compared(...args: readonly string[]): Promise<Diff> {
  const { exitCode, stdout, stderr } = await diff(...args, '--json');
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as Diff;
}

const signsOf = ({ changes }: Diff): readonly string[] =>
  changes.map(({ name, signs }) => `${name}: ${signs.map(({ sign }) => sign).join(' ')}`);

const lock = async (dependencies: Record<string, string>): Promise<void> => {
  await shop.box.writeProject(shop.directory, { name: 'shop', dependencies }, { registry: shop.registry.url });
};

const keysOf = (who: string): ReadonlyMap<string, string> => new Map([[who, shop.keys.get(who) ?? assert.fail()]]);

const git = (...args: readonly string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: shop.directory, stdio: 'pipe' });
};

before(async () => {
  const fill = (box: RegistryBox): void => {
    box.publish({ name: 'ms', version: '2.0.0', ...at });
    box.publish({ name: 'ms', version: '2.1.0', ...at, evidence: { provenance: false } });
    box.publish({ name: 'debug', version: '2.6.9', ...at, dependencies: { ms: '^2.0.0' } });
    box.publish({ name: 'debug', version: '2.7.0', ...at, dependencies: { ms: '^2.0.0' } });
    box.publish({ name: 'other', version: '1.0.0', ...at });
  };
  shop = await openWorkshop(['ana', 'eve'], fill, (keys) => policyOf(new Map([['ana', keys.get('ana') ?? '']])));
  await lock({ debug: '2.6.9', ms: '2.0.0' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
});
after(async () => shop.close());

describe('the base', () => {
  test('is HEAD where nothing is approved', async () => {
    const found = await compared();
    assert.equal(found.before.origin, 'package-lock.json at HEAD');
    assert.deepEqual(found.counts, { changes: 0, quiet: 0, removed: 0, unchanged: 2 });
  });

  test('is a ref, and only what differs is asked for', async () => {
    await lock({ debug: '2.6.9', ms: '2.1.0' });
    shop.asked();
    assert.deepEqual(signsOf(await compared('main')), ['ms: grade-fell']);
    assert.deepEqual([...new Set(shop.asked())], ['ms']);
  });

  test('is the last approved state, whatever was committed since', async () => {
    await lock({ debug: '2.6.9', ms: '2.0.0' });
    assert.equal((await shop.approve('ana')).exitCode, 0);
    await lock({ debug: '2.6.9', ms: '2.1.0', other: '1.0.0' });
    git('add', '.');
    git('commit', '--quiet', '-m', 'two');
    const found = await compared();
    assert.match(found.before.origin, /^approval 1 of package-lock\.json, by ana, \d{4}-\d\d-\d\d$/);
    assert.equal(found.before.format, undefined);
    assert.deepEqual(signsOf(found), ['ms: grade-fell', 'other: package-added']);
    assert.equal(found.counts.unchanged, 1);
  });

  test('is a file of approvals, if it is named', async () => {
    assert.match((await compared('package-lock.json.approvals.jsonl')).before.origin, /^approval 1 /);
  });

  test('is no approval that nobody listed gave', async () => {
    const policy = await shop.read('lockseal.yaml');
    await shop.write('lockseal.yaml', policyOf(keysOf('eve')));
    const named = await diff('package-lock.json.approvals.jsonl');
    assert.equal(named.exitCode, 2);
    assert.match(named.stderr, /No approval in it holds/);
    const { stdout } = await diff();
    assert.match(
      stdout,
      /against {2}package-lock\.json at HEAD\n! package-lock\.json\.approvals\.jsonl has an approval that/,
    );
    await shop.write('lockseal.yaml', policy);
  });

  test('needs no policy where no approval is looked at', async () => {
    const policy = await shop.read('lockseal.yaml');
    await shop.write('lockseal.yaml', 'version: 9');
    assert.equal((await diff('HEAD')).exitCode, 0);
    assert.equal((await diff()).exitCode, 2);
    await shop.write('lockseal.yaml', policy);
  });

  test('is not guessed where a path and a ref have one name: the change under judgement may have brought the path', async () => {
    git('branch', 'old');
    fs.mkdirSync(path.join(shop.directory, 'old'));
    fs.copyFileSync(shop.lockfile, path.join(shop.directory, 'old/package-lock.json'));
    const { exitCode, stderr } = await diff('old');
    assert.match(stderr, /it could mean either/);
    assert.equal(exitCode, 2);
    assert.equal((await compared('./old')).before.origin, 'old/package-lock.json');
    assert.equal((await compared('refs/heads/old')).before.origin, 'package-lock.json at refs/heads/old');
    fs.rmSync(path.join(shop.directory, 'old'), { recursive: true });
  });

  test('locks nothing where the ref has no lockfile: all is new', async () => {
    git('checkout', '--quiet', '--orphan', 'empty');
    git('rm', '--quiet', '--force', '--cached', '-r', '.');
    git('commit', '--quiet', '--allow-empty', '-m', 'empty');
    const found = await compared('empty');
    assert.equal(found.before.origin, 'package-lock.json at empty, where there is none');
    assert.equal(found.counts.changes, 3);
    git('checkout', '--quiet', '--force', 'main');
  });

  const refused: readonly (readonly [args: readonly string[], words: RegExp])[] = [
    [['nowhere'], /git knows no ref nowhere/],
    [['main:package-lock.json'], /git knows no ref/],
    [['--all'], /Unknown argument/],
    [['--', 'main'], /behind `--`/],
    [[''], /needs a value/],
    [['main', 'nowhere'], /There is no .*nowhere/],
    [['main', '.', 'more'], /Unknown argument|behind/],
    [
      ['main', '--fail-on=everything'],
      /--fail-on does not take "everything"[^]*expected {2}any, grave, contradicted, /,
    ],
    [['main', '--json', '--format=markdown'], /contradict each other/],
    [['main', '--format=sarif'], /--format does not take "sarif"/],
    [['.git'], /holds no lockfile/],
  ];
  for (const [args, words] of refused) {
    test(`is not ${JSON.stringify(args)}`, async () => {
      const { exitCode, stderr } = await shop.run('diff', '--trusted-root=root.json', '--no-cache', ...args);
      assert.match(stderr, words);
      assert.equal(exitCode, 2);
    });
  }
});

test('nothing is printed by --quiet where nothing changed in trust, and the report is written all the same', async () => {
  const { exitCode, stdout } = await diff('.', '--quiet', '--report=json=quiet.json');
  assert.deepEqual([exitCode, stdout], [0, '']);
  assert.equal((JSON.parse(await shop.read('quiet.json')) as Diff).counts.changes, 0);
});

test('a lockfile that cannot be read decides nothing', async () => {
  await shop.write('broken.package-lock.json', '{');
  assert.equal((await diff('broken.package-lock.json')).exitCode, 3);
});

describe('the project around the base', () => {
  test('excuses there what it declares there: an override is no evidence against what it overrides', async () => {
    const dependencies = { debug: '2.6.9' };
    await lock(dependencies);
    const lockfile = JSON.parse(await shop.read('package-lock.json')) as { packages: Record<string, object> };
    const { integrity } = shop.box.find('other', '1.0.0') ?? assert.fail();
    const resolved = `${shop.registry.url}other/-/other-1.0.0.tgz`;
    lockfile.packages['node_modules/ms'] = { name: 'other', version: '1.0.0', resolved, integrity };
    await shop.write('package-lock.json', JSON.stringify(lockfile, null, 2));
    const project = { name: 'shop', version: '1.0.0', dependencies };
    const overrides = { debug: { ms: 'npm:other@1.0.0' } };
    await shop.write('package.json', JSON.stringify({ ...project, overrides }));
    git('commit', '--quiet', '--all', '-m', 'with the override');
    await shop.write('package.json', JSON.stringify(project));
    git('commit', '--quiet', '--all', '-m', 'without');
    await lock({ debug: '2.7.0' });
    assert.deepEqual(signsOf(await compared('HEAD~1')), ['debug: dependency-redirected', 'ms: package-added']);
    assert.deepEqual(signsOf(await compared('HEAD')), ['debug: dependency-redirected grade-rose', 'ms: package-added']);
  });
});

describe('another package manager', () => {
  test('whose lockfile lay there at the ref', async () => {
    const integrity = (version: string): string => shop.box.find('ms', version)?.integrity ?? assert.fail();
    const pnpm = `lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      ms:\n        specifier: 2.0.0\n        version: 2.0.0\n\npackages:\n\n  ms@2.0.0:\n    resolution: {integrity: ${integrity('2.0.0')}}\n\nsnapshots:\n\n  ms@2.0.0: {}\n`;
    git('checkout', '--quiet', '-b', 'pnpm');
    git('rm', '--quiet', '--force', 'package-lock.json');
    await shop.write('package.json', JSON.stringify({ name: 'shop', version: '1.0.0', dependencies: { ms: '2.0.0' } }));
    await shop.write('pnpm-lock.yaml', pnpm);
    git('add', 'pnpm-lock.yaml', 'package.json');
    git('commit', '--quiet', '-m', 'pnpm');
    fs.rmSync(path.join(shop.directory, 'pnpm-lock.yaml'));
    await lock({ ms: '2.0.0' });
    const found = await compared('pnpm');
    assert.equal(found.before.origin, 'pnpm-lock.yaml at pnpm');
    assert.deepEqual(found.counts, { changes: 0, quiet: 0, removed: 0, unchanged: 1 });
    await shop.write('old.pnpm-lock.yaml', pnpm.replace(integrity('2.0.0'), integrity('2.1.0')));
    assert.deepEqual(signsOf(await compared('old.pnpm-lock.yaml')), ['ms: bytes-swapped grade-rose']);
  });

  test('that pins by another hash: only the tarballs tell, and they do', async () => {
    const find = (version: string): { readonly shasum: string } => shop.box.find('ms', version) ?? assert.fail();
    const classic = (sha1: string): string =>
      `# yarn lockfile v1\n\n\nms@2.0.0:\n  version "2.0.0"\n  resolved "${shop.registry.url}ms/-/ms-2.0.0.tgz#${sha1}"\n`;
    fs.mkdirSync(path.join(shop.directory, 'yarn'), { recursive: true });
    await shop.write('yarn/yarn.lock', classic(find('2.0.0').shasum));
    await lock({ ms: '2.0.0' });
    assert.deepEqual((await compared('yarn')).counts, { changes: 0, quiet: 0, removed: 0, unchanged: 0 });
    assert.deepEqual((await compared('yarn', '--tarballs')).counts, { changes: 0, quiet: 0, removed: 0, unchanged: 1 });
    await shop.write('yarn/yarn.lock', classic(find('2.1.0').shasum));
    const found = await compared('.', 'yarn', '--tarballs');
    assert.deepEqual(signsOf(found), ['ms: contradicted']);
    assert.equal(found.changes[0]?.kind, 'unbound');
    assert.equal((await diff('yarn', '.', '--tarballs', '--offline')).exitCode, 3);
  });

  test('a weaker pin under the same key is held against the bytes, not against the pin before', async () => {
    const { integrity = '', shasum = '' } = shop.box.find('ms', '2.0.0') ?? {};
    const classic = (pin: string): string =>
      `# yarn lockfile v1\n\n\nms@2.0.0:\n  version "2.0.0"\n  resolved "${shop.registry.url}ms/-/ms-2.0.0.tgz${pin}\n`;
    const sha1 = (of: string): string => classic(`#${of}"`);
    fs.mkdirSync(path.join(shop.directory, 'strong'));
    await shop.write('strong/yarn.lock', classic(`"\n  integrity ${integrity}`));
    await shop.write('yarn/yarn.lock', sha1(shasum));
    assert.deepEqual((await compared('strong', 'yarn')).counts.unchanged, 1);
    await shop.write('yarn/yarn.lock', sha1(shop.box.find('ms', '2.1.0')?.shasum ?? ''));
    assert.deepEqual(signsOf(await compared('strong', 'yarn')), ['ms: contradicted pin-changed']);
  });
});
