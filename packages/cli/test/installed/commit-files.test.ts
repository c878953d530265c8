import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { NO_FLAGS, type LockedPackage } from '@lockseal/core';
import type { CommitFile } from '@lockseal/gate';
import { createCommitFiles, fetchUrl } from '../../src/installed/commit-files.ts';

describe('where a commit is fetched from', () => {
  const cases: readonly (readonly [repository: string, url: string | undefined])[] = [
    ['git+ssh://git@github.com/example/forked.git', 'https://github.com/example/forked.git'],
    ['git+ssh://git@git.example.com:2222/a/b.git', 'https://git.example.com/a/b.git'],
    ['git@github.com:example/forked.git', 'https://github.com/example/forked.git'],
    ['github:example/forked', 'https://github.com/example/forked.git'],
    ['gitlab:example/forked', 'https://gitlab.com/example/forked.git'],
    ['git://github.com/example/forked.git', 'https://github.com/example/forked.git'],
    ['git+http://github.com/example/forked.git', 'https://github.com/example/forked.git'],
    ['https://user:secret@git.example.com:8443/a.git?x=1', 'https://git.example.com:8443/a.git'],
    ['git+file:///srv/forked', 'file:///srv/forked'],
    ['file:///srv/forked', 'file:///srv/forked'],
    // Else git would start a program that the lockfile names, or ask a host of Windows'.
    ['ext::sh -c touch% evil', undefined],
    ['git+ext::sh -c evil', undefined],
    ['file://host/share', undefined],
    ['--upload-pack=evil', undefined],
    ['ftp://example.com/a.git', undefined],
    ['../forked', undefined],
    ['', undefined],
  ];
  for (const [repository, url] of cases) {
    test(JSON.stringify(repository), () => assert.equal(fetchUrl(repository), url));
  }
});

describe('the files of a commit', { skip: process.platform === 'win32' && 'needs a POSIX file system' }, () => {
  let base: string;
  let repository: string;
  let commit: string;
  const large = 'x'.repeat(300_000);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.org', ...args], {
      cwd: repository,
      encoding: 'utf8',
    }).trim();

  before(() => {
    base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-commit-')));
    repository = path.join(base, 'forked');
    fs.mkdirSync(path.join(repository, 'packages/a b'), { recursive: true });
    const write = (name: string, text: string): void => fs.writeFileSync(path.join(repository, name), text);
    git('init', '--quiet', '--initial-branch=main');
    write('empty', '');
    write('large', large);
    write('lines', 'a\r\nb\n');
    write('packages/a b/\u00e4\n.js', 'odd name\n');
    write('packages/package.json', '{}');
    write('.gitattributes', '* text eol=crlf filter=evil\nlines export-ignore\n');
    git('add', '.');
    fs.symlinkSync('/etc/passwd', path.join(repository, 'link'));
    fs.writeFileSync(path.join(repository, 'run'), '#!/bin/sh\n', { mode: 0o755 });
    git('add', '.');
    git('commit', '--quiet', '--message=one');
    commit = git('rev-parse', 'HEAD');
  });
  after(() => fs.rmSync(base, { recursive: true }));

  const entry = (source: Partial<Extract<LockedPackage['source'], { type: 'git' }>>): LockedPackage => ({
    id: 'forked',
    name: 'forked',
    version: '1.0.0',
    aliases: [],
    source: { type: 'git', repository: `git+file://${repository}`, commit, path: undefined, ...source },
    pin: { kind: 'none' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
  });

  const open = (env = process.env) =>
    createCommitFiles({
      temporary: base,
      root: path.join(base, 'project'),
      env,
      proxyUrl: 'http://127.0.0.1:9',
      allowHosts: [],
      signal: new AbortController().signal,
    });
  const list = (of: LockedPackage) => open()(of);
  /** Starts the machine's git, and notes what for. */
  const counting = (): { readonly env: NodeJS.ProcessEnv; readonly fetches: () => number } => {
    const bin = fs.mkdtempSync(path.join(base, 'bin-'));
    const log = path.join(bin, 'log');
    const starter = `#!/bin/sh\nPATH='${process.env['PATH'] ?? ''}'\necho "$*" >>'${log}'\nexec git "$@"\n`;
    fs.writeFileSync(path.join(bin, 'git'), starter, { mode: 0o755 });
    const fetches = (): number => fs.readFileSync(log, 'utf8').match(/ fetch /g)?.length ?? 0;
    return { env: { PATH: bin }, fetches };
  };
  const shown = (files: readonly CommitFile[]): readonly string[] =>
    files.map(({ path: file, size, executable }) => `${file} ${size}${executable ? ' x' : ''}`);

  before(() => fs.mkdirSync(path.join(base, 'project')));

  test('are as committed: no link, no filter, no line end, and nothing of it stays behind', async () => {
    const files = await list(entry({}));
    assert.deepEqual(shown(files), [
      '.gitattributes 48',
      'empty 0',
      'large 300000',
      'lines 4',
      'packages/a b/\u00e4\n.js 9',
      'packages/package.json 2',
      'run 10 x',
    ]);
    const digest = createHash('sha256').update(large).digest('hex');
    assert.equal(files.find((file) => file.path === 'large')?.sha256, digest);
    assert.deepEqual(fs.readdirSync(base).toSorted(), ['forked', 'project']);
    const texts = files.flatMap(({ path: file, bytes }) => (bytes === undefined ? [] : [[file, String(bytes)]]));
    assert.deepEqual(
      texts,
      [['packages/package.json', '{}']],
      'what a manager may write anew, and nothing else, is kept',
    );
  });

  test('of a folder are those below it', async () => {
    assert.deepEqual(shown(await list(entry({ path: '/packages/a b/' }))), ['\u00e4\n.js 9']);
    assert.deepEqual(shown(await list(entry({ path: 'packages/a' }))), []);
  });

  test('of several folders come from one fetch, asked for at once or one after the other', async (t) => {
    const { env, fetches } = counting();
    t.after(() => fs.rmSync(env['PATH'] ?? '', { recursive: true }));
    const files = open(env);
    const paths = ['packages/a b', 'packages', undefined];
    const [inner = [], outer = [], all = []] = await Promise.all(paths.map((each) => files(entry({ path: each }))));
    assert.deepEqual(shown(inner), ['\u00e4\n.js 9']);
    assert.deepEqual(shown(outer), ['a b/\u00e4\n.js 9', 'package.json 2']);
    assert.equal(all.length, 7);
    assert.deepEqual(await files(entry({ path: 'packages/a b/' })), inner);
    assert.equal(fetches(), 1);
    await assert.rejects(files(entry({ commit: 'd'.repeat(40) })), { code: 'ERR_INSTALLED' });
    await assert.rejects(files(entry({ commit: 'd'.repeat(40), path: 'packages' })), { code: 'ERR_INSTALLED' });
    assert.equal(fetches(), 2, 'a fetch that failed is not tried again');
    assert.deepEqual(fs.readdirSync(base).toSorted(), [path.basename(env['PATH'] ?? ''), 'forked', 'project']);
  });

  const failing: readonly (readonly [why: string, source: Parameters<typeof entry>[0], reason: RegExp])[] = [
    ['a commit that is not there', { commit: 'd'.repeat(40) }, /git cannot fetch its commit/],
    ['no full commit', { commit: 'abcdef0' }, /no.* full commit|not pin a full commit/],
    ['a folder outside', { path: '../x' }, /leads out/],
    ['a repository that is none', { repository: 'git+file:///no/such/place' }, /git cannot fetch its commit/],
    ['a host that the policy does not name', { repository: 'git+ssh://git@example.com/a.git' }, /allowHosts/],
  ];
  for (const [why, source, reason] of failing) {
    test(`${why} is told`, async () => {
      await assert.rejects(list(entry(source)), { code: 'ERR_INSTALLED', message: reason });
    });
  }

  test('a git of the project itself is not run', async () => {
    const bin = path.join(base, 'project', 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, 'git'), `#!/bin/sh\ntouch ${base}/evil\n`, { mode: 0o755 });
    await assert.rejects(open({ PATH: bin })(entry({})), { code: 'ERR_INSTALLED', message: /there is no git/ });
    assert.ok(!fs.existsSync(path.join(base, 'evil')));
  });
});
