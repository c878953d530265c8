// What real package managers put on disk, against the tarballs that were published: untouched it differs in nothing, in
// every layout that a manager has, and one byte changed is told. Not part of `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import { bindProject, loadProject, readLockfile } from '@lockseal/lockfile';
import { checkInstalled, type InstalledCheck } from '../../packages/cli/src/installed/check-installed.ts';
import { createProjectFiles } from '../../packages/cli/src/io/project-files.ts';
import type { ApprovedArtifact } from '../../packages/gate/src/artifact.ts';
import { driverOf } from './support/drivers.ts';
import { layoutsOf, OMITTED, type Layout } from './support/layouts.ts';
import { MANAGERS, type Manager } from './support/managers.ts';
import { readyManager } from './support/ready-manager.ts';
import { runManager, writeProject, type Project, type ReadyManager } from './support/run-manager.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;

before(async () => {
  world = await openWorld();
  world.registry.publish(AWKWARD);
});
after(async () => world.close());

/** A package of everything that managers change when they unpack it. */
const AWKWARD = {
  name: 'awkward',
  version: '1.0.0',
  // Old enough for the managers that refuse what was published lately.
  publishedAt: new Date(Date.now() - 90 * 24 * 60 * 60 * 1000),
  manifest: { bin: { awkward: 'cli.js', two: './bin/two.js' } },
  files: {
    'index.js': "module.exports = 'awkward';\n",
    'cli.js': '#!/usr/bin/env node\r\nconsole.log(1)\r\n',
    'bin/two.js': '#!/usr/bin/env node\n',
    '.gitignore': 'a\n',
    'sub/.gitignore': 'b\n',
    'sub/.npmignore': 'c\n',
    '.dot': '',
  },
  entries: [
    { path: 'package/run.sh', content: '#!/bin/sh\n', mode: 0o755 },
    { path: 'package/read-only.txt', content: 'x', mode: 0o444 },
    { path: 'package/empty', type: 'Directory' as const },
  ],
};

/** Where the file of `leaf` that is changed lies: it is looked for, as every layout has it elsewhere. */
const CHANGED = 'module.exports = "evil";\n';

describe('what is installed', { concurrency: 1 }, () => {
  for (const manager of MANAGERS.filter(({ id, family }) => !OMITTED.has(family) && !id.includes('hardened'))) {
    for (const layout of layoutsOf(manager)) {
      test(`${manager.id}, ${layout.name}`, async (t) => examine(t, manager, layout));
    }
  }
});

async function examine(t: TestContext, manager: Manager, layout: Layout): Promise<void> {
  const ready = await readyManager(t, manager);
  if (ready === undefined) return;
  const project = await install(ready, layout);
  const untouched = await compare(project, layout);
  assert.deepEqual(untouched.findings, []);
  assert.deepEqual(untouched.report.undecided, []);
  assert.ok(untouched.report.counts.packages >= 16, `${untouched.report.counts.packages} packages`);
  t.diagnostic(untouched.report.permitted.map(({ id, count }) => `${id} ${count}`).join(', '));
  if (manager.family === 'yarn-berry') await withoutPatches(project, layout);
  const file = layout.leaf(project.directory, world);
  overwrite(file);
  const touched = await compare(project, layout);
  assert.deepEqual(
    touched.findings.map(({ code, subject }) => `${code} ${subject}`),
    ['installed-changed leaf@1.0.0'],
  );
}

/** Where the patch is not known, Yarn's checksum of the patched package decides. */
async function withoutPatches(project: Project, layout: Layout): Promise<void> {
  const { findings, report } = await compare(project, layout, false);
  assert.deepEqual(findings, []);
  assert.deepEqual(report.undecided, []);
}

async function install(ready: ReadyManager, layout: Layout): Promise<Project> {
  const driver = driverOf(ready.manager);
  const { lock, frozen } = driver;
  assert.ok(!('unavailable' in frozen));
  const project = writeProject(ready, world, layout.files(withAwkward(driver.files(world.server.url))));
  const env = { ...ready.manager.env, ...layout.env };
  for (const args of [lock, [...frozen, ...layout.args]]) {
    const { exitCode, output } = await runManager(ready, args, project, world, env);
    assert.equal(exitCode, 0, output);
  }
  return project;
}

function withAwkward(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const manifest = JSON.parse(files['package.json'] ?? '{}') as { readonly dependencies: object };
  const dependencies = { ...manifest.dependencies, [AWKWARD.name]: AWKWARD.version };
  return { ...files, 'package.json': JSON.stringify({ ...manifest, dependencies }) };
}

async function compare({ directory, lockfile }: Project, layout: Layout, patches = true): Promise<InstalledCheck> {
  const read = readLockfile(path.basename(lockfile), new Uint8Array(fs.readFileSync(lockfile)));
  const project = await loadProject(read, directory, createProjectFiles(directory));
  const bound = bindProject(read, project);
  const tarballs = new Map<string, Buffer>();
  const artifacts = bound.entries.flatMap(({ id, name, version, source }): ApprovedArtifact[] => {
    const found = source.type === 'file' ? world.vendored : world.registry.find(name, version ?? '')?.tarball;
    if (found === undefined || (source.type !== 'file' && source.type !== 'registry')) return [];
    const sha512 = createHash('sha512').update(found).digest('hex');
    tarballs.set(sha512, Buffer.from(found));
    const purl = `pkg:npm/${name}@${version ?? ''}`;
    return [{ name, version, purl, registry: undefined, lockedUrl: undefined, sha512, entries: [id], path: undefined }];
  });
  return checkInstalled({
    root: directory,
    lockfile: bound,
    project: patches ? project : undefined,
    artifacts,
    platform: { os: process.platform, cpu: process.arch },
    omitted: layout.omitted,
    cache: undefined,
    tarball: async function* tarball({ sha512 }) {
      yield tarballs.get(sha512) ?? Buffer.alloc(0);
    },
  });
}

/** In place, so that links to it stay; same size where it can be had, and the times as they were. */
function overwrite(file: string): void {
  const { atime, mtime, size } = fs.statSync(file);
  fs.writeFileSync(file, file.endsWith('.zip') ? corrupted(file) : CHANGED.slice(0, size));
  fs.utimesSync(file, atime, mtime);
}

function corrupted(file: string): Buffer {
  const bytes = fs.readFileSync(file);
  const at = bytes.indexOf('module.exports = "leaf"');
  assert.ok(at > 0, 'the zip stores the file as it is');
  bytes.write('module.exports = "evil"', at);
  return bytes;
}
