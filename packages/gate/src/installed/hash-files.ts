import type { HashThread } from './hash-thread.ts';
import { FileReader, type FileFound, type FileToRead } from './read-digest.ts';

/** Files that one thread takes at once. */
const BATCH = 64;
/** Bytes after which a batch is full, so that large files do not hold up whoever takes the last one. */
const BATCH_BYTES = 2 * 1024 * 1024;
const NOT_ANSWERED: FileFound = { type: 'unreadable', reason: 'the thread that read it has not told its digest' };

/** Called once for a file that was asked for. */
type Tell = (found: FileFound) => void;

/** Files that are read one after another by whichever thread is first, and who waits for them. */
class Batch {
  readonly files: FileToRead[] = [];
  readonly #waiting: Tell[] = [];
  #bytes = 0;
  /** 0 until a thread takes it. */
  readonly claim: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4));

  get isFull(): boolean {
    return this.files.length >= BATCH || this.#bytes >= BATCH_BYTES;
  }

  add(wanted: FileToRead, tell: Tell): void {
    this.files.push(wanted);
    this.#bytes += wanted.size;
    this.#waiting.push(tell);
  }

  /** Whoever waits for its files, each once. */
  take(): readonly Tell[] {
    return this.#waiting.splice(0);
  }
}

/**
 * Hashes files, on this thread and, where there is another, on both: the other takes the first batches while this one
 * still looks for files, and this one the last.
 */
export class FileHasher {
  readonly #thread: HashThread | undefined;
  readonly #reader = new FileReader();
  /** All full ones. */
  readonly #batches: Batch[] = [];
  readonly #inodes = new Set<string>();
  #filling = new Batch();
  #isWaiting = false;
  readonly #counts = { files: 0, bytes: 0 };
  #open = 0;
  #settled: PromiseWithResolvers<void> | undefined;
  #fault: { readonly thrown: unknown } | undefined;

  /** @param thread undefined: everything is read here, as soon as it is asked for */
  constructor(thread?: HashThread) {
    this.#thread = thread;
  }

  /** What was hashed so far; a file with several names counts once. */
  get counts(): { readonly files: number; readonly bytes: number } {
    return this.#counts;
  }

  /** Has a file read. `tell` is called with what that came to, at once where there is no other thread. */
  read(wanted: FileToRead, tell: Tell): void {
    this.#open += 1;
    if (this.#thread === undefined) return this.#answer([tell], [this.#reader.read(wanted)]);
    this.#filling.add(wanted, tell);
    if (this.#filling.isFull) this.#handOver(this.#filling, this.#thread);
    this.#takeLater();
  }

  /** Once everything is told that was asked for. @throws whatever a `tell` has thrown */
  async settled(): Promise<void> {
    this.#settled ??= Promise.withResolvers();
    if (this.#open > 0) await this.#settled.promise;
    if (this.#fault !== undefined) throw this.#fault.thrown;
  }

  #handOver(batch: Batch, thread: HashThread): void {
    this.#filling = new Batch();
    this.#batches.push(batch);
    thread.hand(batch.files, batch.claim).then(
      (found) => this.#answer(batch.take(), found),
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
    const waiting = batch.take();
    if (waiting.length === 0) return;
    this.#answer(
      waiting,
      batch.files.map((wanted) => this.#reader.read(wanted)),
    );
  }

  #answer(waiting: readonly Tell[], all: readonly FileFound[]): void {
    for (const [index, tell] of waiting.entries()) this.#tell(tell, all[index] ?? NOT_ANSWERED);
    this.#open -= waiting.length;
    if (this.#open > 0) return;
    this.#settled?.resolve();
    this.#settled = undefined;
  }

  #tell(tell: Tell, found: FileFound): void {
    this.#count(found);
    try {
      tell(found);
    } catch (thrown) {
      this.#fault ??= { thrown };
    }
  }

  #count(found: FileFound): void {
    if (found.type !== 'digest') return;
    const { inode, size } = found;
    if (inode !== undefined && this.#inodes.has(inode)) return;
    if (inode !== undefined) this.#inodes.add(inode);
    this.#counts.files += 1;
    this.#counts.bytes += size;
  }
}
