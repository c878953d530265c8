import path from 'node:path';
import { AskedThread, type Thread } from '@lockseal/core';
import type { FileFound, FileToRead } from './read-digest.ts';

export interface HashTask {
  readonly id: number;
  readonly files: readonly FileToRead[];
  /** Whoever finds 0 in it reads the files. */
  readonly claim: Int32Array<SharedArrayBuffer>;
}

export interface HashAnswer {
  readonly id: number;
  /** As many as files; undefined: another thread has taken them. */
  readonly found: readonly FileFound[] | undefined;
}

interface Waiting {
  readonly task: Omit<HashTask, 'id'>;
  readonly resolve: (found: readonly FileFound[]) => void;
  readonly reject: (reason: Error) => void;
}

/** A second thread that reads and hashes files. It keeps the process alive while it has some to read. */
export class HashThread {
  readonly #thread: AskedThread<Waiting, HashAnswer>;

  private constructor(worker: Thread) {
    this.#thread = new AskedThread(worker, {
      message: ({ task }) => task,
      answered: ({ resolve }, { found }) => {
        if (found !== undefined) resolve(found);
      },
      ended: rejectAll,
    });
  }

  /** undefined: threads are forbidden here (`node --permission`), or there is no memory for one. */
  static async start(): Promise<HashThread | undefined> {
    // Loaded here: most runs of lockseal compare nothing.
    const { Worker } = await import('node:worker_threads');
    // In a checkout both files are TypeScript, as built both are JavaScript.
    const file = new URL(`./hash-worker${path.extname(import.meta.filename)}`, import.meta.url);
    try {
      return new HashThread(new Worker(file));
    } catch {
      return undefined;
    }
  }

  /**
   * Has files read, if this thread is the first to claim them: otherwise it never settles.
   * @throws Error where the thread has ended
   */
  hand(files: readonly FileToRead[], claim: HashTask['claim']): Promise<readonly FileFound[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly FileFound[]>();
    const waiting = { task: { files, claim }, resolve, reject };
    if (this.#thread.waiting === Infinity) rejectAll([waiting]);
    else this.#thread.ask(waiting);
    return promise;
  }

  close(): void {
    rejectAll(this.#thread.close());
  }
}

function rejectAll(open: readonly Waiting[]): void {
  for (const { reject } of open) reject(new Error('the thread has ended'));
}
