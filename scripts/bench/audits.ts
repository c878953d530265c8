import { execFile } from 'node:child_process';
import { access, cp, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Setting } from './lockseal.ts';
import { measure, type Contender } from './measure.ts';
import { NPM, PNPM } from './names.ts';

const run = promisify(execFile);
/** The first pnpm that audits signatures. */
const LEAST_PNPM = 11;
const TUF_HOST = 'tuf-repo-cdn.sigstore.dev';

interface Audits {
  readonly contenders: readonly Contender[];
  readonly notes: readonly string[];
}

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What package managers offer, where they are installed and succeed in this world. */
export async function openAudits(setting: Setting, wants: (name: string) => boolean): Promise<Audits> {
  // One after the other: they are measured.
  const npm = wants(NPM) ? await tryAudit(NPM, () => npmAudit(setting)) : [];
  const pnpm = wants(PNPM) ? await tryAudit(PNPM, () => pnpmAudit(setting)) : [];
  const all = [...npm, ...pnpm];
  return {
    contenders: all.filter((each) => typeof each !== 'string'),
    notes: all.filter((each) => typeof each === 'string'),
  };
}

/** The contender after its one run, which takes long, or why there is none. */
async function tryAudit(name: string, open: () => Promise<Contender>): Promise<(Contender | string)[]> {
  try {
    const contender = await open();
    return [{ ...contender, tried: await measure(contender) }];
  } catch (error) {
    return [`${name} was not measured: ${error instanceof Error ? error.message.trim() : String(error)}`];
  }
}

/**
 * npm goes by what is installed, so folders with a package.json each are made. Its trust comes from Sigstore's own TUF
 * repository alone: a preload answers that host from loopback, with the root that is put where npm keeps it.
 */
async function npmAudit({ world, scratch, url }: Setting): Promise<Contender> {
  const program = await realpath(await which('npm'));
  const project = path.join(scratch, 'npm');
  const cache = path.join(scratch, 'npm-cache');
  const tuf = path.join(cache, '_tuf', TUF_HOST);
  await mkdir(path.join(tuf, 'targets'), { recursive: true });
  const files = JSON.parse(await readFile(path.join(world, 'tuf.json'), 'utf8')) as Record<string, string>;
  await writeFile(path.join(tuf, 'root.json'), Buffer.from(files['1.root.json'] ?? '', 'base64'));
  for (const file of ['package.json', 'package-lock.json']) await cp(path.join(world, file), path.join(project, file));
  for (const { name, version, dependencies } of await lockedPackages(world)) {
    const folder = path.join(project, 'node_modules', name);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name, version, dependencies }));
  }
  const redirect = pathToFileURL(path.join(import.meta.dirname, 'redirect-tuf.mjs')).href;
  const options = ['--registry', url, '--cache', cache, '--userconfig', path.join(scratch, 'none')];
  return {
    name: NPM,
    args: ['--import', redirect, program, 'audit', 'signatures', ...options],
    cwd: project,
    env: { BENCH_TUF: `${url}tuf`, npm_config_update_notifier: 'false' },
    prepare: () => rm(path.join(cache, '_cacache'), { recursive: true, force: true }),
  };
}

/** pnpm goes by its lockfile, which is written here from npm's. */
async function pnpmAudit({ world, scratch, url }: Setting): Promise<Contender> {
  const program = process.env['BENCH_PNPM'] ?? (await which('pnpm'));
  const { stdout } = await run(program, ['--version'], { cwd: scratch });
  if (Number(stdout.split('.')[0]) < LEAST_PNPM) throw new Error(`needs pnpm ${LEAST_PNPM}, not ${stdout.trim()}`);
  const project = path.join(scratch, 'pnpm');
  const cache = path.join(scratch, 'pnpm-cache');
  await cp(path.join(world, 'package.json'), path.join(project, 'package.json'));
  const manifest = JSON.parse(await readFile(path.join(world, 'package.json'), 'utf8')) as LockedPackage;
  const lockfile = pnpmLockfile(await lockedPackages(world), manifest.dependencies ?? {});
  await writeFile(path.join(project, 'pnpm-lock.yaml'), lockfile);
  await writeFile(path.join(project, '.npmrc'), `registry=${url}\ncache-dir=${cache}\n`);
  return {
    name: PNPM,
    program,
    args: ['audit', 'signatures'],
    cwd: project,
    env: { HOME: scratch },
    prepare: () => rm(cache, { recursive: true, force: true }),
  };
}

async function lockedPackages(world: string): Promise<LockedPackage[]> {
  const text = await readFile(path.join(world, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, Omit<LockedPackage, 'name'>> };
  return Object.entries(packages)
    .filter(([key]) => key !== '')
    .map(([key, entry]) => ({ ...entry, name: key.slice('node_modules/'.length) }));
}

function pnpmLockfile(packages: readonly LockedPackage[], direct: Readonly<Record<string, string>>): string {
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const importers = Object.entries(direct).flatMap(([name, specifier]) => [
    `      ${name}:`,
    `        specifier: ${specifier}`,
    `        version: ${versions.get(name)}`,
  ]);
  const entries = packages.flatMap(({ name, version, integrity }) => [
    `  ${name}@${version}:`,
    `    resolution: {integrity: ${integrity}}`,
    '',
  ]);
  const snapshots = packages.flatMap(({ name, version, dependencies = {} }) => {
    const rows = Object.keys(dependencies).map((each) => `      ${each}: ${versions.get(each)}`);
    return rows.length === 0
      ? [`  ${name}@${version}: {}`, '']
      : [`  ${name}@${version}:`, '    dependencies:', ...rows, ''];
  });
  return [
    "lockfileVersion: '9.0'",
    '',
    'settings:',
    '  autoInstallPeers: true',
    '  excludeLinksFromLockfile: false',
    '',
    'importers:',
    '',
    '  .:',
    '    dependencies:',
    ...importers,
    '',
    'packages:',
    '',
    ...entries,
    'snapshots:',
    '',
    ...snapshots,
  ].join('\n');
}

async function which(name: string): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  throw new Error(`there is no ${name} here`);
}
