import { availableParallelism } from 'node:os';
import path from 'node:path';
import { AskedThread, dealOut, type TarballFacts } from '@lockseal/core';
import type { TarballOptions, WholeReader } from './reading.ts';

export interface ReadingTask {
  readonly id: number;
  /** Shared, so that nobody copies them again. */
  readonly bytes: Uint8Array;
  readonly options: TarballOptions;
}

export interface ReadingAnswer {
  readonly id: number;
  /** undefined: they cannot be read, or not there. Why, this thread finds out by itself. */
  readonly facts: TarballFacts | undefined;
}

/** Bytes that are read on this thread before others are started: about what starting one costs. */
const FIRST = 4_000_000;
/** Tarballs that wait at a thread, so that it never waits for the next while this thread reads one itself. */
const DEPTH = 2;
/** Further threads would wait for this one, which fetches what they read. */
const MOST = 6;
/** Threads that nobody needs for so long are let go, in milliseconds. */
const IDLE_MS = 50;
/** In a checkout both files are TypeScript, as built both are JavaScript. */
const WORKER = new URL(`./reading-worker${path.extname(import.meta.filename)}`, import.meta.url);

interface Waiting {
  readonly pieces: readonly Uint8Array[];
  readonly options: TarballOptions;
  readonly resolve: (facts: TarballFacts | Promise<TarballFacts>) => void;
}

/**
 * Reads tarballs on all cores: on threads of their own and, while those are busy, on this one, a tarball at a time so that
 * answers and connections are heard in between. No thread is started before it pays, and none outlives its work. What a
 * thread cannot read, or does not live to answer, this one reads.
 */
export class ReadingPool {
  readonly #here: WholeReader;
  readonly #threads: number;
  readonly #file: URL;
  readonly #queue: Waiting[] = [];
  #workers: readonly AskedThread<Waiting, ReadingAnswer>[] = [];
  /** Bytes read on this thread; undefined: threads are started, or cannot be. */
  #readHere: number | undefined = 0;
  #open = 0;
  #isReading = false;
  #idle: NodeJS.Timeout | undefined;

  /** @param file what a thread runs */
  constructor(here: WholeReader, threads: number = Math.min(availableParallelism() - 1, MOST), file: URL = WORKER) {
    this.#here = here;
    this.#threads = threads;
    this.#file = file;
  }

  /** As `here` does. */
  async read(pieces: readonly Uint8Array[], options: TarballOptions): Promise<TarballFacts> {
    // Whoever collects code wants to see it on this thread.
    if (options.code !== undefined) return this.#here(pieces, options);
    clearTimeout(this.#idle);
    this.#open += 1;
    try {
      const { promise, resolve } = Promise.withResolvers<TarballFacts>();
      this.#queue.push({ pieces, options, resolve });
      this.#deal();
      return await promise;
    } finally {
      this.#open -= 1;
      if (this.#open === 0 && this.#workers.length > 0) this.#idle = setTimeout(() => this.#letGo(), IDLE_MS).unref();
    }
  }

  #letGo(): void {
    for (const worker of this.#workers) worker.close();
    this.#workers = [];
    this.#readHere = 0;
  }

  /** This thread takes of what threads have no room for. */
  #deal(): void {
    dealOut(this.#queue, this.#workers, DEPTH);
    if (this.#isReading || this.#queue.length === 0) return;
    this.#isReading = true;
    setImmediate(() => void this.#readOne());
  }

  async #readOne(): Promise<void> {
    const next = this.#queue.shift();
    if (next !== undefined) {
      const reading = this.#here(next.pieces, next.options);
      next.resolve(reading);
      await reading.catch(() => undefined);
      if (this.#readHere !== undefined) {
        this.#readHere += lengthOf(next.pieces);
        if (this.#readHere >= FIRST) void this.#start();
      }
    }
    this.#isReading = false;
    this.#deal();
  }

  async #start(): Promise<void> {
    this.#readHere = undefined;
    if (this.#threads < 1) return;
    // Loaded here: most runs read few tarballs.
    const { Worker } = await import('node:worker_threads');
    const asking = {
      message: ({ pieces, options }: Waiting) => ({ bytes: shared(pieces), options }) satisfies Omit<ReadingTask, 'id'>,
      answered: ({ pieces, options, resolve }: Waiting, { facts }: ReadingAnswer) =>
        resolve(facts ?? this.#here(pieces, options)),
      ended: (unread: readonly Waiting[]) => {
        this.#queue.push(...unread);
        this.#deal();
      },
    };
    const start = (): AskedThread<Waiting, ReadingAnswer> => new AskedThread(new Worker(this.#file), asking);
    try {
      this.#workers = Array.from({ length: this.#threads }, start);
    } catch {
      // Forbidden (`node --permission`), or out of memory: everything is read as if there were one core.
    }
    this.#deal();
  }
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** One copy, in memory that threads share. */
function shared(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(lengthOf(pieces)));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
