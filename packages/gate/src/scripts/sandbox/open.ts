import { spawn } from 'node:child_process';
import { access, constants, lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { LocksealError } from '@lockseal/core';
import { endAfter } from '../../run/end-after.ts';
import { bubblewrapArguments, type BubblewrapFeatures, type SystemFolders } from './bubblewrap.ts';

export const SANDBOX_MODES = ['auto', 'require', 'off'] as const;

/** `auto`: where the system has one. `require`: no script runs without. `off`: none, on purpose. */
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** What holds scripts in. */
export type Sandbox = {
  /** Absolute paths of prlimit(1) and setsid(1), if they are there. */
  readonly prlimit: string | undefined;
  readonly setsid: string | undefined;
} & (
  | {
      readonly kind: 'bubblewrap';
      /** Absolute path of bwrap(1). */
      readonly program: string;
      readonly system: SystemFolders;
      readonly features: BubblewrapFeatures;
    }
  | { readonly kind: 'seatbelt'; readonly program: string }
  /** Nothing does. */
  | { readonly kind: 'none'; readonly reason: string }
);

/** The machine, as far as it matters here; a test gives another. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Folders in which programs are looked for. */
  readonly programs: readonly string[];
}

/** Not the PATH of whoever calls: a folder of the project in it would choose the sandbox. */
const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'] as const;

const INSTALL = 'Install bubblewrap (`apt-get install bubblewrap`), and let it make user namespaces.';

/**
 * Finds the sandbox of this machine by running something in it.
 * @throws LocksealError ERR_SANDBOX where one is required and there is none; on Windows always
 */
export async function openSandbox(
  mode: SandboxMode,
  machine: Machine = { platform: process.platform, programs: PROGRAM_FOLDERS },
): Promise<Sandbox> {
  if (machine.platform === 'win32') {
    throw new LocksealError('ERR_SANDBOX', 'Install scripts are not run on Windows.', {
      hint: 'Nothing here holds them in or ends them. Run what you approved yourself: `npm rebuild <package>`.',
    });
  }
  const tools = { prlimit: await find('prlimit', machine), setsid: await find('setsid', machine) };
  if (mode === 'off') return { kind: 'none', ...tools, reason: '--sandbox=off' };
  const found = machine.platform === 'darwin' ? await openSeatbelt(machine) : await openBubblewrap(machine);
  if (typeof found !== 'string') return { ...found, ...tools };
  if (mode === 'auto') return { kind: 'none', ...tools, reason: found };
  throw new LocksealError('ERR_SANDBOX', 'There is no sandbox for install scripts on this machine.', {
    found,
    hint: machine.platform === 'linux' ? INSTALL : 'Give --sandbox=off to do without one.',
  });
}

type Found<Kind extends Sandbox['kind']> = Omit<Extract<Sandbox, { kind: Kind }>, 'prlimit' | 'setsid'>;

/** Newest first: what it does not know it refuses. */
const FEATURES: readonly BubblewrapFeatures[] = [
  { boundsFolders: true, forbidsNesting: true },
  { boundsFolders: true, forbidsNesting: false },
  { boundsFolders: false, forbidsNesting: false },
];

/** @returns the reason, where there is none */
async function openBubblewrap(machine: Machine): Promise<Found<'bubblewrap'> | string> {
  const program = await find('bwrap', machine);
  if (program === undefined) return 'there is no bwrap';
  const system = await systemFolders();
  const reasons: string[] = [];
  for (const features of FEATURES) {
    const sandboxed = { masked: [], visible: [], links: [], workingDirectory: '/', features };
    const failure = await tryRun(program, [...bubblewrapArguments(system, sandboxed), '/bin/sh', '-c', 'exit 0']);
    if (failure === undefined) return { kind: 'bubblewrap', program, system, features };
    reasons.push(failure);
  }
  return `${program} does not work here: ${reasons.at(-1) ?? ''}`;
}

async function openSeatbelt(machine: Machine): Promise<Found<'seatbelt'> | string> {
  const program = await find('sandbox-exec', machine);
  if (program === undefined) return 'there is no sandbox-exec';
  const failure = await tryRun(program, ['-p', '(version 1)(allow default)', '/usr/bin/true']);
  return failure === undefined ? { kind: 'seatbelt', program } : `${program} does not work here: ${failure}`;
}

/** In words, for whoever starts an install. */
export function describeSandbox(sandbox: Sandbox): string {
  switch (sandbox.kind) {
    case 'bubblewrap':
      return 'Install scripts run in a sandbox (bubblewrap).';
    case 'seatbelt':
      return 'Install scripts run in a sandbox (sandbox-exec); on macOS this was never tried by its authors.';
    case 'none':
      return `Install scripts run WITHOUT a sandbox (${sandbox.reason}): what is approved can read and change whatever you can.`;
  }
}

async function find(name: string, { programs }: Machine): Promise<string | undefined> {
  for (const folder of programs) {
    const file = path.join(folder, name);
    if (await canRun(file)) return file;
  }
  return undefined;
}

async function canRun(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** What programs and libraries need; /etc is no part of it. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store'] as const;

async function systemFolders(): Promise<SystemFolders> {
  const links = new Map<string, string>();
  const folders: string[] = [];
  for (const folder of SYSTEM) {
    const found = await lstat(folder).catch(() => undefined);
    if (found?.isSymbolicLink() === true) links.set(folder, await readlink(folder));
    else if (found?.isDirectory() === true) folders.push(folder);
  }
  return { links, folders };
}

const PROBE_TIME = 10_000;

/** @returns what went wrong */
async function tryRun(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
    endAfter(child, PROBE_TIME);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(0, 500);
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      const end = signal === null ? `exit code ${code ?? 'unknown'}` : signal;
      resolve(code === 0 ? undefined : said.trim() || end);
    });
  });
}
