import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkSettings, RegistryConfig } from '../config/config.ts';
import { failure, fromNodeError, type AttemptFailure } from './failure.ts';
import { Limiter } from './limiter.ts';
import type { Transport } from './transport.ts';
import type { HttpAnswer, HttpOptions, HttpRequest } from './types.ts';

const DEFAULT_MAX_RETRY_AFTER_MS = 60_000;

/**
 * GET requests to configured hosts only. Credentials go to the URL prefix that they are filed under, and to no other
 * origin after a redirect; every hop of a redirect is held to the configured hosts. Answers are bounded in size and
 * time; passing faults (reset, 408, 429, 5xx) are tried again after a growing, jittered wait or the server's own.
 */
export class HttpClient {
  readonly #config: RegistryConfig;
  readonly #options: HttpOptions;
  #transport: Promise<Transport> | undefined;
  readonly #limiter: Limiter;
  /** Origins to which no connection could be made, not even by trying again; what follows is tried once. */
  readonly #unreachable = new Set<string>();

  constructor(options: HttpOptions) {
    this.#config = options.config;
    this.#options = options;
    this.#limiter = new Limiter(options.config.network.concurrency);
  }

  /** @throws LocksealError with a network code; or whatever `request.read` throws */
  async get<T>(request: HttpRequest<T>): Promise<HttpAnswer<T>> {
    if (this.#options.offline) throw failure('ERR_OFFLINE', 'Not fetched, because of --offline', request.url);
    return this.#limiter.run(() => this.#withRetries(request));
  }

  /** Closes idle connections. */
  close(): void {
    void this.#transport?.then((transport) => transport.close());
  }

  async #withRetries<T>(request: HttpRequest<T>): Promise<HttpAnswer<T>> {
    const { network } = this.#config;
    const deadline = AbortSignal.timeout(network.timeoutMs);
    const signals = this.#options.signal === undefined ? [deadline] : [deadline, this.#options.signal];
    const signal = AbortSignal.any(signals);
    for (let attempt = 0; ; attempt++) {
      try {
        signal.throwIfAborted();
        const answer = await (await this.#load()).attempt(request, signal);
        this.#unreachable.delete(originOf(request.url));
        return answer;
      } catch (error) {
        if (deadline.aborted)
          throw failure('ERR_TIMEOUT', `No complete answer in ${network.timeoutMs} ms`, request.url);
        if (signal.aborted) throw failure('ERR_INTERRUPTED', 'Interrupted', request.url);
        const failed = fromNodeError(error, request.url);
        const wait = this.#waitBefore(attempt + 1, failed, request.url);
        if (wait === undefined) throw failed.error;
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Milliseconds until the next attempt; undefined: none will be made. */
  #waitBefore(attempt: number, failed: AttemptFailure, url: string): number | undefined {
    const { network } = this.#config;
    const isUnreachable = failed.error.code === 'ERR_NETWORK' && this.#unreachable.has(originOf(url));
    if (!failed.isTransient || attempt > network.retries || isUnreachable) {
      if (failed.error.code === 'ERR_NETWORK') this.#unreachable.add(originOf(url));
      return undefined;
    }
    const longest = this.#options.maxRetryAfterMs ?? DEFAULT_MAX_RETRY_AFTER_MS;
    if (failed.retryAfterMs !== undefined) return failed.retryAfterMs > longest ? undefined : failed.retryAfterMs;
    return backoff(attempt, network, this.#options.random ?? Math.random);
  }

  #load(): Promise<Transport> {
    this.#transport ??= import('./transport.ts').then(({ Transport }) => new Transport(this.#options));
    return this.#transport;
  }
}

/** Exponential, with full jitter in its upper half. */
function backoff(attempt: number, network: NetworkSettings, random: () => number): number {
  const wait = Math.min(network.retryMaxMs, network.retryMinMs * network.retryFactor ** (attempt - 1));
  return wait / 2 + (wait / 2) * random();
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}
