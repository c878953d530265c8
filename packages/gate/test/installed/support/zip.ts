// Zips as Yarn's cache holds them, and as hostile as a test wants them.
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly path: string;
  readonly content?: string;
  /** As in `st_mode`. Default: a file that cannot be run. */
  readonly mode?: number;
  readonly deflated?: boolean;
  /** The name in front of the bytes, where it is another one. */
  readonly localPath?: string;
  /** The size that the directory tells, where it is another one. */
  readonly size?: number;
  readonly flags?: number;
}

export function packZip(entries: readonly ZipEntry[], { comment = '' } = {}): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, record } = encode(entry, offset);
    locals.push(local);
    records.push(record);
    offset += local.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22 + comment.length);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  end.write(comment, 22);
  return Buffer.concat([...locals, directory, end]);
}

function encode(entry: ZipEntry, offset: number): { readonly local: Buffer; readonly record: Buffer } {
  const content = Buffer.from(entry.content ?? '');
  const bytes = entry.deflated === true ? deflateRawSync(content) : content;
  const common = Buffer.alloc(22);
  common.writeUInt16LE(entry.flags ?? 0, 2);
  common.writeUInt16LE(entry.deflated === true ? 8 : 0, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(bytes.length, 14);
  common.writeUInt32LE(entry.size ?? content.length, 18);
  const name = Buffer.from(entry.path);
  const localName = Buffer.from(entry.localPath ?? entry.path);
  const local = Buffer.concat([word(0x04034b50), common, short(localName.length), short(0), localName, bytes]);
  const mode = entry.mode ?? (entry.path.endsWith('/') ? 0o40755 : 0o100644);
  const tail = Buffer.concat([short(0), short(0), short(0), short(0), word((mode << 16) >>> 0), word(offset)]);
  const record = Buffer.concat([word(0x02014b50), short(0x033f), common, short(name.length), tail, name]);
  return { local, record };
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
