/** Bounds on one tarball; what exceeds one is refused before the work is done. */
export interface TarballLimits {
  /** Bytes of the .tgz as served. */
  readonly packed: number;
  /** Bytes of the tar inside. */
  readonly unpacked: number;
  /** Unpacked bytes for each packed byte, as npm's `tar` bounds them. */
  readonly ratio: number;
  readonly entries: number;
  /** Length of one path, in UTF-16 code units. */
  readonly path: number;
  /** Bytes of one package.json. */
  readonly manifest: number;
  /** Files of which a list is kept, and UTF-16 code units of their paths together; beyond it there is no list. */
  readonly listed: { readonly files: number; readonly path: number };
}

const MiB = 1024 * 1024;

export const TARBALL_LIMITS: TarballLimits = {
  packed: 1024 * MiB,
  unpacked: 4096 * MiB,
  ratio: 1000,
  entries: 500_000,
  path: 4096,
  manifest: 4 * MiB,
  // The largest packages have some 50,000 files.
  listed: { files: 200_000, path: 32 * MiB },
};
