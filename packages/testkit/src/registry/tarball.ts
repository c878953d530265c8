import { gzipSync } from 'node:zlib';
import { Header, Pax, type HeaderData } from 'tar';

/** One entry of an archive, as hostile as it likes: nothing about it is checked. */
export interface TarballEntry {
  /** The path as it stands in the archive: `package/index.js`. */
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'Directory';
  readonly linkpath?: string;
  /** Default: 0o644, and 0o755 for directories. */
  readonly mode?: number;
}

/** The time that npm gives all files it packs. */
const PACK_TIME = new Date('1985-10-26T08:15:00.000Z');
const BLOCK = 512;

/** A gzipped tar archive: the same entries give the same bytes. */
export function packTarball(entries: readonly TarballEntry[]): Buffer {
  const archive = gzipSync(Buffer.concat([...entries.flatMap(encodeEntry), Buffer.alloc(2 * BLOCK)]), { level: 9 });
  // zlib writes the operating system here; "unknown" makes archives of all platforms equal.
  archive[9] = 0xff;
  return archive;
}

function encodeEntry(entry: TarballEntry): Buffer[] {
  const content = Buffer.from(entry.content ?? '');
  const type = entry.type ?? 'File';
  const data: HeaderData = {
    path: entry.path,
    mode: entry.mode ?? (type === 'Directory' ? 0o755 : 0o644),
    size: content.length,
    mtime: PACK_TIME,
    type,
    ...(entry.linkpath === undefined ? {} : { linkpath: entry.linkpath }),
  };
  const header = Buffer.alloc(BLOCK);
  const needsPax = new Header(data).encode(header, 0);
  const extended = needsPax ? [new Pax({ path: entry.path }).encode()] : [];
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return [...extended, header, content, padding];
}
