import { crc32 } from 'node:zlib';

/** 1984-06-22 21:50:00 in DOS form (date in the high word): the one time that Yarn gives every file. */
const SAFE_TIME = 0x08d6ae40;
/** Version 6.3 on Unix. */
const MADE_BY = 0x033f;
/** General purpose bit 11: the name is UTF-8. libzip sets it only where the name is not ASCII. */
const UTF8_NAME = 0x0800;
const MAX_ENTRIES = 0xffff;
/** Half of what 32 bits can address: the other half is for the directory at the end. */
const MAX_BYTES = 0x7fffffff;

interface Header {
  readonly name: Buffer;
  /** File type and permissions, as in `st_mode`. */
  readonly mode: number;
  readonly needed: number;
  readonly crc: number;
  readonly size: number;
}

/**
 * Writes a zip of uncompressed entries byte for byte as libzip does for Yarn Berry with `compressionLevel: 0`.
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export class StoredZip {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #directory: Buffer[] = [];
  #offset = 0;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Whether one more entry of that size keeps within the format without its 64-bit extension. */
  hasRoomFor(size: number): boolean {
    return this.#directory.length < MAX_ENTRIES && this.#offset + size < MAX_BYTES;
  }

  directory(path: string): void {
    this.#add({ name: Buffer.from(`${path}/`), mode: 0o40755, needed: 20, crc: 0, size: 0 });
  }

  file(path: string, permissions: number, bytes: Uint8Array): void {
    const header = { name: Buffer.from(path), mode: 0o100000 | permissions, needed: 10 };
    this.#add({ ...header, crc: crc32(bytes), size: bytes.length }, bytes);
  }

  link(path: string, target: string): void {
    const bytes = Buffer.from(target);
    this.#add({ name: Buffer.from(path), mode: 0o120777, needed: 10, crc: crc32(bytes), size: bytes.length }, bytes);
  }

  end(): void {
    const start = this.#offset;
    for (const record of this.#directory) this.#emit(record);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#directory.length, 8);
    end.writeUInt16LE(this.#directory.length, 10);
    end.writeUInt32LE(this.#offset - start, 12);
    end.writeUInt32LE(start, 16);
    this.#emit(end);
  }

  #add(header: Header, bytes?: Uint8Array): void {
    this.#directory.push(centralRecord(header, this.#offset));
    this.#emit(localRecord(header));
    if (bytes !== undefined) this.#emit(bytes);
  }

  #emit(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    this.#write(bytes);
  }
}

function localRecord(header: Header): Buffer {
  const record = Buffer.alloc(30);
  record.writeUInt32LE(0x04034b50, 0);
  writeCommon(record, 4, header);
  return Buffer.concat([record, header.name]);
}

function centralRecord(header: Header, offset: number): Buffer {
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(MADE_BY, 4);
  writeCommon(record, 6, header);
  record.writeUInt32LE((header.mode << 16) >>> 0, 38);
  record.writeUInt32LE(offset, 42);
  return Buffer.concat([record, header.name]);
}

/** The members that both records share, from "version needed" to "file name length". */
function writeCommon(record: Buffer, at: number, { needed, crc, size, name }: Header): void {
  record.writeUInt16LE(needed, at);
  record.writeUInt16LE(name.some((byte) => byte > 0x7f) ? UTF8_NAME : 0, at + 2);
  record.writeUInt32LE(SAFE_TIME, at + 6);
  record.writeUInt32LE(crc, at + 10);
  record.writeUInt32LE(size, at + 14);
  record.writeUInt32LE(size, at + 18);
  record.writeUInt16LE(name.length, at + 22);
}
