import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { CREATE, StoreError } from './directory.ts';
import { temporaryName } from './temporaries.ts';

/** Bytes at the end of a growing file that nobody is given. */
const HELD_BACK = 64 * 1024;
const CHUNK = 256 * 1024;

/** A file that grows while others read what is there of it already. */
export class Spool {
  readonly #handle: FileHandle;
  readonly #file: string;
  #size = 0;
  #state: 'growing' | 'whole' | 'failed' = 'growing';
  #change: PromiseWithResolvers<void> = Promise.withResolvers();
  #readers = 0;
  #closed = false;
  #reason: unknown;

  private constructor(handle: FileHandle, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  static async create(directory: string): Promise<Spool> {
    const file = path.join(directory, temporaryName());
    return new Spool(await open(file, CREATE, 0o600), file);
  }

  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#size + at);
      at += bytesWritten;
    }
    this.#size += bytes.length;
    this.#tell();
  }

  /** The bytes are the ones that were meant: readers get the rest, and the file its name. */
  async keepAs(file: string): Promise<void> {
    this.#state = 'whole';
    this.#tell();
    try {
      await rename(this.#file, file);
    } catch (error) {
      await rm(this.#file, { force: true });
      throw error;
    } finally {
      await this.#closeIfIdle();
    }
  }

  /** Readers get no more than the reason; nothing stays on disk. */
  async abandon(reason: unknown): Promise<void> {
    this.#state = 'failed';
    this.#reason = reason;
    this.#tell();
    await rm(this.#file, { force: true });
    await this.#closeIfIdle();
  }

  /** All bytes, as they come; the end is held back until the whole is known to be right. @throws why it was abandoned */
  async *follow(): AsyncGenerator<Uint8Array> {
    this.#readers += 1;
    try {
      for (let at = 0; ;) {
        const change = this.#change.promise;
        if (this.#state === 'failed') throw this.#reason;
        const end = this.#state === 'whole' ? this.#size : this.#size - HELD_BACK;
        if (at < end) {
          const chunk = await this.#read(at, Math.min(CHUNK, end - at));
          at += chunk.length;
          yield chunk;
        } else if (this.#state === 'whole') return;
        else await change;
      }
    } finally {
      this.#readers -= 1;
      await this.#closeIfIdle();
    }
  }

  async #read(at: number, length: number): Promise<Uint8Array> {
    const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw new StoreError('a temporary file became shorter');
    return buffer.subarray(0, bytesRead);
  }

  #tell(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #closeIfIdle(): Promise<void> {
    if (this.#readers > 0 || this.#state === 'growing' || this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}
