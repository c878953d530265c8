const BLOCK = 512;
/** Two blocks of zeros end an archive. */
const MARKER = 2 * BLOCK;

/**
 * Cuts a tar where an archive could have ended, before whatever follows the zeros: so it does not depend on where chunks
 * end whether something is seen to come after the end.
 */
export class ArchiveEnds {
  #offset = 0;
  /** Zeros at the end of what has come, as many as count. */
  #zeros = 0;

  *cut(chunk: Buffer): Generator<Buffer> {
    let from = 0;
    for (let at = BLOCK - (this.#offset % BLOCK); at < chunk.length; at += BLOCK) {
      if (!this.#endsAt(chunk, at) || isZero(chunk, at, Math.min(at + BLOCK, chunk.length))) continue;
      yield chunk.subarray(from, at);
      from = at;
    }
    yield from === 0 ? chunk : chunk.subarray(from);
    this.#offset += chunk.length;
    this.#zeros = zerosBefore(chunk, this.#zeros);
  }

  #endsAt(chunk: Buffer, at: number): boolean {
    if (chunk[at - 1] !== 0) return false;
    const here = Math.min(at, MARKER);
    return this.#zeros >= MARKER - here && isZero(chunk, at - here, at);
  }
}

function zerosBefore(chunk: Buffer, known: number): number {
  const start = Math.max(0, chunk.length - MARKER);
  for (let at = chunk.length - 1; at >= start; at--) if (chunk[at] !== 0) return chunk.length - 1 - at;
  return Math.min(MARKER, chunk.length + known);
}

function isZero(chunk: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (chunk[at] !== 0) return false;
  return true;
}
