import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core/approval';

/** Longest lockfile that is read, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Lockfile names by the package manager that writes them, in the order in which that manager looks for them. */
const LOCKFILES: Readonly<Record<string, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
  bun: ['bun.lock', 'bun.lockb'],
  deno: ['deno.lock'],
  vlt: ['vlt-lock.json'],
};

/** pnpm writes one lockfile a git branch where `gitBranchLockfile` is set. */
const BRANCH_LOCKFILE = /^pnpm-lock\..+\.yaml$/;

/**
 * The lockfile that a path means: the file itself, or the one in that folder. Where lockfiles of several package
 * managers lie in one folder, package.json must say which manager the project uses (`packageManager`,
 * `devEngines.packageManager`); lockseal does not guess.
 * @throws LocksealError ERR_LOCKFILE_NOT_FOUND, ERR_LOCKFILE_AMBIGUOUS, ERR_LOCKFILE_UNREADABLE
 */
export async function findLockfile(target: string): Promise<string> {
  const found = await stat(target).catch(unreadable(target));
  if (!found.isDirectory()) return target;
  const candidates = await candidatesIn(target);
  const all = [...candidates.values()].flat();
  if (all.length === 0) throw noneIn(target);
  const manager = all.length === 1 ? undefined : await declaredManager(target);
  const meant = (manager === undefined ? undefined : candidates.get(manager)) ?? all;
  if (meant.length === 1 && meant[0] !== undefined) return requireFile(path.join(target, meant[0]));
  throw new LocksealError('ERR_LOCKFILE_AMBIGUOUS', `${target} holds several lockfiles.`, {
    file: target,
    expected: 'one lockfile, or "packageManager" in package.json',
    found: all.join(', '),
    hint: `Name the one to verify: \`lockseal verify ${path.join(target, all[0] ?? '')}\`, and delete those that are not used.`,
  });
}

/** What was found by its name may be a link to a device or a pipe, which is read without end; what somebody names may be one. */
async function requireFile(file: string): Promise<string> {
  if ((await stat(file).catch(unreadable(file))).isFile()) return file;
  throw new LocksealError('ERR_LOCKFILE_UNREADABLE', `${file} is no file.`, {
    file,
    hint: 'Find out who put it there.',
  });
}

/** @throws LocksealError ERR_LOCKFILE_UNREADABLE, ERR_LOCKFILE_TOO_LARGE */
export async function readLockfileBytes(file: string): Promise<Uint8Array> {
  const { size } = await stat(file).catch(unreadable(file));
  if (size > MAX_BYTES) {
    throw new LocksealError('ERR_LOCKFILE_TOO_LARGE', `${file} is larger than any lockfile.`, {
      file,
      expected: `at most ${MAX_BYTES} bytes`,
      found: `${size} bytes`,
      hint: 'Look at what is in it; lockseal does not read it.',
    });
  }
  return readFile(file).catch(unreadable(file));
}

/**
 * What each package manager could read in a folder. Most look for several names and take the first (the others are
 * reported as shadowing it); pnpm's lockfiles of git branches are equals.
 */
async function candidatesIn(directory: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const items = await readdir(directory, { withFileTypes: true }).catch(unreadable(directory));
  const files = items.filter((item) => item.isFile() || item.isSymbolicLink()).map(({ name }) => name);
  const first = Object.entries(LOCKFILES).map(([manager, names]): [string, string[]] => [
    manager,
    names.filter((name) => files.includes(name)).slice(0, 1),
  ]);
  const branches = files.filter((name) => BRANCH_LOCKFILE.test(name)).sort();
  const present = first.map(([manager, names]): [string, string[]] => [
    manager,
    manager === 'pnpm' ? [...names, ...branches] : names,
  ]);
  return new Map(present.filter(([, names]) => names.length > 0));
}

/** The package manager that package.json names; undefined where it names none or cannot be read (the reader of the project says so). */
async function declaredManager(directory: string): Promise<string | undefined> {
  const text = await readFile(path.join(directory, 'package.json'), 'utf8').catch(() => '{}');
  const manifest = parseObject(text);
  const devEngine = parseMember(parseMember(manifest, 'devEngines'), 'packageManager');
  const name = parseMember(manifest, 'packageManager') ?? parseMember(devEngine, 'name');
  return typeof name === 'string' ? name.split('@')[0] : undefined;
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function parseMember(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function noneIn(directory: string): LocksealError {
  return new LocksealError('ERR_LOCKFILE_NOT_FOUND', `${directory} holds no lockfile.`, {
    file: directory,
    expected: Object.values(LOCKFILES).flat().join(', '),
    hint: 'Give the path of a lockfile, or make one: `npm install --package-lock-only`.',
  });
}

function unreadable(file: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const isMissing = cause.code === 'ENOENT';
    const code = isMissing ? 'ERR_LOCKFILE_NOT_FOUND' : 'ERR_LOCKFILE_UNREADABLE';
    throw new LocksealError(code, isMissing ? `There is no ${file}.` : `${file} could not be read.`, {
      file,
      found: cause.message,
      hint: isMissing ? 'Check the path; it is taken from the folder you are in.' : 'Check its permissions.',
      cause,
    });
  };
}
