// One project as npm installs it: untouched, it differs in nothing; every way of touching it is told.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { INSTALLED_LIMITS, type InstalledRequest } from '@lockseal/gate';
import { npmProject } from './support/npm-project.ts';
import { toldOf, type Disk } from './support/project.ts';

test('what npm installed differs in nothing, and what npm changes is counted', async (t) => {
  const { compare } = await npmProject(t);
  const report = await compare();
  assert.deepEqual(toldOf(report), []);
  assert.deepEqual(report.absent, [{ package: 'native@1.0.0', why: 'platform' }]);
  assert.deepEqual(report.permitted, [
    { id: 'empty-folder', count: 1 },
    { id: 'gitignore', count: 1 },
    { id: 'program-bit', count: 1 },
    { id: 'program-line-end', count: 1 },
    { id: 'state-file', count: 1 },
  ]);
  const { packages, files, links, programs } = report.counts;
  assert.deepEqual({ packages, files, links, programs }, { packages: 7, files: 24, links: 1, programs: 1 });
});

/** What is done to the project, and what is told of it. */
interface Case {
  readonly why: string;
  readonly act: (disk: Disk) => void;
  readonly told: readonly string[];
  readonly change?: Partial<InstalledRequest>;
}

const A = 'node_modules/alpha';
const remove =
  (file: string) =>
  (disk: Disk): void =>
    fs.rmSync(disk.at(file), { recursive: true });
const write =
  (file: string, content: string) =>
  (disk: Disk): void =>
    disk.write(file, content);

const ALL_MISSING: readonly string[] = [
  ...['@acme/tool', '@shop/lib', 'alpha', 'bundler', 'other', 'tester'].map(
    (name) => `missing package node_modules/${name}`,
  ),
  'missing package packages/lib/node_modules/beta',
];

const files: readonly Case[] = [
  { why: 'an added file', act: write(`${A}/hook.js`, 'evil'), told: [`extra file ${A}/hook.js`] },
  { why: 'an added dot file', act: write(`${A}/.npmrc`, 'evil'), told: [`extra file ${A}/.npmrc`] },
  { why: 'an added empty file', act: write(`${A}/index.node`, ''), told: [`extra file ${A}/index.node`] },
  {
    why: 'an added folder with files, told once',
    act: write(`${A}/build/Release/x.node`, 'evil'),
    told: [`extra folder ${A}/build/Release`],
  },
  {
    why: 'a file in a folder that the tarball has',
    act: write(`${A}/lib/deep/y.js`, 'evil'),
    told: [`extra file ${A}/lib/deep/y.js`],
  },
  { why: 'a removed file', act: remove(`${A}/lib/deep/x.js`), told: [`missing file ${A}/lib/deep/x.js`] },
  {
    why: 'a removed package.json, without which nothing is a declared program',
    act: remove(`${A}/package.json`),
    told: [
      `changed file ${A}/cli.js`,
      `changed file ${A}/cli.js`,
      'changed program node_modules/.bin/alpha',
      `missing file ${A}/package.json`,
    ],
  },
  { why: 'a longer file', act: write(`${A}/index.js`, "require('beta');\n\n"), told: [`changed file ${A}/index.js`] },
  { why: 'an emptied file', act: write(`${A}/index.js`, ''), told: [`changed file ${A}/index.js`] },
  {
    why: 'one byte changed, with the same size and times',
    act: (disk) => {
      const { atime, mtime } = fs.statSync(disk.at(`${A}/index.js`));
      disk.write(`${A}/index.js`, "require('bete');\n");
      fs.utimesSync(disk.at(`${A}/index.js`), atime, mtime);
    },
    told: [`changed file ${A}/index.js`],
  },
  {
    why: 'a symbolic link in place of a file, even to the same bytes',
    act: (disk) => {
      fs.renameSync(disk.at(`${A}/index.js`), disk.at('copy.js'));
      disk.link(`${A}/index.js`, '../../copy.js');
    },
    told: [`changed file ${A}/index.js`],
  },
  {
    why: 'a symbolic link that the tarball has and npm leaves out',
    act: (disk) => disk.link(`${A}/link`, 'index.js'),
    told: [`extra file ${A}/link`],
  },
  {
    why: 'a symbolic link to a folder outside',
    act: (disk) => disk.link(`${A}/etc`, '/etc'),
    told: [`extra file ${A}/etc`],
  },
  {
    why: 'a folder in place of a file',
    act: (disk) => {
      fs.rmSync(disk.at(`${A}/index.js`));
      disk.write(`${A}/index.js/index.js`, 'evil');
    },
    told: [`changed file ${A}/index.js`, `extra folder ${A}/index.js`],
  },
  {
    why: 'a symbolic link in place of a folder',
    act: (disk) => {
      fs.renameSync(disk.at(`${A}/lib`), disk.at('lib'));
      disk.link(`${A}/lib`, '../../lib');
    },
    told: [`extra file ${A}/lib`, `missing file ${A}/lib/deep/x.js`],
  },
  {
    why: 'a name in other case',
    act: (disk) => fs.renameSync(disk.at(`${A}/Upper.js`), disk.at(`${A}/upper.js`)),
    told: [`missing file ${A}/Upper.js`, `extra file ${A}/upper.js`],
  },
  {
    why: 'a second file whose name differs in case',
    act: write(`${A}/INDEX.js`, 'evil'),
    told: [`extra file ${A}/INDEX.js`],
  },
  {
    why: 'a second file whose name is the same in another Unicode form',
    act: write(`${A}/cafe\u0301.js`, 'evil'),
    told: [`extra file ${A}/cafe\u0301.js`],
  },
  {
    why: 'a name that is no UTF-8',
    act: (disk) =>
      fs.writeFileSync(Buffer.concat([Buffer.from(`${disk.at(A)}/`), Buffer.from([0xff, 0x2e, 0x6a])]), 'evil'),
    told: [`extra file ${A}/\ufffd.j`],
  },
  { why: 'a pipe', act: (disk) => void execFileSync('mkfifo', [disk.at(`${A}/pipe`)]), told: [`extra file ${A}/pipe`] },
  {
    why: 'a pipe in place of a file, which is not waited for',
    act: (disk) => {
      fs.rmSync(disk.at(`${A}/index.js`));
      execFileSync('mkfifo', [disk.at(`${A}/index.js`)]);
    },
    told: [`changed file ${A}/index.js`],
  },
  {
    why: 'a file that runs as somebody else',
    act: (disk) => fs.chmodSync(disk.at(`${A}/run.sh`), 0o4755),
    told: [`changed file ${A}/run.sh`],
  },
  {
    why: 'a file that can be run and is no program',
    act: (disk) => fs.chmodSync(disk.at(`${A}/index.js`), 0o755),
    told: [`changed file ${A}/index.js`],
  },
  {
    why: 'a program whose second line lost its carriage return too',
    act: write(`${A}/cli.js`, '#!/usr/bin/env node\nconsole.log(1)\n'),
    told: [`changed file ${A}/cli.js`],
  },
  {
    why: 'a program that calls another interpreter',
    act: write(`${A}/cli.js`, '#!/usr/bin/env mode\nconsole.log(1)\r\n'),
    told: [`changed file ${A}/cli.js`],
  },
  {
    why: '.gitignore as in the tarball, which npm renames',
    act: write(`${A}/.gitignore`, 'tmp\n'),
    told: [`extra file ${A}/.gitignore`],
  },
  {
    why: '.npmignore with other bytes',
    act: write(`${A}/.npmignore`, 'tmq\n'),
    told: [`changed file ${A}/.npmignore`],
  },
  {
    why: 'a file that can be reached through a hard link and was changed there',
    act: (disk) => {
      fs.linkSync(disk.at('node_modules/beta/index.js'), disk.at('outside.js'));
      fs.rmSync(disk.at('node_modules/other/index.js'));
      fs.linkSync(disk.at('outside.js'), disk.at('node_modules/other/index.js'));
      fs.writeFileSync(disk.at('outside.js'), 'module.exports = 9;\n');
    },
    told: ['changed file node_modules/beta/index.js', 'changed file node_modules/other/index.js'],
  },
  {
    why: 'a changed bundled file',
    act: write('node_modules/bundler/node_modules/inner/go.js', 'INNER\n'),
    told: ['changed file node_modules/bundler/node_modules/inner/go.js'],
  },
  {
    why: 'a file added to what is bundled',
    act: write('node_modules/bundler/node_modules/inner/x.js', 'evil'),
    told: ['extra file node_modules/bundler/node_modules/inner/x.js'],
  },
  {
    why: 'a missing bundled package',
    act: remove('node_modules/bundler/node_modules'),
    told: [
      'missing package node_modules/bundler/node_modules/inner',
      'missing file node_modules/bundler/node_modules/inner/go.js',
      'missing file node_modules/bundler/node_modules/inner/package.json',
    ],
  },
];

const packages: readonly Case[] = [
  {
    why: 'an extra package',
    act: write('node_modules/evil/package.json', '{"name":"evil","version":"1.0.0"}'),
    told: ['extra package node_modules/evil'],
  },
  {
    why: 'an extra package without a package.json',
    act: write('node_modules/evil/index.js', 'evil'),
    told: ['extra package node_modules/evil'],
  },
  {
    why: 'an extra package at depth',
    act: write('node_modules/alpha/node_modules/beta/package.json', '{"name":"beta","version":"6.6.6"}'),
    told: ['extra package node_modules/alpha/node_modules/beta'],
  },
  {
    why: 'an approved package where it is not locked',
    act: (disk) => fs.cpSync(disk.at('node_modules/beta'), disk.at(`${A}/node_modules/beta`), { recursive: true }),
    told: [`extra package ${A}/node_modules/beta`],
  },
  {
    why: 'an approved package of another version in its place',
    act: (disk) => {
      fs.rmSync(disk.at('node_modules/beta'), { recursive: true });
      fs.cpSync(disk.at('node_modules/@acme/tool/node_modules/beta'), disk.at('node_modules/beta'), {
        recursive: true,
      });
    },
    told: ['changed package node_modules/beta'],
  },
  {
    why: 'a package in a scope that nothing is locked in',
    act: write('node_modules/@evil/x/package.json', '{}'),
    told: ['extra package node_modules/@evil/x'],
  },
  {
    why: 'a file in a scope',
    act: write('node_modules/@acme/index.js', 'evil'),
    told: ['extra file node_modules/@acme/index.js'],
  },
  {
    why: 'a file that node_modules holds by itself',
    act: write('node_modules/evil.js', 'evil'),
    told: ['extra file node_modules/evil.js'],
  },
  {
    why: "another manager's state file",
    act: write('node_modules/.modules.yaml', ''),
    told: ['extra file node_modules/.modules.yaml'],
  },
  {
    why: 'a state file inside a package',
    act: write(`${A}/node_modules/.package-lock.json`, '{}'),
    told: [`extra file ${A}/node_modules/.package-lock.json`],
  },
  {
    why: 'a cache that some tool keeps',
    act: write('node_modules/.cache/babel/x.js', 'evil'),
    told: ['extra folder node_modules/.cache'],
  },
  {
    why: 'a module folder beside a source file',
    act: write('src/node_modules/beta/index.js', 'evil'),
    told: ['extra folder src/node_modules'],
  },
  {
    why: "a module folder among Yarn's files",
    act: write('.yarn/releases/node_modules/x/index.js', 'evil'),
    told: ['extra folder .yarn/releases/node_modules'],
  },
  {
    why: "a module folder among a workspace's files",
    act: write('packages/lib/src/node_modules/x/index.js', 'evil'),
    told: ['extra folder packages/lib/src/node_modules'],
  },
  {
    why: 'a module folder between a workspace and the root',
    act: write('packages/node_modules/beta/package.json', '{}'),
    told: ['extra package packages/node_modules/beta'],
  },
  {
    why: "a package in a workspace's own folder",
    act: write('packages/lib/node_modules/beta/package.json', '{}'),
    told: ['extra package packages/lib/node_modules/beta'],
  },
  {
    why: 'a missing package, told once',
    act: remove('node_modules/beta'),
    told: ['missing package packages/lib/node_modules/beta'],
  },
  {
    why: 'a missing direct dependency',
    act: remove('node_modules/@acme'),
    told: ['missing package node_modules/@acme/tool'],
  },
  {
    why: 'a missing dev dependency that nobody left out',
    act: remove('node_modules/tester'),
    told: ['missing package node_modules/tester'],
  },
  {
    why: 'a missing dependency where dev dependencies were left out',
    act: remove('node_modules/beta'),
    change: { omitted: new Set(['dev']) },
    told: ['missing package packages/lib/node_modules/beta'],
  },
  { why: 'nothing installed at all', act: remove('node_modules'), told: ALL_MISSING },
];

const links: readonly Case[] = [
  {
    why: 'a package that is a link out of the project',
    act: (disk) => {
      fs.rmSync(disk.at('node_modules/beta'), { recursive: true });
      disk.link('node_modules/beta', '/usr/lib');
    },
    told: ['changed link node_modules/beta'],
  },
  {
    why: 'a package that is a link to another approved package',
    act: (disk) => {
      fs.rmSync(disk.at('node_modules/beta'), { recursive: true });
      disk.link('node_modules/beta', 'alpha');
    },
    told: [
      'changed dependency node_modules/beta',
      'changed dependency node_modules/beta',
      'changed link node_modules/beta',
    ],
  },
  {
    why: "a package that is a link to the project's own files",
    act: (disk) => {
      fs.rmSync(disk.at('node_modules/beta'), { recursive: true });
      disk.link('node_modules/beta', '../packages/lib');
    },
    told: [
      'changed dependency node_modules/beta',
      'changed dependency node_modules/beta',
      'changed link node_modules/beta',
    ],
  },
  {
    why: 'a workspace that leads elsewhere',
    act: (disk) => {
      fs.rmSync(disk.at('node_modules/@shop/lib'));
      disk.link('node_modules/@shop/lib', '../../src');
    },
    told: ['changed link node_modules/@shop/lib'],
  },
  {
    why: 'a workspace in whose place a folder lies',
    act: (disk) => {
      fs.rmSync(disk.at('node_modules/@shop/lib'));
      disk.write('node_modules/@shop/lib/package.json', '{"name":"@shop/lib"}');
    },
    told: ['extra package node_modules/@shop/lib'],
  },
  {
    why: 'a node_modules folder that is a link',
    act: (disk) => {
      fs.renameSync(disk.at('node_modules'), disk.at('elsewhere'));
      disk.link('node_modules', 'elsewhere');
    },
    told: [
      'changed folder node_modules',
      'extra folder elsewhere/@acme/tool/node_modules',
      'extra folder elsewhere/bundler/node_modules',
      ...ALL_MISSING,
    ],
  },
  {
    why: 'a workspace that is a link, behind which nothing is looked at',
    act: (disk) => {
      fs.renameSync(disk.at('packages/lib'), disk.at('lib'));
      disk.link('packages/lib', '../lib');
      disk.write('lib/node_modules/beta/index.js', 'evil');
    },
    told: ['? packages/lib', 'extra folder lib/node_modules'],
  },
  {
    why: 'a scope that is a link',
    act: (disk) => {
      fs.renameSync(disk.at('node_modules/@acme'), disk.at('acme'));
      disk.link('node_modules/@acme', '../acme');
    },
    told: [
      'extra folder acme/tool/node_modules',
      'changed link node_modules/@acme',
      'missing package node_modules/@acme/tool',
    ],
  },
  {
    why: 'a link that goes round in circles',
    act: (disk) => disk.link('node_modules/round', 'round'),
    told: ['changed link node_modules/round'],
  },
  {
    why: 'a link that leads nowhere',
    act: (disk) => disk.link('node_modules/gone', 'nothing'),
    told: ['changed link node_modules/gone'],
  },
  {
    why: 'a link with a way up behind a name',
    act: (disk) => disk.link('node_modules/up', 'alpha/../beta'),
    told: ['changed link node_modules/up'],
  },
];

const programs: readonly Case[] = [
  {
    why: 'a program outside of the project',
    act: (disk) => disk.link('node_modules/.bin/tsc', '/bin/sh'),
    told: ['changed program node_modules/.bin/tsc'],
  },
  {
    why: "an approved package's file that is no program",
    act: (disk) => disk.link('node_modules/.bin/tool', '../@acme/tool/index.js'),
    told: ['changed program node_modules/.bin/tool'],
  },
  {
    why: 'a program under a name that is not declared',
    act: (disk) => disk.link('node_modules/.bin/npm', '../alpha/cli.js'),
    told: ['changed program node_modules/.bin/npm'],
  },
  {
    why: 'a program that is a file by itself',
    act: write('node_modules/.bin/node', 'evil'),
    told: ['? node_modules/.bin/node'],
  },
  {
    why: 'a program of an unapproved package',
    act: (disk) => {
      disk.write('node_modules/evil/package.json', '{"name":"evil","bin":"x.js"}');
      disk.link('node_modules/.bin/evil', '../evil/x.js');
    },
    told: ['changed program node_modules/.bin/evil', 'extra package node_modules/evil'],
  },
  {
    why: 'a program inside a package',
    act: (disk) => disk.link(`${A}/node_modules/.bin/node`, '/bin/sh'),
    told: [`changed program ${A}/node_modules/.bin/node`],
  },
  {
    why: 'a folder among the programs',
    act: write('node_modules/.bin/x/y', 'evil'),
    told: ['extra folder node_modules/.bin/x'],
  },
];

for (const [title, cases] of Object.entries({ files, packages, links, programs })) {
  describe(`tells of ${title}:`, () => {
    for (const { why, act, told, change } of cases) {
      test(why, async (t) => {
        const { disk, compare } = await npmProject(t);
        act(disk);
        assert.deepEqual([...toldOf(await compare(change))].sort(), [...told].sort());
      });
    }
  });
}

describe('permits:', () => {
  const cases: readonly Omit<Case, 'told'>[] = [
    { why: 'a missing optional package', act: () => undefined, change: { platform: { os: 'darwin', cpu: 'arm64' } } },
    {
      why: 'missing dev dependencies that were left out',
      act: remove('node_modules/tester'),
      change: { omitted: new Set(['dev']) },
    },
    { why: 'an empty folder', act: (disk) => void fs.mkdirSync(disk.at(`${A}/a/b/c`), { recursive: true }) },
    { why: 'a program that lost its bit', act: (disk) => fs.chmodSync(disk.at(`${A}/run.sh`), 0o644) },
    {
      why: 'a bundled program',
      act: (disk) => {
        fs.chmodSync(disk.at('node_modules/bundler/node_modules/inner/go.js'), 0o755);
        disk.link('node_modules/bundler/node_modules/.bin/inner', '../inner/go.js');
      },
    },
    {
      why: "a workspace's own program",
      act: (disk) => disk.link('node_modules/.bin/lib', '../../packages/lib/index.js'),
    },
    {
      why: 'a module folder that the caller names',
      act: write('dist/app/node_modules/x/index.js', ''),
      change: { ignored: ['dist'] },
    },
    {
      why: 'what an approved script may write',
      act: write(`${A}/build/Release/x.node`, 'built'),
      change: { written: new Map([[A, ['build']]]) },
    },
    {
      why: 'a link that an approved script may make',
      act: (disk) => disk.link(`${A}/build/node_gyp_bins/python3`, '/usr/bin/python3'),
      change: { written: new Map([[A, ['build']]]) },
    },
    {
      why: 'what an approved script may write anywhere',
      act: write(`${A}/x.node`, 'built'),
      change: { written: new Map([[A, ['']]]) },
    },
    {
      why: 'workspaces that were not installed',
      act: remove('packages/lib/package.json'),
      change: { importers: ['.'] },
    },
  ];
  for (const { why, act, change } of cases) {
    test(why, async (t) => {
      const { disk, compare } = await npmProject(t);
      act(disk);
      assert.deepEqual(toldOf(await compare(change)), []);
    });
  }
});

describe('an approved script may not', () => {
  const written = new Map([[A, ['build']]]);
  const cases: readonly Case[] = [
    { why: 'change what was approved', act: write(`${A}/index.js`, 'evil'), told: [`changed file ${A}/index.js`] },
    { why: 'write beside its outputs', act: write(`${A}/builds/x.node`, 'evil'), told: [`extra folder ${A}/builds`] },
    {
      why: "write to another package's folder",
      act: write('node_modules/beta/build/x.node', 'evil'),
      told: ['extra folder node_modules/beta/build'],
    },
  ];
  for (const { why, act, told } of cases) {
    test(why, async (t) => {
      const { disk, compare } = await npmProject(t);
      act(disk);
      assert.deepEqual(toldOf(await compare({ written })), told);
    });
  }
});

describe('cannot decide', () => {
  test('about a package of which nothing approved says what its files are', async (t) => {
    const { compare } = await npmProject(t);
    const report = await compare({ artifacts: [] });
    assert.equal(report.undecided.length, 6);
    assert.deepEqual(report.differences, []);
  });

  test('about a package whose tarball cannot be listed', async (t) => {
    const { compare } = await npmProject(t);
    const fileList = async (): Promise<never> => {
      throw new LocksealError('ERR_INSTALLED', 'its bytes are not the approved ones');
    };
    const report = await compare({ fileList });
    assert.match(report.undecided[0]?.reason ?? '', /its bytes are not the approved ones/);
    assert.equal(report.undecided.length, 6);
  });

  const bounds: readonly (readonly [why: string, limits: Partial<typeof INSTALLED_LIMITS>])[] = [
    ['with more files than the bound', { items: 20 }],
    ['with folders deeper than the bound', { depth: 3 }],
    ['with paths longer than the bound', { path: 20 }],
  ];
  for (const [why, limits] of bounds) {
    test(why, async (t) => {
      const { compare } = await npmProject(t);
      await assert.rejects(compare({ limits: { ...INSTALLED_LIMITS, ...limits } }), { code: 'ERR_INSTALLED' });
    });
  }
});

test('differences beyond the bound are counted', async (t) => {
  const { disk, compare } = await npmProject(t);
  for (let index = 0; index < 10; index++) disk.write(`${A}/extra-${index}.js`, 'x');
  const { differences, untold } = await compare({ limits: { ...INSTALLED_LIMITS, differences: 4 } });
  assert.deepEqual([differences.length, untold], [4, 6]);
});

test('a socket is neither opened nor passed over', async (t) => {
  const { disk, compare } = await npmProject(t);
  const server = net.createServer();
  await new Promise<void>((listening) => server.listen(path.join(disk.at(A), 's'), listening));
  try {
    assert.deepEqual(toldOf(await compare()), [`extra file ${A}/s`]);
  } finally {
    server.close();
  }
});
