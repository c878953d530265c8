import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { LocksealError } from '@lockseal/core/approval';

const MAX_BYTES = 256 * 1024 * 1024;

/** The root of the working tree that holds a directory; undefined outside of one. Found without starting git. */
export async function gitRoot(directory: string): Promise<string | undefined> {
  for (let current = directory; ; current = path.dirname(current)) {
    // A file, not a folder, in worktrees and submodules.
    const found = await stat(path.join(current, '.git')).catch(() => undefined);
    if (found !== undefined) return current;
    if (path.dirname(current) === current) return undefined;
  }
}

/**
 * A file as it is at a git ref; undefined where that ref has no such file.
 * @param file relative to the root, with forward slashes
 * @throws LocksealError ERR_CONFIG for a ref that is not there
 */
export async function readAtRef(root: string, ref: string, file: string): Promise<Uint8Array | undefined> {
  const commit = await resolveRef(root, ref);
  const listed = await git(root, ['ls-tree', '--full-tree', '-z', commit, '--', file]);
  const blob = /^100\d{3} blob ([0-9a-f]{40,64})\t/.exec(listed.toString('latin1'))?.[1];
  return blob === undefined ? undefined : git(root, ['cat-file', 'blob', blob]);
}

/**
 * Refuses a name that a file and a git ref share: the change under judgement can bring along a file that is called like
 * the protected ref which it is to be compared with.
 * @param file absolute path of the file that is there
 * @throws LocksealError ERR_CONFIG
 */
export async function refuseAmbiguous(root: string, name: string, file: string): Promise<void> {
  const commit = await askGit(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (commit === undefined) return;
  throw new LocksealError('ERR_CONFIG', 'A file and a git ref have the same name, so it could mean either.', {
    file,
    found: name,
    hint: `Write ./${name} for what lies here. If the ref is meant, what lies here must go.`,
  });
}

async function resolveRef(root: string, ref: string): Promise<string> {
  try {
    const commit = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
    return commit.toString('latin1').trim();
  } catch (cause) {
    throw new LocksealError('ERR_CONFIG', `git knows no ref ${ref} here.`, {
      file: root,
      found: ref,
      hint: 'Fetch it first: `git fetch origin <branch>`, and name it as origin/<branch>.',
      cause,
    });
  }
}

/** The files of a commit: path from the root -> id of its blob. Links and submodules are none. */
export async function listTree(root: string, commit: string): Promise<ReadonlyMap<string, string>> {
  const listed = await git(root, ['ls-tree', '-r', '--full-tree', '-z', commit]);
  const rows = listed.toString('utf8').split('\0');
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const [, id, file] = /^100\d{3} blob ([0-9a-f]{40,64})\t([^]+)$/.exec(row) ?? [];
      return id === undefined || file === undefined ? [] : [[file, id]];
    }),
  );
}

/** @param id as `listTree` has it */
export async function readBlob(root: string, id: string): Promise<Uint8Array> {
  return git(root, ['cat-file', 'blob', id]);
}

/** One line that git prints, or undefined where it has nothing to say. */
export async function askGit(root: string, args: readonly string[]): Promise<string | undefined> {
  const text = await git(root, args).catch(() => undefined);
  const line = text?.toString('utf8').trim();
  return line === '' ? undefined : line;
}

async function git(root: string, args: readonly string[]): Promise<Buffer> {
  // Loaded here: a decision on the files that lie here starts no process.
  const { execFile } = await import('node:child_process');
  const run = promisify(execFile);
  const { stdout } = await run('git', ['-C', root, ...args], { encoding: 'buffer', maxBuffer: MAX_BYTES });
  return stdout;
}
