import { createHash, hash } from 'node:crypto';
import type { TarballFile } from '@lockseal/core';
import type { TarballLimits } from './limits.ts';
import { HEAD_BYTES, programFormat } from './program-format.ts';

/** Sees the bytes of one file, piece by piece. */
export interface FileReader {
  add(bytes: Uint8Array): void;
  end(): void;
}

/** Lists the files that npm writes, each with the digest of its bytes. A later file of the same path takes its place. */
export class FileList {
  readonly #bound: TarballLimits['listed'];
  readonly #files = new Map<string, TarballFile>();
  #pathLength = 0;

  constructor(bound: TarballLimits['listed']) {
    this.#bound = bound;
  }

  /** @returns undefined once the list has exceeded its bound: nothing is hashed for it then */
  enter(path: string, size: number, mode: number): FileReader | undefined {
    this.#pathLength += path.length;
    if (this.#files.size >= this.#bound.files || this.#pathLength > this.#bound.path) this.#pathLength = Infinity;
    if (this.#pathLength === Infinity) return undefined;
    const bytes = new FileBytes();
    return {
      add: (piece) => bytes.add(piece),
      end: () => {
        const executable = (mode & 0o111) !== 0;
        this.#files.set(path, { path, size, sha256: bytes.sha256(), executable, program: programFormat(bytes.head) });
      },
    };
  }

  /** Sorted by path; undefined: there are more than are listed. */
  finish(): readonly TarballFile[] | undefined {
    if (this.#pathLength === Infinity) return undefined;
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

const NOTHING = new Uint8Array();

/** Most files come in one piece, and are hashed without an object for it. */
class FileBytes {
  #first: Uint8Array = NOTHING;
  #hash: ReturnType<typeof createHash> | undefined;
  head: Uint8Array = NOTHING;

  add(piece: Uint8Array): void {
    if (this.head.length < HEAD_BYTES) {
      const rest = piece.subarray(0, HEAD_BYTES - this.head.length);
      this.head = this.head.length === 0 ? rest : Buffer.concat([this.head, rest]);
    }
    if (this.#hash !== undefined) this.#hash.update(piece);
    else if (this.#first.length === 0) this.#first = piece;
    else this.#hash = createHash('sha256').update(this.#first).update(piece);
  }

  sha256(): string {
    return this.#hash?.digest('hex') ?? hash('sha256', this.#first);
  }
}
