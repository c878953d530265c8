import { hash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

/** One entry of a zip, as Yarn reads it while programs run. */
export interface ZipFile {
  readonly path: string;
  readonly type: 'file' | 'folder' | 'other';
  /** Bytes, unpacked. */
  readonly size: number;
  readonly executable: boolean;
  /** Lower-case hex, of the unpacked bytes; undefined for what is no file. */
  readonly sha256: string | undefined;
}

/** The bytes are no zip as Yarn writes them. */
export class StrangeZip extends Error {
  override readonly name = 'StrangeZip';
}

const END = 0x06054b50;
const END_BYTES = 22;
const RECORD = 0x02014b50;
const RECORD_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const ENCRYPTED = 0x0001;
const FILE_TYPE = 0o170000;

interface Entry {
  readonly name: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly mode: number;
  readonly offset: number;
}

/**
 * Lists a zip by its directory, as libzip reads it, and hashes what is in it. What Yarn never writes is refused: a
 * comment, the 64-bit extension, encryption, a name that is another one in front of the bytes.
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @throws StrangeZip
 */
export function* zipFiles(zip: Buffer): Generator<ZipFile> {
  for (const entry of directoryOf(zip)) {
    const path = entry.name.toString('utf8');
    const kind = entry.mode & FILE_TYPE;
    const executable = (entry.mode & 0o111) !== 0;
    if (path.endsWith('/')) yield { path: path.slice(0, -1), type: 'folder', size: 0, executable, sha256: undefined };
    else if (kind !== 0o100000) yield { path, type: 'other', size: entry.size, executable, sha256: undefined };
    else yield { path, type: 'file', size: entry.size, executable, sha256: hash('sha256', contentOf(zip, entry)) };
  }
}

/** The bytes of a file in a zip that was compared; undefined: there is none. @throws StrangeZip */
export function fileInZip(zip: Buffer, path: string): Buffer | undefined {
  const name = Buffer.from(path);
  for (const entry of directoryOf(zip)) if (entry.name.equals(name)) return contentOf(zip, entry);
  return undefined;
}

function* directoryOf(zip: Buffer): Generator<Entry> {
  const end = zip.length - END_BYTES;
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new StrangeZip('it does not end as a zip does');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw new StrangeZip('it uses the 64-bit extension');
  for (let index = 0; index < count; index++) {
    if (at + RECORD_BYTES > end || zip.readUInt32LE(at) !== RECORD) throw new StrangeZip('its directory is cut short');
    const next = at + RECORD_BYTES + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    if (next > end) throw new StrangeZip('its directory is cut short');
    yield entryAt(zip, at);
    at = next;
  }
  if (at !== end) throw new StrangeZip('something lies between its directory and its end');
}

function entryAt(zip: Buffer, at: number): Entry {
  return {
    name: zip.subarray(at + RECORD_BYTES, at + RECORD_BYTES + zip.readUInt16LE(at + 28)),
    flags: zip.readUInt16LE(at + 8),
    method: zip.readUInt16LE(at + 10),
    packed: zip.readUInt32LE(at + 20),
    size: zip.readUInt32LE(at + 24),
    mode: zip.readUInt16LE(at + 40),
    offset: zip.readUInt32LE(at + 42),
  };
}

function contentOf(zip: Buffer, { name, flags, method, packed, size, offset }: Entry): Buffer {
  if (offset + LOCAL_BYTES > zip.length || zip.readUInt32LE(offset) !== LOCAL) {
    throw new StrangeZip('an entry is not where its directory says');
  }
  const named = offset + LOCAL_BYTES;
  const length = zip.readUInt16LE(offset + 26);
  const start = named + length + zip.readUInt16LE(offset + 28);
  if (!zip.subarray(named, named + length).equals(name)) throw new StrangeZip('an entry has two names');
  if ((flags & ENCRYPTED) !== 0 || start + packed > zip.length) throw new StrangeZip('an entry cannot be read');
  const bytes = zip.subarray(start, start + packed);
  const content = method === 0 ? bytes : method === 8 ? inflated(bytes, size) : undefined;
  if (content?.length !== size) throw new StrangeZip('an entry has another size than its directory says');
  return content;
}

function inflated(bytes: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw new StrangeZip('an entry cannot be unpacked', { cause });
  }
}
