import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { lockedSha512, LocksealError, toPurl, type EntryId, type Finding } from '@lockseal/core';
import type { ApprovedArtifact, CommitFiles, InstalledReport, RunFolder, ScriptOutcome } from '@lockseal/gate';
import type { GoodBasis } from '../gate/basis.ts';
import type { OpenedGate } from '../gate/open.ts';
import { checkInstalled, type InstalledCheck } from '../installed/check-installed.ts';
import { createCommitFiles } from '../installed/commit-files.ts';
import type { Console } from '../io/console.ts';
import { runApprovedScripts } from '../scripts/run-approved.ts';
import { findingsOfOwnCommand } from './left-out.ts';
import type { InstallArgs } from './options.ts';
import type { ReadAhead } from './read-ahead.ts';
import { undecidedOnDisk, type DiskCheck, type ScriptRun, type UndecidedThing } from './report.ts';

/** What there is to say of an installation once the package manager is done. */
export interface Aftermath {
  readonly findings: readonly Finding[];
  readonly undecided: readonly UndecidedThing[];
  readonly disk: DiskCheck;
  readonly scripts: ScriptRun;
}

export interface Installation {
  readonly args: InstallArgs;
  readonly basis: GoodBasis;
  readonly opened: OpenedGate;
  /** Of the run; undefined: nothing was run, so that no script runs either. */
  readonly folder: RunFolder | undefined;
  /** Stopped. */
  readonly ahead: ReadAhead;
}

/**
 * Compares what is installed with what was approved; where all is as it should be runs the approved install scripts, and
 * then compares once more, because a script can do more than build its own package.
 * @throws LocksealError ERR_INSTALLED, ERR_SANDBOX
 */
export async function afterInstall(installation: Installation, console: Console): Promise<Aftermath> {
  const { args, folder } = installation;
  const commitFiles = commitFilesFor(installation, console);
  const check = await compare(installation, commitFiles);
  const before = { ...told(args, check), disk: { status: 'compared', report: check.report } } as const;
  const skipped = (reason: string): Aftermath => ({ ...before, scripts: { status: 'skipped', reason } });
  if (folder === undefined) return skipped('nothing was installed');
  if (!args.runScripts) return skipped('--no-scripts');
  if (before.undecided.length > 0 || before.findings.some(({ level }) => level === 'error')) {
    return skipped('what is on disk is not what was approved');
  }
  const { findings, outcomes } = await runScripts(installation, folder, check.report, console);
  const scripts = { status: 'ran', outcomes } as const;
  if (outcomes.length === 0) return { ...before, findings: [...before.findings, ...findings], scripts };
  const again = await compare(installation, commitFiles, writtenBy(outcomes));
  const after = told(args, again);
  const disk = { status: 'compared', report: again.report } as const;
  return { ...after, findings: [...after.findings, ...findings], disk, scripts };
}

/** undefined: nothing may be fetched, so that git dependencies are taken as they are, which is told. */
function commitFilesFor({ args, basis, opened, folder }: Installation, console: Console): CommitFiles | undefined {
  if (args.gate.evidence.offline) return undefined;
  return createCommitFiles({
    temporary: folder?.directory ?? tmpdir(),
    root: basis.place.root,
    env: console.env,
    proxyUrl: opened.gate.proxyUrl,
    allowHosts: basis.policy.install.allowHosts,
    signal: console.signal,
  });
}

async function compare(
  { args, basis, opened, ahead: { cache, known, thread } }: Installation,
  commitFiles: CommitFiles | undefined,
  written?: ReadonlyMap<EntryId, readonly string[]>,
): Promise<InstalledCheck> {
  const { place, lockfile, project } = basis;
  const root = path.dirname(place.file);
  const local = await localTarballs(basis);
  return checkInstalled({
    root,
    lockfile,
    project,
    artifacts: [...opened.selection.artifacts, ...local.keys()],
    platform: { os: process.platform, cpu: process.arch },
    omitted: args.omitted,
    asFetched: entriesByGit(opened),
    commitFiles,
    written,
    tarball: (artifact) => {
      const file = local.get(artifact);
      return file === undefined ? opened.gate.tarball(artifact) : createReadStream(file);
    },
    cache,
    known,
    thread,
  });
}

/** What the policy lets come by git: its commit is the pin, and no tarball tells its files. */
function entriesByGit({ selection }: OpenedGate): ReadonlySet<EntryId> {
  return new Set([...selection.standings].flatMap(([id, standing]) => (standing.class === 'git' ? [id] : [])));
}

/**
 * Tarballs that the project carries, which no gate serves, and where they lie. Where nobody vouches for one, the lockfile's
 * sha512 counts; where nothing stronger than a sha1 pins it either (Yarn 1), it is its own measure, as the project's other
 * files are.
 */
async function localTarballs({ lockfile, voucher, place }: GoodBasis): Promise<ReadonlyMap<ApprovedArtifact, string>> {
  const found = new Map<ApprovedArtifact, string>();
  for (const entry of lockfile.entries) {
    const { id, name, version, source } = entry;
    if (source.type !== 'file') continue;
    const file = path.join(path.dirname(place.file), source.path);
    const vouched = voucher.sha512Of(entry);
    const pinned = vouched.status === 'vouched' ? vouched.pin : lockedSha512(entry.pin);
    const sha512 = pinned ?? (await sha512Of(file));
    if (sha512 === undefined) continue;
    const elsewhere = { registry: undefined, lockedUrl: undefined, path: undefined };
    found.set({ name, version, purl: toPurl(name, version), sha512, entries: [id], ...elsewhere }, file);
  }
  return found;
}

/** undefined: it is not there, and what was installed from it is not compared. */
async function sha512Of(file: string): Promise<string | undefined> {
  const hash = createHash('sha512');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

function told(
  { command }: InstallArgs,
  { findings, report }: InstalledCheck,
): Pick<Aftermath, 'findings' | 'undecided'> {
  return {
    findings: command === undefined ? findings : findingsOfOwnCommand(report),
    undecided: undecidedOnDisk(report),
  };
}

async function runScripts(
  { args, basis: { place, lockfile, policy }, opened }: Installation,
  folder: RunFolder,
  { folders = [], pnp }: InstalledReport,
  console: Console,
): ReturnType<typeof runApprovedScripts> {
  if (console.signal.aborted) throw new LocksealError('ERR_INTERRUPTED', 'The install was interrupted.');
  const request = {
    root: path.dirname(place.file),
    temporary: folder.directory,
    lockfile,
    folders,
    pnp,
    policy,
    mode: args.sandbox,
    gate: opened.gate,
    certificates: folder.authorities.allAuthorities,
  };
  return runApprovedScripts(request, console);
}

/** Folders below each package's own in which its scripts may have left files. */
function writtenBy(outcomes: readonly ScriptOutcome[]): ReadonlyMap<EntryId, readonly string[]> {
  return new Map(
    outcomes.map(({ package: { entry, directory }, writable }) => [
      entry,
      writable.map((folder) => path.relative(directory, folder).split(path.sep).join('/')),
    ]),
  );
}
