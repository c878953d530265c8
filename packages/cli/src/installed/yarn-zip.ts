import { createHash } from 'node:crypto';
import type { YarnZipDigest } from '@lockseal/gate';
import { StoredZip } from '@lockseal/registry';

/** The one form of Yarn's zips that is written without its own libzip: entries as they are (`compressionLevel: 0`). */
const STORED = '10c0';

/** Yarn's zip of a package that it has patched: folders and files in the order in which it walks them. */
export const yarnZipDigest: YarnZipDigest = (cacheKey, name, files) => {
  if (cacheKey !== STORED) return undefined;
  const sum = createHash('sha512');
  const zip = new StoredZip((bytes) => void sum.update(bytes));
  const root = `node_modules/${name}`;
  for (const { index } of `${root}/`.matchAll(/\//g)) zip.directory(root.slice(0, index));
  for (const { path, executable, bytes } of files) {
    if (!zip.hasRoomFor(bytes?.length ?? 0)) return undefined;
    if (bytes === undefined) zip.directory(`${root}/${path}`);
    else zip.file(`${root}/${path}`, executable ? 0o755 : 0o644, bytes);
  }
  zip.end();
  return sum.digest('hex');
};
