import type { IncomingHttpHeaders } from 'node:http';

/** No server's word is taken for longer: npm's registry gives its documents five minutes. */
export const MAX_FRESH_MS: number = 5 * 60 * 1000;

/**
 * For how long an answer may be used without asking again: `max-age` (RFC 9111, 5.2.2) less the age that it came with,
 * in milliseconds; nothing where the server forbids to keep it, says anything that is not understood, or says nothing.
 */
export function maxAgeOf(headers: IncomingHttpHeaders): number {
  const directives = (headers['cache-control'] ?? '').split(',').map((directive) => directive.trim().toLowerCase());
  if (directives.some((directive) => /^(?:no-store|no-cache|must-understand)\b/.test(directive))) return 0;
  const [maxAge, ...more] = directives.flatMap((directive) => /^max-age=(\d{1,9})$/.exec(directive)?.[1] ?? []);
  const age = headers['age'] ?? '0';
  if (maxAge === undefined || more.length > 0 || !/^\d{1,9}$/.test(age)) return 0;
  return Math.min(MAX_FRESH_MS, Math.max(0, Number(maxAge) - Number(age)) * 1000);
}
