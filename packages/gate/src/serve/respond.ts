import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers';
import type { Body } from '../store/tarball-store.ts';

/** Bytes of a request's body that are read to no end but to keep the connection in order. */
const MAX_DISCARDED = 64 * 1024;

export function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, 'cache-control': 'no-store' });
  response.end(bytes);
}

/** An error in the form in which npm registries tell it. */
export function sendRefusal(response: ServerResponse, status: number, detail: string): void {
  response.setHeader('connection', 'close');
  sendText(response, status, 'application/json', JSON.stringify({ error: `lockseal: ${detail}` }));
}

/**
 * Sends a tarball. Where its chunks do not come to their end the connection is destroyed: the length, or the last chunk
 * of the encoding, is never satisfied.
 * @param stalledMs for how long a client may take nothing
 * @returns the bytes that went out; undefined: not all of them did
 * @throws whatever the chunks throw
 */
export async function sendBody(response: ServerResponse, body: Body, stalledMs: number): Promise<number | undefined> {
  let sent = 0;
  try {
    for await (const chunk of body.chunks) {
      if (!response.headersSent) response.writeHead(200, headersOf(body.length));
      sent += chunk.length;
      if (!response.write(chunk) && !(await drained(response, stalledMs))) break;
    }
    if (response.destroyed) return undefined;
    if (!response.headersSent) response.writeHead(200, headersOf(0));
    response.end();
    return (await finished(response, stalledMs)) ? sent : undefined;
  } catch (error) {
    if (response.headersSent) response.destroy();
    throw error;
  }
}

/** A tarball never changes: its digest was approved. */
export function headersOf(length: number | undefined): Record<string, string | number> {
  return {
    'content-type': 'application/octet-stream',
    'cache-control': 'public, immutable, max-age=31536000',
    'accept-ranges': 'none',
    ...(length !== undefined && { 'content-length': length }),
  };
}

/** Reads what a client sends along, within bounds. */
export async function discardBody(request: IncomingMessage): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_DISCARDED) return;
    }
  } catch {
    // Whoever breaks off gets no answer.
  }
}

function drained(response: ServerResponse, stalledMs: number): Promise<boolean> {
  return settles(response, 'drain', stalledMs);
}

function finished(response: ServerResponse, stalledMs: number): Promise<boolean> {
  return response.writableFinished ? Promise.resolve(true) : settles(response, 'finish', stalledMs);
}

/** Whether the event comes before the connection closes, and in time; otherwise the connection is destroyed. */
function settles(response: ServerResponse, event: 'drain' | 'finish', stalledMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const settle = (good: boolean): void => {
    clearTimeout(timer);
    response.off(event, onEvent).off('close', onClose);
    if (!good) response.destroy();
    resolve(good);
  };
  const onEvent = (): void => settle(true);
  const onClose = (): void => settle(response.writableFinished);
  const timer = after(() => settle(false), stalledMs);
  response.on(event, onEvent).on('close', onClose);
  if (response.destroyed) onClose();
  return promise;
}
