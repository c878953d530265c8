import type { RegistryConfig } from '../config/config.ts';

/** What the client may do, for how long, and how often it tries again. */
export interface HttpOptions {
  readonly config: RegistryConfig;
  /** true: no connection is ever made. */
  readonly offline: boolean;
  /** Milliseconds without a byte before an attempt is given up. */
  readonly idleMs?: number | undefined;
  /** Longest wait that a server's Retry-After is granted, in milliseconds. */
  readonly maxRetryAfterMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly userAgent?: string | undefined;
  /** Seeded in tests; between 0 and 1. */
  readonly random?: (() => number) | undefined;
}

export interface HttpRequest<T> {
  readonly url: string;
  /** Bytes of the answer, after decompression. */
  readonly maxBytes: number;
  readonly accept?: string | undefined;
  /** Ask for the body only if the entity tag has changed. */
  readonly etag?: string | undefined;
  /** Reads the body to its end. Called anew for each attempt; its own errors are not tried again. */
  readonly read: (body: AsyncIterable<Uint8Array>) => Promise<T>;
}

/** `maxAgeMs`: for how long the server says that the answer holds without asking again; see `maxAgeOf`. */
export type HttpAnswer<T> =
  | { readonly status: 'ok'; readonly value: T; readonly etag: string | undefined; readonly maxAgeMs: number }
  | { readonly status: 'not-modified'; readonly maxAgeMs: number }
  /** 404, 405 and 410: asked, and there is none. */
  | { readonly status: 'absent'; readonly httpStatus: number; readonly maxAgeMs: number };
