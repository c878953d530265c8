import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { headersOf, send, type Reply } from '../http/loopback-server.ts';
import type { Fault } from './faults.ts';

/** Puts an answer on the wire, in the way that the last fault of transport among these wants it. */
export async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  faults: readonly Fault[],
): Promise<void> {
  for (const fault of faults.toReversed()) {
    switch (fault.type) {
      case 'stall':
        return;
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'redirect':
        return send(response, redirection(request.url ?? '/', fault));
      case 'huge':
        return sendHuge(response, reply, fault);
      case 'drip':
        return sendDrip(response, reply, fault);
      case 'truncate':
        return sendTruncated(response, reply, fault.bytes);
      case 'strip-signatures':
      case 'strip-attestations':
      case 'tamper-bundle':
      case 'wrong-digest':
      case 'edit':
      case 'other-bytes':
      case 'garbage':
      case 'status':
      case 'rate-limit':
        break;
    }
  }
  send(response, reply);
}

function redirection(url: string, fault: Extract<Fault, { type: 'redirect' }>): Reply {
  const location = fault.to === 'same-host' ? `${REDIRECTED}${url}` : `${fault.to}${url}`;
  return { status: fault.status ?? 302, body: '', headers: { location } };
}

/** Path prefix under which redirected requests come back; they are not redirected again. */
export const REDIRECTED = '/redirected';

async function sendHuge(
  response: ServerResponse,
  reply: Reply,
  fault: Extract<Fault, { type: 'huge' }>,
): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const body = Readable.from(
    (function* () {
      for (let left = fault.bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
    })(),
  );
  const contentType = reply.contentType ?? 'application/json';
  if (fault.gzip === true) {
    response.writeHead(200, { 'content-type': contentType, 'content-encoding': 'gzip' });
    return untilClosed(pipeline(body, createGzip(), response));
  }
  response.writeHead(200, { 'content-type': contentType });
  return untilClosed(pipeline(body, response));
}

/** A client that has seen enough closes the connection; that is the point of the fault, not an error of ours. */
async function untilClosed(sending: Promise<void>): Promise<void> {
  try {
    await sending;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function sendDrip(
  response: ServerResponse,
  reply: Reply,
  fault: Extract<Fault, { type: 'drip' }>,
): Promise<void> {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, headersOf(reply, body.length));
  for (let sent = 0; sent < body.length && !response.destroyed; sent += fault.bytes) {
    response.write(body.subarray(sent, sent + fault.bytes));
    await sleep(fault.everyMs, undefined, { ref: false });
  }
  response.end();
}

function sendTruncated(response: ServerResponse, reply: Reply, bytes: number): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, headersOf(reply, body.length));
  response.write(body.subarray(0, bytes), () => response.destroy());
}
