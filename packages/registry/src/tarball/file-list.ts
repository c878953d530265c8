import { createHash } from 'node:crypto';
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
    const hash = createHash('sha256');
    let head: Uint8Array = new Uint8Array();
    return {
      add: (bytes) => {
        if (head.length < HEAD_BYTES) head = Buffer.concat([head, bytes.subarray(0, HEAD_BYTES - head.length)]);
        hash.update(bytes);
      },
      end: () => {
        const executable = (mode & 0o111) !== 0;
        this.#files.set(path, { path, size, sha256: hash.digest('hex'), executable, program: programFormat(head) });
      },
    };
  }

  /** Sorted by path; undefined: there are more than are listed. */
  finish(): readonly TarballFile[] | undefined {
    if (this.#pathLength === Infinity) return undefined;
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}
