import { LocksealError } from '@lockseal/core';

/** The pack that a command line names. */
export interface PackOption {
  /** Absolute path. */
  readonly file: string;
  /** Content address that it must have, lower-case hex; undefined: any pack will do. */
  readonly sha256: string | undefined;
}

/** `sha256:` and 64 hexadecimal digits, as every command prints it. @throws LocksealError ERR_USAGE */
export function parsePackDigest(text: string): string {
  const [, hex] = /^(?:sha256:)?([0-9a-f]{64})$/.exec(text) ?? [];
  if (hex !== undefined) return hex;
  throw new LocksealError('ERR_USAGE', '--evidence-digest is no digest.', {
    expected: 'sha256:<64 hexadecimal digits>, as `lockseal evidence pack` prints it',
    found: text,
  });
}
