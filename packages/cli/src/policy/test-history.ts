import path from 'node:path';
import { verifyLockfile, type Baseline, type Lockfile } from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { needsOf, type Policy } from '@lockseal/policy';
import { LocksealError } from '@lockseal/core';
import { sanitize } from '@lockseal/report';
import { askGit, gitRoot, readAtRef } from '../approval/git.ts';
import { relativePath } from '../approval/place.ts';
import type { RawArgs } from '../args.ts';
import { openEvidence } from '../evidence/open-evidence.ts';
import { decodeEvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { judge } from './judge.ts';
import { versionsIn } from './read-baseline.ts';

/** Past states that are judged in one run; older ones take a narrower range. */
const MAX_COMMITS = 500;

interface Commit {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * Judges every past state of the lockfile as if on the day of its commit, each against the one before, and counts what
 * would have been stopped. On a project to which nothing bad happened these are false alarms.
 */
export async function testHistory(range: string, policy: Policy, raw: RawArgs, console: Console): Promise<number> {
  const file = await findLockfile(console.cwd);
  const root = await gitRoot(path.dirname(file));
  if (root === undefined) throw new LocksealError('ERR_CONFIG', '--history takes a git repository.', { file });
  const name = relativePath(root, file);
  const commits = await commitsOf(range, name, root);
  const first = await readBefore(commits[0], name, root);
  const evidence = await openEvidence(
    decodeEvidenceOptions(raw, console),
    { directory: path.dirname(file), format: first?.format },
    console,
  );
  let before = first;
  let alarms = 0;
  try {
    for (const { id, time } of commits) {
      const bytes = await readAtRef(root, id, name);
      if (bytes === undefined) continue;
      const lockfile = readLockfile(`${id.slice(0, 12)}:${name}`, bytes);
      const verification = await verifyLockfile({
        ...evidence,
        lockfile,
        project: undefined,
        clock: { now: () => time },
        tarballs: 'none',
        baseline: baselineOf(before),
        history: needsOf(policy).history ? 'all' : 'none',
      });
      const opened = { policy, inForce: undefined, observations: [], warnings: [] };
      const { findings } = judge({ lockfile, verification, warnings: [] }, opened, { version: '', durationMs: 0 });
      const errors = findings.filter(({ level, rule }) => level === 'error' && rule !== 'policy-file');
      if (errors.length > 0) alarms += 1;
      console.stdout.write(
        lineOf(
          id,
          time,
          errors.map(({ rule, code, subject }) => `${rule ?? code} ${subject}`),
        ),
      );
      before = lockfile;
    }
  } finally {
    evidence.close();
  }
  console.stdout.write(`\n${alarms} of ${commits.length} updates would have been stopped.\n`);
  return EXIT.good;
}

async function commitsOf(range: string, name: string, root: string): Promise<readonly Commit[]> {
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

async function readBefore(commit: Commit | undefined, name: string, root: string): Promise<Lockfile | undefined> {
  const parent = commit && (await askGit(root, ['rev-parse', '--verify', '--quiet', `${commit.id}^`]));
  const bytes = parent && (await readAtRef(root, parent, name));
  return bytes === undefined || bytes === '' ? undefined : readLockfile(`${parent ?? ''}:${name}`, bytes);
}

function baselineOf(lockfile: Lockfile | undefined): Baseline | undefined {
  return lockfile && { origin: 'the commit before', versions: versionsIn(lockfile) };
}

function lineOf(id: string, time: number, errors: readonly string[]): string {
  const head = `${id.slice(0, 12)}  ${new Date(time).toISOString().slice(0, 10)}  `;
  if (errors.length === 0) return `${head}good\n`;
  const shown = errors.slice(0, 5).map((each) => sanitize(each, 200));
  const more = errors.length > shown.length ? `, and ${errors.length - shown.length} more` : '';
  return `${head}${shown.join('; ')}${more}\n`;
}
