// What comparing costs: 200 packages of the size that packages have, lists known. Run by hand; docs/installed.md has the
// figures. CPU time, since wall time tells of whatever else the machine does.
import { createHash, hash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { NO_FLAGS, type TarballFile } from '@lockseal/core';
import type { ApprovedArtifact } from '../packages/gate/src/artifact.ts';
import { compareInstalled } from '../packages/gate/src/installed/compare-installed.ts';
import { entryOf, lockfileOf, type Edges } from '../packages/gate/test/installed/support/project.ts';

const PACKAGES = 200;
const FILES = 40;
const RUNS = 5;

const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-measure-'));
process.on('exit', () => fs.rmSync(root, { recursive: true, force: true }));

const lists = new Map<string, readonly TarballFile[]>();
const artifacts: ApprovedArtifact[] = [];
const edges: Record<string, string> = {};
for (let index = 0; index < PACKAGES; index++) {
  const name = `package-${index}`;
  const place = `node_modules/${name}`;
  const sha512 = createHash('sha512').update(name).digest('hex');
  lists.set(sha512, writePackage(name, place));
  artifacts.push({
    name,
    version: '1.0.0',
    purl: `pkg:npm/${name}@1.0.0`,
    registry: undefined,
    lockedUrl: undefined,
    sha512,
    entries: [place],
    path: undefined,
  });
  edges[name] = place;
}
const entries = artifacts.map(({ name, entries: [id = ''] }) =>
  entryOf(id, undefined, { name, version: '1.0.0', flags: NO_FLAGS }),
);
const lockfile = lockfileOf('npm', entries, { '.': edges satisfies Edges });

for (let run = 0; run < RUNS; run++) {
  const floor = cpu(readAll);
  const before = process.cpuUsage();
  const { differences, undecided, counts } = await compareInstalled({
    root,
    lockfile,
    artifacts,
    fileList: async (artifact) => lists.get(artifact.sha512) ?? [],
    platform: { os: process.platform, cpu: process.arch },
  });
  const spent = milliseconds(process.cpuUsage(before));
  if (differences.length + undecided.length > 0) throw new Error('something differs');
  const size = `${counts.files} files, ${(counts.bytesRead / 1e6).toFixed(0)} MB`;
  console.log(`${size}: ${spent} ms of CPU time, reading and hashing alone ${floor} ms`);
}

/** Half of the files have 1 kB, the others up to 20 kB, and one has 200 kB. */
function writePackage(name: string, place: string): readonly TarballFile[] {
  const manifest = JSON.stringify({ name, version: '1.0.0' });
  const files = Array.from({ length: FILES }, (_, index): readonly [string, string] => {
    const length = index === 0 ? 200_000 : index % 2 === 0 ? 1000 : index * 500;
    return [`${index % 4 === 0 ? 'lib/deep' : 'lib'}/file-${index}.js`, `${name} ${index} `.padEnd(length, 'x')];
  });
  return [...files, ['package.json', manifest] as const].map(([file, content]) => {
    const target = path.join(root, place, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, content);
    return { path: file, size: content.length, sha256: hash('sha256', content), executable: false, program: undefined };
  });
}

function readAll(): void {
  for (const file of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const target = path.join(root, file);
    if (fs.lstatSync(target).isFile()) hash('sha256', fs.readFileSync(target));
  }
}

function cpu(act: () => void): number {
  const before = process.cpuUsage();
  act();
  return milliseconds(process.cpuUsage(before));
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return Math.round((user + system) / 1000);
}
