import { createHash } from 'node:crypto';
import { isOutside, type LocalFile } from '@lockseal/core';
import type { ProjectFiles } from './project-files.ts';

/** Digests of a file of the project; undefined where it is not there, or leads out of it and is not read. */
export async function readLocalFile(files: ProjectFiles, path: string): Promise<LocalFile | undefined> {
  if (isOutside(path)) return undefined;
  const bytes = await files.read(path.replace(/^(?:\.\/)+/, ''));
  return bytes === undefined ? undefined : digestsOf(bytes);
}

function digestsOf(bytes: Uint8Array): LocalFile {
  const unix = withUnixLineEnds(bytes);
  return {
    length: bytes.length,
    md5: hex('md5', bytes),
    sha1: hex('sha1', bytes),
    sha256: hex('sha256', bytes),
    sha256LF: hex('sha256', unix),
    sha512: hex('sha512', bytes),
    md5LF: hex('md5', unix),
  };
}

function hex(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** pnpm reads the file as UTF-8 text, turns CRLF into LF and hashes the text. */
function withUnixLineEnds(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return new TextEncoder().encode(text.replaceAll('\r\n', '\n'));
}
