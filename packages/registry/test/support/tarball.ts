import { gzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';

/** One entry of a tar made by hand, so that it can be as odd as an attacker's. */
export interface TarEntry {
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly type?: NonNullable<ConstructorParameters<typeof Header>[0]> extends infer T
    ? T extends { type?: infer U }
      ? U
      : never
    : never;
  readonly mode?: number;
  readonly linkpath?: string;
  /** Members of a PAX header before the entry, or of a global one. */
  readonly pax?: Readonly<Record<string, string | number>>;
  readonly globalPax?: Readonly<Record<string, string | number>>;
  /** Spoils the header's checksum. */
  readonly spoilt?: boolean;
}

export function makeTar(entries: readonly TarEntry[], trailer: Uint8Array = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), trailer]);
}

export function makeTgz(entries: readonly TarEntry[], trailer?: Uint8Array): Buffer {
  return gzipSync(makeTar(entries, trailer));
}

/** A package of a package.json and whatever else. */
export function makePackage(
  more: readonly TarEntry[] = [],
  manifest: object = { name: 'a', version: '1.0.0' },
): Buffer {
  return makeTgz([{ path: 'package/package.json', body: JSON.stringify(manifest) }, ...more]);
}

function blocksOf(entry: TarEntry): Buffer[] {
  const { path, type = 'File', mode = 0o644, linkpath } = entry;
  const body = Buffer.from(entry.body ?? '');
  const block = Buffer.alloc(512);
  const header = new Header({ path, type, mode, size: body.length, ...(linkpath !== undefined && { linkpath }) });
  header.encode(block, 0);
  if (entry.spoilt === true) block[0] = (block[0] ?? 0) ^ 1;
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  return [...paxBlocks(path, entry.globalPax, true), ...paxBlocks(path, entry.pax, false), block, body, padding];
}

function paxBlocks(path: string, members: TarEntry['pax'], isGlobal: boolean): Buffer[] {
  return members === undefined ? [] : [new Pax({ path, ...members } as never, isGlobal).encode()];
}
