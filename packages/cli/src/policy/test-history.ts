import path from 'node:path';
import {
  LocksealError,
  verifyLockfile,
  type Baseline,
  type Finding,
  type Lockfile,
  type Project,
} from '@lockseal/core';
import { bindToProject, readLockfile } from '@lockseal/lockfile';
import { needsOf, type Policy } from '@lockseal/policy';
import { sanitize } from '@lockseal/report';
import { askGit, gitRoot, readAtRef } from '../approval/git.ts';
import { relativePath } from '../approval/place.ts';
import type { RawArgs } from '../args.ts';
import { openEvidence, type Evidence } from '../evidence/open-evidence.ts';
import { decodeEvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { filesAtCommit, type BlobCache } from './files-at-commit.ts';
import { judge } from './judge.ts';
import { versionsIn } from './read-baseline.ts';

/** Past states that are judged in one run; older ones take a narrower range. */
const MAX_COMMITS = 500;

interface Commit {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Where the past of a lockfile is found. */
interface Repository {
  readonly root: string;
  /** Of the lockfile, from the root. */
  readonly name: string;
  readonly blobs: BlobCache;
}

/**
 * Judges every past state of the lockfile as if on the day of its commit, with the manifests of that commit, each against
 * the one before, and counts what would have been stopped. On a project to which nothing bad happened these are false
 * alarms.
 */
export async function testHistory(range: string, policy: Policy, raw: RawArgs, console: Console): Promise<number> {
  const file = await findLockfile(console.cwd);
  const root = await gitRoot(path.dirname(file));
  if (root === undefined) throw new LocksealError('ERR_CONFIG', '--history takes a git repository.', { file });
  const repository: Repository = { root, name: relativePath(root, file), blobs: new Map() };
  const commits = await commitsOf(range, repository);
  const parent = commits[0] && (await askGit(root, ['rev-parse', '--verify', '--quiet', `${commits[0].id}^`]));
  let before = parent === undefined ? undefined : (await readState(parent, repository))?.lockfile;
  const evidence = await openEvidence(
    decodeEvidenceOptions(raw, console),
    { directory: path.dirname(file), format: before?.format },
    console,
  );
  let [alarms, judged] = [0, 0];
  try {
    for (const commit of commits) {
      const state = await readState(commit.id, repository);
      if (state === undefined) continue;
      const errors = await judgeState(state, { commit, before, policy, evidence });
      console.stdout.write(lineOf(commit, errors));
      alarms += errors.length > 0 ? 1 : 0;
      judged += 1;
      before = state.lockfile;
    }
  } finally {
    evidence.close();
  }
  console.stdout.write(`\n${alarms} of ${judged} updates would have been stopped.\n`);
  return EXIT.good;
}

/** A lockfile with the project around it, as both were at a commit. */
interface State {
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
}

/** undefined: the commit removed the lockfile. @throws LocksealError where it cannot be read */
async function readState(commit: string, { root, name, blobs }: Repository): Promise<State | undefined> {
  const bytes = await readAtRef(root, commit, name);
  if (bytes === undefined) return undefined;
  const read = readLockfile(`${commit.slice(0, 12)}:./${name}`, bytes);
  return bindToProject(read, path.posix.dirname(name), await filesAtCommit(root, commit, blobs));
}

interface Judging {
  readonly commit: Commit;
  readonly before: Lockfile | undefined;
  readonly policy: Policy;
  readonly evidence: Evidence;
}

async function judgeState(
  { lockfile, project }: State,
  { commit, before, policy, evidence }: Judging,
): Promise<readonly Finding[]> {
  const verification = await verifyLockfile({
    ...evidence,
    lockfile,
    project,
    clock: { now: () => commit.time },
    tarballs: 'none',
    baseline: baselineOf(before),
    history: needsOf(policy).history ? 'all' : 'none',
  });
  const opened = { policy, inForce: undefined, observations: [], warnings: [] };
  const { findings } = judge({ lockfile, verification, warnings: [] }, opened, { version: '', durationMs: 0 });
  return findings.filter(({ level, rule }) => level === 'error' && rule !== 'policy-file');
}

async function commitsOf(range: string, { root, name }: Repository): Promise<readonly Commit[]> {
  if (range.startsWith('-')) throw new LocksealError('ERR_USAGE', '--history takes a git range.', { found: range });
  const log = await askGit(root, ['log', '--reverse', '--first-parent', '--format=%H %ct', range, '--', name]);
  const commits = (log ?? '').split('\n').flatMap((line): Commit[] => {
    const [id = '', seconds] = line.split(' ');
    return /^[0-9a-f]{40,64}$/.test(id) ? [{ id, time: Number(seconds) * 1000 }] : [];
  });
  if (commits.length > 0 && commits.length <= MAX_COMMITS) return commits;
  throw new LocksealError('ERR_USAGE', `The range has ${commits.length} commits of ${name}.`, {
    expected: `1 to ${MAX_COMMITS}`,
    found: range,
    hint: 'Give a range such as v1.0..main.',
  });
}

function baselineOf(lockfile: Lockfile | undefined): Baseline | undefined {
  return lockfile && { origin: 'the commit before', versions: versionsIn(lockfile) };
}

function lineOf({ id, time }: Commit, errors: readonly Finding[]): string {
  const head = `${id.slice(0, 12)}  ${new Date(time).toISOString().slice(0, 10)}  `;
  if (errors.length === 0) return `${head}good\n`;
  const shown = errors.slice(0, 5).map(({ rule, code, subject }) => sanitize(`${rule ?? code} ${subject}`, 200));
  const more = errors.length > shown.length ? `, and ${errors.length - shown.length} more` : '';
  return `${head}${shown.join('; ')}${more}\n`;
}
