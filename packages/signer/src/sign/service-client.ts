import type { AgentOptions, IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocksealError, parseStrictJson } from '@lockseal/core';
import type { Environment } from '../identity/ci.ts';
import { WaitingTime } from './waiting-time.ts';

/** How the signing services are reached, and how long they are waited for. */
export interface SigningNetwork {
  /** An interrupt. */
  readonly signal?: AbortSignal | undefined;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` stand; without it, no proxy is used. */
  readonly environment?: Environment | undefined;
  /** Milliseconds in which one request must be answered whole. Default 20,000. */
  readonly attemptMs?: number | undefined;
  /** Milliseconds for all waiting for all services in one call. Default 45,000. */
  readonly totalMs?: number | undefined;
  /** Milliseconds before a passing fault is tried again; twice as many the second time. Default 500. */
  readonly retryMs?: number | undefined;
}

/** What each service is for, as its refusal puts it. */
const REFUSALS = {
  'certificate authority': 'gave no certificate',
  'transparency log': 'did not take the entry',
  'timestamp authority': 'gave no timestamp',
} as const;

export interface ServiceRequest {
  readonly service: keyof typeof REFUSALS;
  readonly url: string;
  /** Posted as JSON; without it, the request is a GET. */
  readonly body?: object;
  /** A status beside 2xx that is an answer. */
  readonly accept?: number;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly bytes: Buffer;
}

type Outcome =
  | { readonly status: 'answered'; readonly answer: ServiceAnswer }
  | {
      readonly status: 'failed';
      readonly found: string;
      readonly isPassing: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    };

const MAX_ANSWER = 1024 * 1024;
const ATTEMPTS = 3;

/**
 * Requests to the services of one signature. @sigstore/sign has clients of its own, which follow a redirect to any host
 * and send it the identity token again, have no bound on an answer, and no deadline. Here nothing is followed, answers
 * and time are bounded, and passing faults (connections, timeouts, 408, 429, 5xx) are tried again twice.
 */
export class ServiceClient {
  readonly #network: SigningNetwork;
  readonly #time: WaitingTime;

  constructor(network: SigningNetwork = {}) {
    this.#network = network;
    this.#time = new WaitingTime(network.totalMs ?? 45_000);
  }

  /** @throws LocksealError ERR_SIGNING, ERR_INTERRUPTED */
  async ask(request: ServiceRequest): Promise<ServiceAnswer> {
    return this.#time.during(async () => {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await this.#attempt(request);
        if (outcome.status === 'answered') return outcome.answer;
        const wait = outcome.retryAfterMs ?? (this.#network.retryMs ?? 500) * 2 ** (attempt - 1);
        if (!outcome.isPassing || attempt === ATTEMPTS || wait >= this.#time.leftMs) {
          throw refused(request, outcome.found, outcome.cause);
        }
        // Where the wait is interrupted, the next attempt says so.
        await sleep(wait, undefined, { signal: this.#stop() }).catch(() => undefined);
      }
    });
  }

  /** @throws LocksealError ERR_SIGNING, ERR_INTERRUPTED */
  async askJson(request: ServiceRequest): Promise<{ readonly answer: ServiceAnswer; readonly json: unknown }> {
    const answer = await this.ask(request);
    try {
      return { answer, json: parseStrictJson(answer.bytes) };
    } catch (cause) {
      throw refused(request, 'an answer that is not JSON', cause);
    }
  }

  /** Ends what is still under way: where one service refuses, nobody waits for the others. */
  close(): void {
    this.#time.end();
  }

  async #attempt(request: ServiceRequest): Promise<Outcome> {
    const attemptMs = this.#network.attemptMs ?? 20_000;
    const late = AbortSignal.timeout(attemptMs);
    try {
      const stop = this.#stop();
      stop.throwIfAborted();
      return await this.#send(request, AbortSignal.any([late, stop]));
    } catch (cause) {
      if (this.#network.signal?.aborted === true) {
        throw new LocksealError('ERR_INTERRUPTED', 'Interrupted', { file: request.url, cause });
      }
      if (this.#time.signal.aborted) {
        return { status: 'failed', found: 'no complete answer in time', isPassing: false, cause };
      }
      if (late.aborted) {
        return { status: 'failed', found: `no complete answer in ${attemptMs} ms`, isPassing: true, cause };
      }
      return {
        status: 'failed',
        found: cause instanceof Error ? cause.message : String(cause),
        isPassing: true,
        cause,
      };
    }
  }

  #stop(): AbortSignal {
    const { signal } = this.#network;
    return signal === undefined ? this.#time.signal : AbortSignal.any([this.#time.signal, signal]);
  }

  async #send(request: ServiceRequest, signal: AbortSignal): Promise<Outcome> {
    const response = await respond(request, this.#network.environment, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400) {
      response.destroy();
      const found = `status ${status}: a redirect to ${location ?? 'nowhere'}, which is not followed`;
      return { status: 'failed', found, isPassing: false };
    }
    const bytes = await boundedBody(response);
    if (bytes === undefined) return { status: 'failed', found: 'an answer that is too large', isPassing: false };
    if ((status >= 200 && status < 300) || status === request.accept) {
      return { status: 'answered', answer: { status, location, bytes } };
    }
    return {
      status: 'failed',
      found: `status ${status}: ${withoutTokens(bytes.toString('utf8')).slice(0, 300)}`,
      isPassing: status === 408 || status === 429 || status >= 500,
      retryAfterMs: /^\d{1,5}$/.test(response.headers['retry-after'] ?? '')
        ? Number(response.headers['retry-after']) * 1000
        : undefined,
    };
  }
}

/** Of node's own client, which follows no redirect. Loaded here, because only signing needs it. */
async function respond(
  { url, body }: ServiceRequest,
  environment: Environment | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request, Agent } = await (url.startsWith('http:') ? import('node:http') : import('node:https'));
  const text = body === undefined ? undefined : JSON.stringify(body);
  const options: AgentOptions = { keepAlive: false };
  // Node's own support of proxies (22.21, 24.5).
  const agent = new Agent(Object.assign(options, environment !== undefined && { proxyEnv: environment }));
  const headers = {
    accept: '*/*',
    ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: text === undefined ? 'GET' : 'POST', headers, agent, signal }, resolve);
    sent.on('error', reject);
    sent.end(text);
  });
}

async function boundedBody(response: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A service may repeat what it was sent; identity tokens belong in no log. */
function withoutTokens(text: string): string {
  return text.replaceAll(/eyJ[\w-]+(?:\.[\w-]*){0,2}/g, '(a token)');
}

/** What a service answered is not what makes a signature. */
export function refused({ service, url }: ServiceRequest, found: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_SIGNING', `The ${service} ${url} ${REFUSALS[service]}.`, {
    found,
    hint: 'Check that the services can be reached and accept the identity; then approve again.',
    cause,
  });
}
