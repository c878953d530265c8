import type { FileStat } from './disk.ts';
import type { HashThread } from './hash-thread.ts';
import { FileReader, type FileDigest, type FileToRead, type Reading } from './read-digest.ts';

/** Files that one thread takes at once. */
const BATCH = 64;
/** Bytes after which a batch is full, so that large files do not hold up whoever takes the last one. */
const BATCH_BYTES = 2 * 1024 * 1024;
const NOT_ANSWERED: FileDigest = { type: 'unreadable', reason: 'the thread that read it has not told its digest' };

/** Files that are read one after another by whichever thread is first, and who waits for them. */
class Batch {
  readonly files: FileToRead[] = [];
  readonly #waiting: ((digest: FileDigest) => void)[] = [];
  #bytes = 0;
  /** 0 until a thread takes it. */
  readonly claim: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4));

  get isFull(): boolean {
    return this.files.length >= BATCH || this.#bytes >= BATCH_BYTES;
  }

  add(read: FileToRead): Promise<FileDigest> {
    this.files.push(read);
    this.#bytes += read.stat.size;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Whether somebody still waits for what was read. */
  get isOpen(): boolean {
    return this.#waiting.length > 0;
  }

  answer(digests: readonly FileDigest[]): void {
    for (const [index, resolve] of this.#waiting.splice(0).entries()) resolve(digests[index] ?? NOT_ANSWERED);
  }
}

/**
 * Hashes files, on this thread and, where there is another, on both: the other takes the first batches while this one
 * still looks for files, and this one the last. A file with several names is read once, under whichever name comes first.
 */
export class FileHasher {
  readonly #thread: HashThread | undefined;
  readonly #reader = new FileReader();
  readonly #known = new Map<string, Promise<FileDigest>>();
  /** All full ones. */
  readonly #batches: Batch[] = [];
  #filling = new Batch();
  #isWaiting = false;
  #read = { files: 0, bytes: 0 };

  /** @param thread undefined: everything is read here, as soon as it is asked for */
  constructor(thread?: HashThread) {
    this.#thread = thread;
  }

  get read(): { readonly files: number; readonly bytes: number } {
    return this.#read;
  }

  /** Never rejects. `stat` is what was found when the file was looked at; another file by now is told as changed. */
  digest(file: string, stat: FileStat, reading: Reading = 'whole'): Promise<FileDigest> {
    const { names, dev, ino, size } = stat;
    const read: FileToRead = { file, stat: { dev, ino, size }, reading };
    if (names === 1n) return this.#start(read);
    const key = `${dev}:${ino}:${reading}`;
    const known = this.#known.get(key) ?? this.#start(read);
    this.#known.set(key, known);
    return known;
  }

  #start(read: FileToRead): Promise<FileDigest> {
    this.#read.files++;
    this.#read.bytes += read.stat.size;
    if (this.#thread === undefined) return Promise.resolve(this.#reader.digest(read));
    const digest = this.#filling.add(read);
    if (this.#filling.isFull) this.#handOver(this.#filling, this.#thread);
    this.#takeLater();
    return digest;
  }

  #handOver(batch: Batch, thread: HashThread): void {
    this.#filling = new Batch();
    this.#batches.push(batch);
    thread.hand(batch.files, batch.claim).then(
      (digests) => batch.answer(digests),
      // It has ended: what it took is read here.
      () => this.#readHere(batch),
    );
  }

  /** When nothing more is looked for at the moment. */
  #takeLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setImmediate(() => this.#takeOne());
  }

  #takeOne(): void {
    this.#isWaiting = false;
    const batch = this.#batches.pop() ?? this.#takeFilling();
    if (batch === undefined) return;
    if (Atomics.exchange(batch.claim, 0, 1) === 0) this.#readHere(batch);
    this.#takeLater();
  }

  #takeFilling(): Batch | undefined {
    const filling = this.#filling;
    if (filling.files.length === 0) return undefined;
    this.#filling = new Batch();
    return filling;
  }

  #readHere(batch: Batch): void {
    if (batch.isOpen) batch.answer(batch.files.map((read) => this.#reader.digest(read)));
  }
}
