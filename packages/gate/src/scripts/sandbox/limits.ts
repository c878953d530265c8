import type { ScriptPermit } from '../model.ts';

/** What a script may use up. */
export interface Limits {
  /** Seconds on the clock, for each script; each of its processes has as many of the processor. */
  readonly timeout: number;
  /** Bytes that all processes together use, as they are watched; each can map this much, and what runtimes reserve. */
  readonly memory: number;
  /** Processes and threads of one user, and processes as they are watched. */
  readonly processes: number;
  /** Bytes of the largest file. */
  readonly fileSize: number;
  /** Bytes by which what it may write to can grow, all files together. */
  readonly disk: number;
  /** Files in what it may write to. */
  readonly files: number;
  readonly openFiles: number;
}

const GIB = 1024 ** 3;

/** What Node and other runtimes reserve of memory without using it: the kernel counts it for each process. */
const RESERVED = 2 * GIB;

/** What no policy sets. */
const FIXED = { processes: 1024, fileSize: 2 * GIB, disk: 4 * GIB, files: 200_000, openFiles: 4096 } as const;

/** Bytes of each private folder that is kept in memory: /tmp, the home, /dev/shm. */
export const SCRATCH: number = GIB;

export function limitsOf({ timeout, memory }: ScriptPermit): Limits {
  return { timeout, memory, ...FIXED };
}

/** How limits are set on the first process; its children inherit them. */
export interface LimitSetter {
  /** Words to put before a command. */
  readonly command: readonly string[];
  /** Lines for a shell to run before it. */
  readonly shell: readonly string[];
  /** What cannot be set here, in words. */
  readonly unset: readonly string[];
}

/** @param prlimit absolute path of prlimit(1) of util-linux; undefined: the shell's own `ulimit` has to do */
export function limitSetter(limits: Limits, prlimit: string | undefined): LimitSetter {
  const { timeout, memory, processes, fileSize, openFiles } = limits;
  if (prlimit !== undefined) {
    return {
      command: [
        prlimit,
        `--cpu=${timeout}`,
        `--data=${memory + RESERVED}`,
        `--nproc=${processes}`,
        `--fsize=${fileSize}`,
        `--nofile=${openFiles}`,
        '--core=0',
        '--',
      ],
      shell: [],
      unset: [],
    };
  }
  // Blocks of 512 bytes and of 1024, as POSIX and all shells have them.
  return {
    command: [],
    shell: [
      `ulimit -t ${timeout}`,
      `ulimit -f ${Math.floor(fileSize / 512)}`,
      `ulimit -n ${openFiles}`,
      `ulimit -d ${Math.floor((memory + RESERVED) / 1024)} 2>/dev/null || true`,
    ],
    unset: ['the number of processes (there is no prlimit here)'],
  };
}
