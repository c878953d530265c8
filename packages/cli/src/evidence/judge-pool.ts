import { availableParallelism } from 'node:os';
import path from 'node:path';
import { AskedThread, dealOut, type EvidenceVerdict, type JudgePool, type JudgeQuestion } from '@lockseal/core';

export type Judge = (question: JudgeQuestion) => EvidenceVerdict;

export interface JudgeWorkerData {
  /** The trusted root as read. */
  readonly rootBytes: Uint8Array;
}

export interface JudgeTask {
  readonly id: number;
  readonly question: JudgeQuestion;
}

export interface JudgeAnswer {
  readonly id: number;
  readonly verdict: EvidenceVerdict;
}

/** Questions after which it is known that verdicts are to be reached, not remembered. */
const FIRST = 24;
/** With fewer packages left, a thread costs more than it takes off this one: starting one is worth 25 packages. */
const LEAST = 150;
/** Questions that wait at a thread, so that it never waits for the next while this thread judges one itself. */
const DEPTH = 6;
/** Further threads would wait for this one, which does all the rest. */
const MOST = 4;

interface Waiting {
  readonly question: JudgeQuestion;
  readonly resolve: (verdict: EvidenceVerdict) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Judges on all cores: on threads of their own and, while those are busy, on this one, a question at a time so that
 * their answers are heard in between. No thread is started before it pays. What a thread was asked that fails to start
 * or dies, this one answers.
 */
export class WorkerPool implements JudgePool {
  readonly #rootBytes: Uint8Array;
  readonly #here: Judge;
  readonly #threads: number;
  readonly #queue: Waiting[] = [];
  #asked = 0;
  #workers: readonly AskedThread<Waiting, JudgeAnswer>[] = [];
  #isJudging = false;
  #isClosed = false;

  /** @param here judges on this thread by the same root */
  constructor(rootBytes: Uint8Array, here: Judge, threads: number = Math.min(availableParallelism() - 1, MOST)) {
    this.#rootBytes = rootBytes;
    this.#here = here;
    this.#threads = threads;
  }

  judge(question: JudgeQuestion, left: number): Promise<EvidenceVerdict> | undefined {
    this.#asked += 1;
    if (this.#workers.length === 0) {
      if (this.#asked === FIRST && left >= LEAST && this.#threads > 0) void this.#start();
      return undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<EvidenceVerdict>();
    this.#queue.push({ question, resolve, reject });
    this.#deal();
    return promise;
  }

  release(): void {
    for (const worker of this.#workers) worker.close();
    this.#workers = [];
    this.#asked = 0;
  }

  close(): void {
    this.#isClosed = true;
    this.release();
  }

  async #start(): Promise<void> {
    // Loaded here: most runs judge little.
    const { Worker } = await import('node:worker_threads');
    if (this.#isClosed) return;
    const workerData: JudgeWorkerData = { rootBytes: this.#rootBytes };
    // In a checkout both files are TypeScript, as built both are JavaScript.
    const file = new URL(`./judge-worker${path.extname(import.meta.filename)}`, import.meta.url);
    const asking = {
      message: ({ question }: Waiting) => ({ question }) satisfies Omit<JudgeTask, 'id'>,
      answered: ({ resolve }: Waiting, { verdict }: JudgeAnswer) => resolve(verdict),
      ended: (open: readonly Waiting[]) => this.#takeBack(open),
    };
    const start = (): AskedThread<Waiting, JudgeAnswer> => new AskedThread(new Worker(file, { workerData }), asking);
    try {
      this.#workers = Array.from({ length: this.#threads }, start);
    } catch {
      // Forbidden (`node --permission`), or out of memory: everything is judged as if there were one core.
    }
  }

  /** This thread takes of what threads have no room for. */
  #deal(): void {
    dealOut(this.#queue, this.#workers, DEPTH);
    if (this.#isJudging || this.#queue.length === 0) return;
    this.#isJudging = true;
    setImmediate(() => this.#judgeOne());
  }

  #judgeOne(): void {
    this.#isJudging = false;
    const next = this.#queue.shift();
    if (next === undefined) return;
    try {
      next.resolve(this.#here(next.question));
    } catch (error) {
      next.reject(error);
    }
    this.#deal();
  }

  #takeBack(open: readonly Waiting[]): void {
    this.#queue.push(...open);
    this.#deal();
  }
}
