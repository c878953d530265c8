import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TarballFile } from '@lockseal/core';
import { HashThread, type ApprovedArtifact, type FileLists } from '@lockseal/gate';
import { Cache, createTarballReader, getTarballFacts } from '@lockseal/registry';
import { directoriesOf } from '../evidence/directories.ts';
import type { OpenedGate } from '../gate/open.ts';
import { createFileLists, type KnownLists } from '../installed/file-lists.ts';
import type { Console } from '../io/console.ts';
import type { InstallArgs } from './options.ts';

/** With fewer packages a thread takes longer to start than it saves. */
const WORTH_A_THREAD = 50;
/** Records that are read from the cache before the gate gets a turn. */
const AT_ONCE = 8;
/** The gate has time for other things once it has handed out nothing for so long. */
const QUIET_MS = 25;
/**
 * Larger tarballs are left to the comparison. They are few, take as long as all others, and whoever fetches packages of other
 * platforms, too, as Yarn 1 does, installs hardly any of them.
 */
const SMALL = 512 * 1024;

/**
 * What the comparison with the disk needs and a package manager cannot change, made ready while it runs: the files of
 * approved tarballs, from bytes of the approved sha512, and a thread. Nothing on disk is read before the run is over:
 * whoever holds a file mapped can change it without any trace in its times.
 */
export class ReadAhead {
  /** Of this run, for all that is read of tarballs; undefined: there is to be none. */
  readonly cache: Cache | undefined;
  /** That helps to hash; undefined: it would not help, or cannot be had. */
  readonly thread: HashThread | undefined;
  readonly #known = new Map<string, readonly TarballFile[]>();
  #isOver = false;

  private constructor(cache: Cache | undefined, thread: HashThread | undefined) {
    this.cache = cache;
    this.thread = thread;
  }

  static async start(
    { gate: { evidence } }: Pick<InstallArgs, 'gate'>,
    { selection: { artifacts } }: OpenedGate,
    console: Console,
    onWarning: (message: string) => void,
  ): Promise<ReadAhead> {
    const { cacheDirectory: directory, stateDirectory } = directoriesOf(evidence, console);
    const hasCache = directory !== undefined && stateDirectory !== undefined;
    const cache = hasCache ? new Cache({ directory, stateDirectory, now: console.now, onWarning }) : undefined;
    const isWorthIt = artifacts.length >= WORTH_A_THREAD && availableParallelism() > 1;
    return new ReadAhead(cache, isWorthIt ? await HashThread.start() : undefined);
  }

  /** By the sha512 of the tarball. */
  get known(): KnownLists {
    return this.#known;
  }

  /** Reads until it is stopped: first what the cache has, then what the gate hands out, while the gate itself is idle. */
  async read({ gate, selection: { artifacts } }: Pick<OpenedGate, 'gate' | 'selection'>): Promise<void> {
    for (const [index, { sha512 }] of artifacts.entries()) {
      if (this.#isOver) return;
      const list = getTarballFacts(this.cache, sha512)?.list;
      if (list !== undefined) this.#known.set(sha512, list);
      if (index % AT_ONCE === 0) await new Promise((resume) => void setImmediate(resume));
    }
    // On this thread, a few milliseconds each: one of its own would take from the package manager what it gives.
    const read = createTarballReader(undefined, 0);
    const lists = createFileLists((artifact) => gate.tarball(artifact), this.cache, new Map(), read);
    for (let at = 0, before = 0; !this.#isOver;) {
      const { handedOut } = gate;
      const next = handedOut.length === before ? handedOut[at] : undefined;
      before = handedOut.length;
      if (next === undefined) await sleep(QUIET_MS, undefined, { ref: false });
      else {
        if (next.bytes <= SMALL) await this.#list(next.artifact, lists);
        at += 1;
      }
    }
  }

  /** The comparison begins: it reads what is left. */
  stop(): void {
    this.#isOver = true;
  }

  close(): void {
    this.stop();
    this.cache?.close();
    this.thread?.close();
  }

  /** What cannot be read now the comparison asks for again, and tells. */
  async #list(artifact: ApprovedArtifact, lists: FileLists): Promise<void> {
    if (this.#known.has(artifact.sha512)) return;
    const list = await lists(artifact).catch(() => undefined);
    if (list !== undefined) this.#known.set(artifact.sha512, list);
  }
}
