import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { LocksealError } from '@lockseal/core';

/** A command whose processes end when lockseal does, however that ends. */
export interface GuardedCommand {
  readonly command: readonly [string, ...string[]];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folder to remove when lockseal dies before it could; absolute. */
  readonly folder: string;
  /** Signals that lockseal gets are handed on through this. */
  readonly signals: SignalSource;
  /** Standard output of the child; `stderr`: standard output is lockseal's own, for a report. */
  readonly output: 'stdout' | 'stderr';
}

/** Where signals come from: the process, or a test. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export type Ended =
  | { readonly by: 'exit'; readonly code: number }
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals };

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The shell leads a process group of its own, leaves a watcher in it and becomes the command. The watcher reads a pipe
 * whose other end lockseal alone holds: when that is closed, by us or by the system after a `kill -9`, it removes the
 * folder and ends the whole group, itself included. The command starts after the watcher: there is no moment without.
 */
const GUARD = `( ( trap '' HUP INT TERM; read -r _ <&3; rm -rf -- "$1"; kill -s KILL -- "-$$" ) >/dev/null 2>&1 & )
exec 3<&-
shift
exec "$@"`;

/**
 * Runs a command to its end; nothing of its process group is left when this resolves.
 * @throws LocksealError ERR_MANAGER where it cannot be started
 */
export async function runGuarded(run: GuardedCommand): Promise<Ended> {
  const child = spawn('/bin/sh', ['-c', GUARD, 'lockseal', run.folder, ...run.command], {
    cwd: run.cwd,
    env: run.env,
    detached: true,
    stdio: ['inherit', run.output === 'stdout' ? 'inherit' : 2, 'inherit', 'pipe'],
  });
  const forward = FORWARDED.map((signal) => [signal, () => signalGroup(child, signal)] as const);
  for (const [signal, listener] of forward) run.signals.on(signal, listener);
  try {
    return await ending(child);
  } finally {
    for (const [signal, listener] of forward) run.signals.off(signal, listener);
    // What the command left running could still change what is about to be compared.
    signalGroup(child, 'SIGKILL');
  }
}

function ending(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      const details = { found: cause.message, hint: 'lockseal starts commands by /bin/sh: is it there?', cause };
      reject(new LocksealError('ERR_MANAGER', 'The command could not be started.', details));
    });
    child.on('exit', (code, signal) => {
      resolve(signal === null ? { by: 'exit', code: code ?? 1 } : { by: 'signal', signal });
    });
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: nobody is left. EPERM: what is left has become another user's.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
