import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { failure } from './failure.ts';

/** Bytes of an answer that nobody wants, read so that the connection can be used again. */
const MAX_DISCARDED = 64 * 1024;

/** The decompressed body, in bounded size. @throws LocksealError ERR_RESPONSE_TOO_LARGE, ERR_RESPONSE_INVALID */
export async function* boundedBody(response: IncomingMessage, maxBytes: number, url: string): AsyncGenerator<Buffer> {
  const announced = Number(response.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes, url);
  let size = 0;
  for await (const chunk of decoded(response, url) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes, url);
    yield chunk;
  }
}

function decoded(response: IncomingMessage, url: string): Readable {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const decoder = decoderOf(encoding);
  if (decoder === undefined) return response;
  if (decoder === 'unknown') throw failure('ERR_RESPONSE_INVALID', 'The answer has an unknown content encoding', url);
  // pipeline ends both streams with the error of either; the error itself reaches whoever reads the decoder.
  return pipeline(response, decoder, () => undefined);
}

function decoderOf(encoding: string): ReturnType<typeof createGunzip> | undefined | 'unknown' {
  switch (encoding) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return 'unknown';
  }
}

/** Reads a short body to its end, and gives up the connection of a long one. */
export async function discard(response: IncomingMessage): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_DISCARDED) return;
    }
  } catch {
    // The status is the answer; how its unread body ends changes nothing.
  }
}

function tooLarge(maxBytes: number, url: string): Error {
  return failure('ERR_RESPONSE_TOO_LARGE', `The answer has more than ${maxBytes} bytes`, url);
}
