import { createHash } from 'node:crypto';

/** The bytes came whole, and are not the ones that were meant. */
export class DigestMismatch extends Error {
  /** Lower-case hex sha512 of the bytes that came. */
  readonly found: string;

  constructor(found: string) {
    super('the bytes have another sha512');
    this.found = found;
  }
}

/**
 * Passes bytes on while they are hashed, always one chunk behind: the last one, which may be the only one, comes out
 * only once the whole has the digest. Whoever reads this and is stopped by the error has no complete file.
 * @param sha512 lower-case hex
 * @throws DigestMismatch, or whatever the source throws
 */
export async function* heldBack(chunks: AsyncIterable<Uint8Array>, sha512: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha512');
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  const found = hash.digest('hex');
  if (found !== sha512) throw new DigestMismatch(found);
  if (held !== undefined) yield held;
}
