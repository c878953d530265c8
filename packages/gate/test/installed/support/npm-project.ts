// What npm makes of a small project: a workspace, a nested version, bundled and optional packages, programs.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { pack, unpack, type Packed } from './packages.ts';
import { approvalOf, comparisonOf, entryOf, lockfileOf, openDisk, type Comparison, type Disk } from './project.ts';

export interface NpmProject {
  readonly disk: Disk;
  readonly compare: Comparison;
}

const PROGRAM = '#!/usr/bin/env node\r\nconsole.log(1)\r\n';

/** Packed once: packing is the same for every test. */
const PACKED: Promise<Readonly<Record<string, Packed>>> = packAll();

async function packAll(): Promise<Readonly<Record<string, Packed>>> {
  const beta = await pack('beta', '1.0.0', { 'index.js': 'module.exports = 1;\n' });
  return {
    'node_modules/alpha': await pack(
      'alpha',
      '1.0.0',
      {
        'index.js': "require('beta');\n",
        'lib/deep/x.js': 'x\n',
        'cli.js': PROGRAM,
        '.gitignore': 'tmp\n',
        'sub/.gitignore': 'a\n',
        'sub/.npmignore': 'b\n',
        'run.sh': { content: '#!/bin/sh\n', mode: 0o755 },
        'Upper.js': 'upper\n',
        'caf\u00e9.js': 'composed\n',
        '.hidden': 'dot\n',
        empty: { type: 'Directory' },
        link: { type: 'SymbolicLink', linkpath: 'index.js' },
      },
      { bin: { alpha: './cli.js' } },
    ),
    'node_modules/beta': beta,
    'node_modules/other': beta,
    'node_modules/@acme/tool': await pack('@acme/tool', '2.0.0', { 'index.js': 'tool\n' }),
    'node_modules/@acme/tool/node_modules/beta': await pack('beta', '2.0.0', { 'index.js': 'module.exports = 2;\n' }),
    'node_modules/bundler': await pack(
      'bundler',
      '1.0.0',
      {
        'index.js': "require('inner');\n",
        'node_modules/inner/package.json': '{"name":"inner","version":"1.0.0","bin":"go.js"}\n',
        'node_modules/inner/go.js': 'inner\n',
      },
      { bundleDependencies: ['inner'] },
    ),
    'node_modules/native': await pack('native', '1.0.0', { 'index.js': 'native\n' }),
    'node_modules/tester': await pack('tester', '1.0.0', { 'index.js': 'test\n' }),
  };
}

/** Extracted once: every test gets a copy. */
const TEMPLATE: Promise<string> = PACKED.then(async (packed) => {
  const template = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-npm-project-'));
  process.on('exit', () => fs.rmSync(template, { recursive: true, force: true }));
  for (const [place, each] of Object.entries(packed)) {
    if (place !== 'node_modules/native') await unpack(each, path.join(template, place), { asNpm: true });
  }
  return template;
});

/** Installed as npm does, and not touched since. */
export async function npmProject(t: TestContext): Promise<NpmProject> {
  const packed = await PACKED;
  const disk = openDisk(t);
  fs.cpSync(await TEMPLATE, disk.root, { recursive: true });
  disk.write('package.json', '{"name":"shop"}\n');
  disk.write('node_modules/.package-lock.json', '{}\n');
  disk.write('packages/lib/package.json', '{"name":"@shop/lib"}\n');
  disk.write('packages/lib/index.js', '1\n');
  disk.link('node_modules/@shop/lib', '../../packages/lib');
  // As bin-links does it: the bit is set, and the `#!` line ends as Unix has it.
  disk.write('node_modules/alpha/cli.js', PROGRAM.replace('\r\n', '\n'));
  fs.chmodSync(disk.at('node_modules/alpha/cli.js'), 0o755);
  disk.link('node_modules/.bin/alpha', '../alpha/cli.js');
  const lockfile = lockfileOf(
    'npm',
    [
      entry('node_modules/alpha', {
        edges: { beta: 'node_modules/beta', native: ['node_modules/native', 'optional'] },
      }),
      entry('node_modules/beta', {}),
      entry('node_modules/other', { aliases: ['other'] }),
      entry('node_modules/@acme/tool', { edges: { beta: 'node_modules/@acme/tool/node_modules/beta' } }),
      entry('node_modules/@acme/tool/node_modules/beta', {}),
      entry('node_modules/bundler', { edges: { inner: 'node_modules/bundler/node_modules/inner' } }),
      entryOf('node_modules/bundler/node_modules/inner', undefined, {
        name: 'inner',
        source: { type: 'bundled', parent: 'node_modules/bundler' },
      }),
      entry('node_modules/native', { flags: { optional: true, os: ['darwin'] } }),
      entry('node_modules/tester', { flags: { dev: true } }),
      entryOf('node_modules/@shop/lib', undefined, { source: { type: 'link', path: 'packages/lib' } }),
    ],
    {
      '.': {
        alpha: 'node_modules/alpha',
        other: 'node_modules/other',
        '@acme/tool': 'node_modules/@acme/tool',
        bundler: 'node_modules/bundler',
        tester: ['node_modules/tester', 'dev'],
        '@shop/lib': 'importer:packages/lib',
      },
      'packages/lib': { beta: 'node_modules/beta' },
    },
  );
  function entry(id: string, facts: Parameters<typeof entryOf>[2]): ReturnType<typeof entryOf> {
    return entryOf(id, packed[id], facts);
  }
  const platform = { os: 'linux', cpu: 'x64' };
  return { disk, compare: comparisonOf({ root: disk.root, lockfile, platform, ...approvalOf(packed) }) };
}
