import { LocksealError, type ErrorCode } from '@lockseal/core';

/** Why an attempt failed, and whether another may do better. */
export class AttemptFailure extends Error {
  readonly error: LocksealError;
  readonly isTransient: boolean;
  /** What the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(error: LocksealError, isTransient: boolean, retryAfterMs?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.isTransient = isTransient;
    this.retryAfterMs = retryAfterMs;
  }
}

export function failure(code: ErrorCode, message: string, url: string, hint?: string): LocksealError {
  return new LocksealError(code, `${message} (${printableUrl(url)})`, { file: printableUrl(url), hint });
}

/** A URL without what may be secret in it: user, password, and the values of its query. */
function printableUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return 'an unreadable URL';
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

const PERMANENT =
  /^(?:ENOTFOUND|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_INVALID|HOSTNAME_|EPROTO|ERR_SSL|HPE_)/;

/** The error of a socket, a TLS handshake or a decompressor, as one of ours. */
export function fromNodeError(error: unknown, url: string): AttemptFailure {
  if (error instanceof AttemptFailure) return error;
  if (error instanceof LocksealError) return new AttemptFailure(error, false);
  if (!(error instanceof Error)) return new AttemptFailure(failure('ERR_INTERNAL', String(error), url), false);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) {
    return new AttemptFailure(new LocksealError('ERR_INTERNAL', error.message, { cause: error }), false);
  }
  if (code.startsWith('Z_')) {
    return new AttemptFailure(failure('ERR_RESPONSE_INVALID', 'The answer is not what its encoding says', url), false);
  }
  if (code.startsWith('HPE_')) {
    return new AttemptFailure(failure('ERR_RESPONSE_INVALID', `The answer is not HTTP: ${code}`, url), false);
  }
  return new AttemptFailure(failure('ERR_NETWORK', `The connection failed: ${code}`, url), !PERMANENT.test(code));
}

/** An HTTP status that is no answer, as an error. */
export function fromStatus(status: number, url: string, retryAfter: string | undefined): AttemptFailure {
  if (status === 401 || status === 403) {
    const hint = 'Check the credentials that .npmrc gives for this registry.';
    return new AttemptFailure(failure('ERR_AUTH', `The server answered ${status}`, url, hint), false);
  }
  const isTransient = status === 408 || status === 425 || status === 429 || status >= 500;
  return new AttemptFailure(failure('ERR_HTTP', `The server answered ${status}`, url), isTransient, waitOf(retryAfter));
}

/** Retry-After: seconds or an HTTP date (RFC 9110, 10.2.3), in milliseconds from now. */
function waitOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
