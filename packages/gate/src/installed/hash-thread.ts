import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { FileDigest, FileToRead } from './read-digest.ts';

export interface HashTask {
  readonly id: number;
  readonly files: readonly FileToRead[];
  /** Whoever finds 0 in it reads the files. */
  readonly claim: Int32Array<SharedArrayBuffer>;
}

export interface HashAnswer {
  readonly id: number;
  /** As many as files; undefined: another thread has taken them. */
  readonly digests: readonly FileDigest[] | undefined;
}

interface Waiting {
  readonly resolve: (digests: readonly FileDigest[]) => void;
  readonly reject: (reason: Error) => void;
}

/** A second thread that reads and hashes files. It keeps the process alive while it has some to read. */
export class HashThread {
  readonly #worker: Worker;
  readonly #open = new Map<number, Waiting>();
  #last = 0;
  #isOver = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.unref();
    worker.on('message', (answer: HashAnswer) => this.#hear(answer));
    worker.on('error', () => this.#end());
    worker.on('exit', () => this.#end());
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
  hand(files: readonly FileToRead[], claim: HashTask['claim']): Promise<readonly FileDigest[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly FileDigest[]>();
    if (this.#isOver) reject(new Error('the thread has ended'));
    else {
      this.#last += 1;
      this.#open.set(this.#last, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id: this.#last, files, claim } satisfies HashTask);
    }
    return promise;
  }

  close(): void {
    this.#isOver = true;
    void this.#worker.terminate();
  }

  #hear({ id, digests }: HashAnswer): void {
    if (digests !== undefined) this.#open.get(id)?.resolve(digests);
    this.#open.delete(id);
    if (this.#open.size === 0) this.#worker.unref();
  }

  #end(): void {
    this.#isOver = true;
    for (const { reject } of this.#open.values()) reject(new Error('the thread has ended'));
    this.#open.clear();
  }
}
