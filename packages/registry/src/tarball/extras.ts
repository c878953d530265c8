import type { TarballExtra } from '@lockseal/core';

/** What whoever asks for nothing in particular gets. */
export const ALL_EXTRAS: readonly TarballExtra[] = ['sha1', 'tarSha512', 'list'];
