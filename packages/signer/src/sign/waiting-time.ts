/**
 * A deadline that runs only while somebody waits: what a person takes to touch a key, or to sign in, does not count.
 * Several may wait at once.
 */
export class WaitingTime {
  readonly #expiry = new AbortController();
  #leftMs: number;
  #waiting = 0;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(totalMs: number) {
    this.#leftMs = totalMs;
  }

  /** Aborted once the time is up, and by `end`. */
  get signal(): AbortSignal {
    return this.#expiry.signal;
  }

  /** Milliseconds that are left to wait. */
  get leftMs(): number {
    const running = this.#waiting === 0 ? 0 : performance.now() - this.#since;
    return Math.max(0, this.#leftMs - running);
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting === 0) {
      this.#since = performance.now();
      this.#timer = setTimeout(() => this.end(), this.#leftMs);
    }
    this.#waiting += 1;
    try {
      return await work();
    } finally {
      if (this.#waiting === 1) {
        clearTimeout(this.#timer);
        this.#leftMs = this.leftMs;
      }
      this.#waiting -= 1;
    }
  }

  /** Ends all waiting now. */
  end(): void {
    this.#expiry.abort();
  }
}
