import type { KeyOrigin } from '@lockseal/core';

/** Where a root or key comes from, in words. */
export const ORIGINS: Readonly<Record<KeyOrigin, string>> = {
  tuf: 'from TUF',
  embedded: 'embedded in lockseal',
  file: 'from a file',
  registry: "on the registry's own word",
};
