import { createHash } from 'node:crypto';
import type { CodeFile } from '@lockseal/core';
import { createCodeParser, type ParsedCode } from './parse-code.ts';

/** Bounds on the code of one tarball. What exceeds one is listed as not parsed, and why. */
export interface CodeLimits {
  /** Bytes of a file that is looked at at all, for its lines. */
  readonly file: number;
  /** Bytes of a file that is parsed. */
  readonly parsed: number;
  readonly files: number;
  /** For one file, and for all of a tarball. */
  readonly milliseconds: { readonly file: number; readonly tarball: number };
}

const MiB = 1024 * 1024;

export const CODE_LIMITS: CodeLimits = {
  file: 64 * MiB,
  parsed: 4 * MiB,
  files: 20_000,
  milliseconds: { file: 2_000, tarball: 20_000 },
};

/** What `node` runs by its name. */
const CODE = /\.[cm]?js$/i;

/** Looks at every file of JavaScript as it comes out of the archive; a later file of the same path takes its place. */
export class CodeCollector {
  readonly #limits: CodeLimits;
  readonly #parseCode = createCodeParser();
  readonly #files = new Map<string, CodeFile>();
  #spent = 0;

  constructor(limits: CodeLimits = CODE_LIMITS) {
    this.#limits = limits;
  }

  /** @returns a sink for the file's bytes, if it is code */
  enter(path: string, size: number): ((bytes: Uint8Array) => void) | undefined {
    if (!CODE.test(path)) return undefined;
    if (size > this.#limits.file) {
      // By its size alone nobody reads it.
      this.#files.set(path, { path, sha256: '', longestLine: size, modules: undefined, unparsed: 'it is too large' });
      return undefined;
    }
    return (bytes) => void this.#files.set(path, this.#look(path, bytes));
  }

  /** Sorted by path. */
  finish(): readonly CodeFile[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #look(path: string, bytes: Uint8Array): CodeFile {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { path, sha256, longestLine: longestLine(bytes), ...this.#parse(bytes) };
  }

  #parse(bytes: Uint8Array): ParsedCode {
    const { parsed, files, milliseconds } = this.#limits;
    const left = milliseconds.tarball - this.#spent;
    if (bytes.length > parsed) return unparsed(`it is larger than ${parsed} bytes`);
    if (this.#files.size >= files) return unparsed(`there are more than ${files} files`);
    if (left <= 0) return unparsed('the time for this tarball is used up');
    const started = performance.now();
    const result = this.#parseCode(new TextDecoder().decode(bytes), Math.ceil(Math.min(milliseconds.file, left)));
    this.#spent += performance.now() - started;
    return result;
  }
}

function unparsed(reason: string): ParsedCode {
  return { modules: undefined, unparsed: reason };
}

/** In bytes; it is there to be compared with what people write. */
function longestLine(bytes: Uint8Array): number {
  let longest = 0;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    longest = Math.max(longest, end - start);
    start = end + 1;
  }
  return Math.max(longest, bytes.length - start);
}
