import { mapBounded, type EntryId, type Lockfile } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';
import { ApprovedPackages } from './approved.ts';
import { comparePackage } from './compare-package.ts';
import { DependencyCheck } from './dependencies.ts';
import { Disk } from './disk.ts';
import { FileHasher } from './hash-files.ts';
import type { HashThread } from './hash-thread.ts';
import { join, Layout, parentOf, prefixesOf, type PackageFolder } from './layout.ts';
import { INSTALLED_LIMITS, type InstalledLimits } from './limits.ts';
import { checkLinks, ProjectFolders } from './links.ts';
import type { Omitted } from './omitted.ts';
import { comparePnp } from './pnp/compare-pnp.ts';
import { PnpPlaces } from './pnp/places.ts';
import { checkPrograms } from './programs.ts';
import type { InstalledPlace, InstalledReport } from './report.ts';
import type { CommitFiles, FileLists, InstallPlatform, PatchBytes, Run, YarnZipDigest } from './run.ts';
import { tellStrays } from './strays.ts';
import { Told } from './told.ts';
import { DESCRIPTIONS, walkModules } from './walk-modules.ts';

/** What is to be compared with what. */
export interface InstalledRequest {
  /** Absolute path of the folder that holds the lockfile, with no link on the way. */
  readonly root: string;
  /** As `bindProject` gives it: with the importers and edges that only the project's manifests tell. */
  readonly lockfile: Lockfile;
  readonly artifacts: readonly ApprovedArtifact[];
  readonly fileList: FileLists;
  /** Patch files of the project. Default: none is known, so that what a patch changed cannot be decided. */
  readonly patch?: PatchBytes | undefined;
  /** Rebuilds Yarn's zips. Default: nothing does, so that what Yarn patched by itself cannot be decided. */
  readonly yarnZip?: YarnZipDigest | undefined;
  readonly platform: InstallPlatform;
  /**
   * After approved install scripts: the folders below each package's own in which they may have added files; '' is all
   * of it. What was approved must still be as it was. Default: nothing was run.
   */
  readonly written?: ReadonlyMap<EntryId, readonly string[]> | undefined;
  /**
   * Entries without an artifact that a policy takes as the manager fetched them (git, pinned by its commit): their files
   * are not compared, which the report says. Default: none; what nothing approves cannot be decided.
   */
  readonly asFetched?: ReadonlySet<EntryId> | undefined;
  /**
   * Fetches the commits of `asFetched` entries, which are then compared with them as far as the manager keeps files as they
   * are. Default: nobody does.
   */
  readonly commitFiles?: CommitFiles | undefined;
  /** What the user told the manager to leave out (`--omit=dev`, `--prod`). Default: nothing. */
  readonly omitted?: Omitted | undefined;
  /** Paths of the importers whose dependencies must be there (`--filter`, `--workspace`). Default: all. */
  readonly importers?: readonly string[] | undefined;
  /** Folders from the root that are not looked at: build outputs with a `node_modules` of their own. Default: none. */
  readonly ignored?: readonly string[] | undefined;
  readonly limits?: InstalledLimits | undefined;
  /** Reads and hashes files beside this thread. Default: none does. */
  readonly thread?: HashThread | undefined;
}

/** Packages whose tarballs are listed at the same time. */
const LISTS = 8;

/**
 * Compares every file of every package on disk with its approved tarball. Reads only; nothing outside of the root is
 * looked at, and no link is followed but in memory.
 * @throws LocksealError ERR_INSTALLED where there is more than the bounds allow
 */
export async function compareInstalled(request: InstalledRequest): Promise<InstalledReport> {
  const run = openRun(request);
  const projects = new ProjectFolders(run);
  const homes = homesOf(request.lockfile);
  tellOutside(run);
  const unplugged = comparePnp(run);
  let folders: readonly PackageFolder[] = [...[...homes].flatMap((home) => modulesOf(run, home)), ...(unplugged ?? [])];
  while (folders.length > 0) {
    const inside = await mapBounded(folders, LISTS, async (folder) => comparePackage(run, folder));
    folders = inside.flat();
  }
  const links = checkLinks(run, projects);
  const programs = checkPrograms(run, projects);
  // With Plug'n'Play nothing is looked up in folders: the map was compared. Where there are both, whoever starts Node chooses.
  if (unplugged === undefined || hasModules(run))
    new DependencyCheck(run, projects, request.omitted ?? new Set()).check(request.importers);
  tellStrays(run, homes, new Set(request.ignored));
  await settled(run);
  const { files: filesRead, bytes: bytesRead } = run.hasher.counts;
  const report = run.told.report({ ...run.counts, filesRead, bytesRead, links, programs });
  return { ...report, folders: placesOf(run), pnp: unplugged === undefined ? undefined : run.pnp.all() };
}

function hasModules({ packages }: Run): boolean {
  return [...packages.keys()].some((place) => !place.startsWith('.yarn/unplugged/'));
}

/** What a digest tells can call for another one. */
async function settled({ hasher, pending }: Run): Promise<void> {
  await hasher.settled();
  while (pending.length > 0) {
    await Promise.all(pending.splice(0));
    await hasher.settled();
  }
}

function placesOf({ packages, scriptless }: Run): readonly InstalledPlace[] {
  return [...packages]
    .map(([place, { entries }]) => ({
      place,
      entries: entries.map(({ id }) => id),
      isScriptless: scriptless.has(place),
    }))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1));
}

function openRun({ limits = INSTALLED_LIMITS, ...request }: InstalledRequest): Run {
  const { root, lockfile, artifacts, fileList, patch, yarnZip, platform, asFetched, written, thread } = request;
  return {
    root,
    lockfile,
    approved: new ApprovedPackages(lockfile, artifacts),
    fileList,
    patch: patch ?? (async () => undefined),
    yarnZip: yarnZip ?? (() => undefined),
    platform,
    asFetched: asFetched ?? new Set(),
    commitFiles: request.commitFiles,
    written: written ?? new Map(),
    limits,
    disk: new Disk(root, limits),
    hasher: new FileHasher(thread),
    layout: new Layout(),
    told: new Told(limits.differences),
    packages: new Map(),
    uncompared: new Set(),
    scriptless: new Set(),
    pnp: new PnpPlaces(),
    counts: { packages: 0, files: 0 },
    pending: [],
  };
}

/** The folders whose `node_modules` the project's modules look into: importers, and all between them and the root. */
function homesOf({ importers }: Lockfile): ReadonlySet<string> {
  const homes = new Set(['']);
  for (const { path } of importers) {
    if (path === '.' || path.split('/').includes('..')) continue;
    for (let at = path; at !== ''; at = parentOf(at)) homes.add(at);
  }
  return homes;
}

/** What is installed in a workspace beside the lockfile's folder is not looked at, and its modules find it first. */
function tellOutside({ lockfile, disk, told }: Run): void {
  for (const { path } of lockfile.importers) {
    const place = join(path, 'node_modules');
    if (!path.split('/').includes('..') || disk.typeOf(place) === undefined) continue;
    told.undecide(undefined, place, 'it lies outside of the folder that is compared');
  }
}

function modulesOf(run: Run, home: string): readonly PackageFolder[] {
  const link = prefixesOf(home).find((each) => each !== '' && run.disk.typeOf(each) === 'link');
  if (link !== undefined) {
    run.told.undecide(undefined, link, 'a workspace lies behind a symbolic link, which is not followed');
    return [];
  }
  const place = join(home, 'node_modules');
  const type = run.disk.typeOf(place);
  if (type === undefined) return [];
  if (type === 'folder') return walkModules(run, place, 'importer');
  run.layout.add({ type: 'unknown', place });
  run.told.differ(undefined, {
    kind: 'changed',
    thing: 'folder',
    place,
    expected: 'a folder',
    found: DESCRIPTIONS[type],
  });
  return [];
}
