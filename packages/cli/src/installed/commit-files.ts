import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError, parseAuthority, sameAuthority, type Authority, type LockedPackage } from '@lockseal/core';
import { findProgram, type CommitFile, type CommitFiles } from '@lockseal/gate';
import { readBatch, runGit, type Git } from './run-git.ts';

/** Of a whole commit: one of more files, or of more bytes, is not compared. */
const MAX_FILES = 100_000;
const MAX_BYTES = 1024 ** 3;
const MAX_LIST = 64 * 1024 * 1024;
const MAX_MANIFEST = 1024 * 1024;
const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export interface CommitSource {
  /** Absolute path of a private folder, which somebody removes even after a run that was killed. */
  readonly temporary: string;
  /** Absolute path of the project's root: no git in it is run. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The gate's, which lets through to these hosts and to no others. */
  readonly proxyUrl: string;
  readonly allowHosts: readonly Authority[];
  readonly signal: AbortSignal;
}

/**
 * The files of approved commits, fetched by lockseal itself: into an empty bare repository, without hooks, filters,
 * submodules or anybody's configuration, and nothing is checked out. git names a commit by the hash of all that it holds, so that
 * whoever serves it cannot change a file of it: the strength is that of git's hash (SHA-1 with collision detection, or SHA-256).
 */
export function createCommitFiles(source: CommitSource): CommitFiles {
  const known = new Map<string, Promise<readonly CommitFile[]>>();
  return async (entry) => {
    const { url, commit, folder } = wantedOf(entry);
    // Of a repository with many packages several folders may be used: its commit is fetched once.
    const key = JSON.stringify([url, commit]);
    const files = known.get(key) ?? fetchFiles({ url, commit }, source);
    known.set(key, files);
    return filesBelow(await files, folder);
  };
}

function filesBelow(files: readonly CommitFile[], folder: string): readonly CommitFile[] {
  if (folder === '') return files;
  return files.flatMap((file) =>
    file.path.startsWith(folder) ? [{ ...file, path: file.path.slice(folder.length) }] : [],
  );
}

interface Commit {
  readonly url: string;
  readonly commit: string;
}

/** @returns also the folder, with a slash at its end; '' is all */
function wantedOf({ source }: LockedPackage): Commit & { readonly folder: string } {
  if (source.type !== 'git') throw undecided('it is no git dependency');
  const { repository, commit = '', path: folder = '' } = source;
  const url = fetchUrl(repository);
  if (url === undefined) throw undecided(`lockseal cannot fetch from ${repository}`);
  if (!FULL_COMMIT.test(commit)) throw undecided('the lockfile does not pin a full commit');
  const parts = folder.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw undecided('its folder leads out of the repository');
  return { url, commit, folder: parts.map((part) => `${part}/`).join('') };
}

const HOSTED: ReadonlyMap<string, string> = new Map([
  ['github', 'https://github.com/'],
  ['gitlab', 'https://gitlab.com/'],
  ['bitbucket', 'https://bitbucket.org/'],
]);

/** By https, however it was recorded, or from a folder of this machine. undefined: nobody knows how. */
export function fetchUrl(repository: string): string | undefined {
  const text = repository.replace(/^git\+/, '');
  const [, host = '', rest = ''] = /^([a-z]+):([\w.-]+\/[\w.-]+)$/.exec(text) ?? [];
  const base = HOSTED.get(host);
  if (base !== undefined) return `${base}${rest.replace(/\.git$/, '')}.git`;
  const [, name, path_] = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/|:)(\S+)$/.exec(text) ?? [];
  const url = URL.parse(name === undefined ? text : `ssh://${name}/${path_}`);
  if (url === null) return undefined;
  if (url.protocol === 'file:') return url.host === '' ? url.href : undefined;
  if (!['https:', 'ssh:', 'git:', 'http:'].includes(url.protocol) || url.hostname === '') return undefined;
  // Ports of other protocols are none of https.
  const port = url.protocol === 'https:' && url.port !== '' ? `:${url.port}` : '';
  return `https://${url.hostname}${port}${url.pathname}`;
}

async function fetchFiles({ url, commit }: Commit, source: CommitSource): Promise<readonly CommitFile[]> {
  requireHost(url, source.allowHosts);
  const program = await findProgram('git', source.env['PATH'] ?? '', source.root);
  if (program === undefined) throw undecided('there is no git on PATH to fetch its commit with');
  const directory = await mkdtemp(path.join(source.temporary, 'commit-'));
  try {
    const git: Git = { program, directory, env: environment(url, directory, source), signal: source.signal };
    await runGit(git, ['init', '--quiet', '--bare', '--template=', ...objectFormat(commit), '.']);
    await runGit(git, ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', url, commit]);
    return await filesIn(git, commit);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function objectFormat(commit: string): readonly string[] {
  return commit.length === 64 ? ['--object-format=sha256'] : [];
}

/** The gate would refuse it, and tell it as if the package manager had asked. */
function requireHost(url: string, allowHosts: readonly Authority[]): void {
  const { protocol, host } = new URL(url);
  if (protocol === 'file:') return;
  const authority = parseAuthority(host, 443);
  if (authority !== undefined && allowHosts.some((each) => sameAuthority(each, authority))) return;
  throw undecided(`its commit is at ${host}, which the policy does not name under \`install.allowHosts\``);
}

/** Nothing of the user's: no configuration, no credentials, no editor, no question. */
function environment(url: string, home: string, { env, proxyUrl }: CommitSource): Readonly<Record<string, string>> {
  const trust = ['GIT_SSL_CAINFO', 'SSL_CERT_FILE', 'SSL_CERT_DIR'].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: env['PATH'] ?? '',
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: new URL(url).protocol === 'file:' ? 'file' : 'https',
    https_proxy: proxyUrl,
    ...Object.fromEntries(trust),
  };
}

/** What a package manager may write anew when it packs. */
function isManifest(file: string): boolean {
  return path.posix.basename(file) === 'package.json';
}

interface Blob {
  readonly path: string;
  readonly object: string;
  readonly executable: boolean;
}

async function filesIn(git: Git, commit: string): Promise<readonly CommitFile[]> {
  const found = (await runGit(git, ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`]))
    .toString('latin1')
    .trim();
  if (found !== commit) throw undecided('another commit was fetched than the approved one');
  const list = await runGit(git, ['ls-tree', '-r', '-z', '-l', '--full-tree', commit], MAX_LIST);
  const blobs = blobsIn(list.toString('utf8'));
  const digests = await readBatch(
    git,
    blobs.map(({ object }) => object),
    (bytes, at) => ({
      sha256: createHash('sha256').update(bytes).digest('hex'),
      // A copy: the rest of what was read with it is not kept.
      bytes: isManifest(blobs[at]?.path ?? '') && bytes.length <= MAX_MANIFEST ? Buffer.from(bytes) : undefined,
    }),
  );
  return blobs.flatMap(({ path: file, executable }, at): CommitFile[] => {
    const read = digests[at];
    return read === undefined ? [] : [{ path: file, size: read.size, executable, ...read.value }];
  });
}

/** Files alone: package managers leave links out when they pack, and submodules are other commits. */
function blobsIn(list: string): readonly Blob[] {
  let bytes = 0;
  const blobs = list.split('\0').flatMap((line): Blob[] => {
    const [, mode, object = '', size, file = ''] = /^(\d{6}) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(line) ?? [];
    if (!['100644', '100755', '100664'].includes(mode ?? '')) return [];
    bytes += Number(size);
    return [{ path: file, object, executable: mode === '100755' }];
  });
  if (blobs.length > MAX_FILES || bytes > MAX_BYTES) throw undecided('its commit holds more than is compared');
  return blobs;
}

function undecided(reason: string): LocksealError {
  return new LocksealError('ERR_INSTALLED', reason);
}
