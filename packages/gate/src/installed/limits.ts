/** Bounds on one comparison; what exceeds one is "could not decide", never a pass. */
export interface InstalledLimits {
  /** Files, folders and links that are looked at. */
  readonly items: number;
  /** Folders inside each other, from the project's root. */
  readonly depth: number;
  /** Length of one path below the root, in UTF-16 code units. */
  readonly path: number;
  /** Differences that are told; the rest is counted. */
  readonly differences: number;
  /** Bytes of one package.json. */
  readonly manifest: number;
  /** Bytes of one start script in `.bin`. */
  readonly shim: number;
}

export const INSTALLED_LIMITS: InstalledLimits = {
  items: 4_000_000,
  depth: 128,
  path: 4096,
  differences: 5000,
  manifest: 4 * 1024 * 1024,
  shim: 64 * 1024,
};
