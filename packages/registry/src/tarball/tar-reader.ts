import { Parser, type ReadEntry } from 'tar';
import { ArchiveEnds } from './archive-ends.ts';
import type { CodeCollector } from './code-collector.ts';
import { unreadable, type ContentsCollector } from './contents.ts';
import type { YarnZip } from './yarn-zip.ts';

const SNIFFED = [
  [0x1f, 0x8b],
  [0x28, 0xb5],
];

/** npm's tar parser, fed with the tar itself and stopped at the first fault that npm, too, would fail on. */
export class TarReader {
  readonly #parser: Parser;
  readonly #contents: ContentsCollector;
  readonly #ends = new ArchiveEnds();
  #ended = false;
  #sniffed = false;
  #fault: unknown;

  constructor(contents: ContentsCollector, zips: readonly YarnZip[], code: CodeCollector | undefined) {
    this.#contents = contents;
    this.#parser = new Parser({
      onReadEntry: (entry) => this.#onEntry(entry, zips, code),
      onwarn: (warning, message) => this.#onWarning(warning, String(message)),
    });
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => {
      contents.oddities.add(`ignored entry of type ${entry.type}`, entry.path);
    });
    this.#parser.on('eof', () => {
      this.#ended = true;
    });
  }

  /** The bytes must not change afterwards. */
  write(chunk: Buffer): void {
    for (const piece of this.#ends.cut(chunk)) this.#write(piece);
  }

  #write(chunk: Buffer): void {
    if (this.#ended) {
      // The parser would hold back and copy whatever follows the end marker; npm never looks at it.
      if (chunk.some((byte) => byte !== 0)) this.#contents.oddities.add('data after the end of the archive');
      return;
    }
    if (!this.#sniffed) {
      this.#sniffed = true;
      // The parser would decompress a second time, which npm does not do.
      if (SNIFFED.some(([a, b]) => chunk[0] === a && chunk[1] === b)) throw unreadable('it is compressed twice');
    }
    this.#parser.write(chunk);
    this.#rethrow();
  }

  end(): void {
    if (!this.#ended) this.#parser.end();
    this.#rethrow();
  }

  #onEntry(entry: ReadEntry, zips: readonly YarnZip[], code: CodeCollector | undefined): void {
    try {
      const { path, whole, pieces } = this.#contents.enter(entry);
      const seen = path === undefined ? undefined : code?.enter(path, entry.size);
      const wanted = [whole, seen, ...zips.map((zip) => zip.enter(entry))].flatMap((sink) => sink ?? []);
      if (pieces !== undefined)
        entry.on('data', (bytes: Uint8Array) => pieces.add(bytes)).on('end', () => pieces.end());
      if (wanted.length > 0) collect(entry, wanted);
      if (pieces === undefined && wanted.length === 0) entry.resume();
    } catch (error) {
      this.#fault ??= error;
      entry.resume();
    }
  }

  #onWarning(code: string, message: string): void {
    if (code === 'TAR_BAD_ARCHIVE' || code === 'TAR_ABORT') this.#fault ??= unreadable(message);
    else this.#contents.oddities.add('invalid entry', message);
  }

  #rethrow(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}

function collect(entry: ReadEntry, wanted: readonly ((bytes: Uint8Array) => void)[]): void {
  const chunks: Uint8Array[] = [];
  entry.on('data', (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes)));
  entry.on('end', () => {
    const whole = Buffer.concat(chunks);
    for (const sink of wanted) sink(whole);
  });
}
