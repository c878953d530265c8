/** As much of a thread (a `Worker` of node:worker_threads) as it takes to ask it. */
export interface Thread {
  on(event: string, listener: (value: unknown) => void): unknown;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
  terminate(): unknown;
}

/** How a thread is asked for one kind of thing. */
export interface Asking<Waiting, Answer> {
  /** What is posted, beside the id that the answer has to have. */
  message(waiting: Waiting): object;
  answered(waiting: Waiting, answer: Answer): void;
  /** The thread answers no more; called once, with what it was asked and has not answered. */
  ended(open: readonly Waiting[]): void;
}

/** One thread, and what it was asked and has not answered. It keeps the process alive while that is anything. */
export class AskedThread<Waiting, Answer extends { readonly id: number }> {
  readonly #thread: Thread;
  readonly #asking: Asking<Waiting, Answer>;
  readonly #open = new Map<number, Waiting>();
  #last = 0;
  #isOver = false;

  constructor(thread: Thread, asking: Asking<Waiting, Answer>) {
    this.#thread = thread;
    this.#asking = asking;
    // It runs a file of ours, and says nothing else.
    thread.on('message', (answer) => this.#hear(answer as Answer));
    thread.on('error', () => this.#end());
    thread.on('exit', () => this.#end());
    thread.unref();
  }

  /** Without end for a thread that answers no more. */
  get waiting(): number {
    return this.#isOver ? Infinity : this.#open.size;
  }

  ask(waiting: Waiting): void {
    this.#last += 1;
    this.#thread.postMessage({ ...this.#asking.message(waiting), id: this.#last });
    this.#open.set(this.#last, waiting);
    this.#thread.ref();
  }

  /** @returns what it was asked and will not answer; `ended` is not called */
  close(): readonly Waiting[] {
    this.#isOver = true;
    void this.#thread.terminate();
    return this.#leave();
  }

  #hear(answer: Answer): void {
    const waiting = this.#open.get(answer.id);
    this.#open.delete(answer.id);
    if (this.#open.size === 0) this.#thread.unref();
    if (waiting !== undefined) this.#asking.answered(waiting, answer);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#asking.ended(this.#leave());
  }

  #leave(): readonly Waiting[] {
    const open = [...this.#open.values()];
    this.#open.clear();
    return open;
  }
}

/** Gives threads what they have room for, the least busy first; the rest stays in the queue. */
export function dealOut<Waiting>(
  queue: Waiting[],
  threads: readonly Pick<AskedThread<Waiting, never>, 'waiting' | 'ask'>[],
  depth: number,
): void {
  for (let free = leastBusy(threads, depth); free !== undefined; free = leastBusy(threads, depth)) {
    const next = queue.shift();
    if (next === undefined) return;
    free.ask(next);
  }
}

function leastBusy<T extends { readonly waiting: number }>(threads: readonly T[], depth: number): T | undefined {
  const [first, ...others] = threads.filter(({ waiting }) => waiting < depth);
  return others.reduce((least, each) => (each.waiting < (least?.waiting ?? 0) ? each : least), first);
}
