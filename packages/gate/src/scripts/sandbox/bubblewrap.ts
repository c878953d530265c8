import path from 'node:path';
import { SCRATCH } from './limits.ts';

/** What there is of the system, looked up once. */
export interface SystemFolders {
  /** `/bin`, `/lib`…: where a link stands, its target. */
  readonly links: ReadonlyMap<string, string>;
  /** Folders that are bound as they are. */
  readonly folders: readonly string[];
}

/** What not every version knows. */
export interface BubblewrapFeatures {
  /** Folders in memory can be given a size (0.7 and later). */
  readonly boundsFolders: boolean;
  /** User namespaces inside can be forbidden (0.8 and later). */
  readonly forbidsNesting: boolean;
}

/** One place that a sandboxed script sees beside the system. */
export interface Visible {
  readonly path: string;
  readonly access: 'read' | 'write';
  /** Where it shows; undefined: where it is. */
  readonly at?: string | undefined;
}

export interface Sandboxed {
  /** Folders inside the system's that are none of its business, and show empty: projects, homes. */
  readonly masked: readonly string[];
  /** Later ones lie over earlier ones. */
  readonly visible: readonly Visible[];
  /** Symbolic links to make: where, and to what. */
  readonly links: readonly (readonly [at: string, target: string])[];
  readonly workingDirectory: string;
  readonly features: BubblewrapFeatures;
}

/** Where a script's home is: empty, and gone with it. */
export const HOME = '/home/lockseal';

/** Read by the loader, by programs that look for certificates and time zones; nothing in them is a secret. */
const ETC = [
  'alternatives',
  'ca-certificates',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'nsswitch.conf',
  'pki/ca-trust',
  'pki/tls/certs',
  'ssl/certs',
  'ssl/cert.pem',
  'ssl/openssl.cnf',
];

const NAMESPACES = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
];

/**
 * The arguments of bwrap(1), up to the command. Nothing is visible but what is named here: the system's own programs and
 * libraries, and `visible`. New namespaces throughout, so that no process, socket (abstract ones too), network interface
 * or shared memory of the machine can be named; no capabilities, no controlling terminal.
 */
export function bubblewrapArguments(system: SystemFolders, sandboxed: Sandboxed): readonly string[] {
  const { masked, visible, links, workingDirectory, features } = sandboxed;
  const size = features.boundsFolders ? ['--size', String(SCRATCH)] : [];
  return [
    NAMESPACES,
    features.forbidsNesting ? ['--disable-userns'] : [],
    ['--cap-drop', 'ALL', '--new-session', '--die-with-parent', '--hostname', 'lockseal'],
    system.folders.flatMap((folder) => ['--ro-bind', folder, folder]),
    [...system.links].flatMap(([link, target]) => ['--symlink', target, link]),
    ETC.map((name) => path.posix.join('/etc', name)).flatMap((file) => ['--ro-bind-try', file, file]),
    ['--proc', '/proc', '--dev', '/dev', '--dir', '/run', '--dir', '/var'],
    [...masked, '/dev/shm', '/tmp', '/var/tmp', HOME].flatMap((folder) => [...size, '--tmpfs', folder]),
    visible.flatMap(({ path: from, access, at = from }) => [access === 'read' ? '--ro-bind' : '--bind', from, at]),
    links.flatMap(([at, target]) => ['--symlink', target, at]),
    ['--remount-ro', '/dev', '--remount-ro', '/'],
    ['--chdir', workingDirectory, '--'],
  ].flat();
}
