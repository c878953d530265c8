// What is known to differ between package managers, each with its reason: nothing else may.
import type { Family } from './managers.ts';

/** Findings of the untouched lockfile that are true. `note` level is not looked at. */
export const TRUE_FINDINGS: Readonly<Partial<Record<Family, readonly string[]>>> = {
  // Yarn 4 writes no checksum for any package with an os or cpu condition, not even for its own platform.
  'yarn-berry': [
    'warn checksum-missing-elsewhere @acme/native-darwin-arm64@1.0.0',
    'warn checksum-missing-elsewhere @acme/native-linux-x64@1.0.0',
  ],
  // Deno neither locks nor installs local tarballs.
  deno: ['error dependency-not-locked .'],
};

/** Registry packages whose grade is below that of their evidence, because the lockfile pins nothing. */
export const UNPINNED: Readonly<Partial<Record<Family, readonly string[]>>> = {
  'yarn-berry': ['@acme/native-darwin-arm64@1.0.0', '@acme/native-linux-x64@1.0.0'],
};

export interface SetDifference {
  readonly reason: string;
  /** Rows that npm's set has and this one lacks, and the other way round: `name@version` and what pins it. */
  readonly lacks: readonly string[];
  readonly adds: readonly string[];
}

/** Families whose package set is not npm's. */
export const SET_DIFFERENCES: Readonly<Partial<Record<Family, SetDifference>>> = {
  'yarn-classic': {
    reason: 'fetches what is bundled from the registry as well, and pins local tarballs by sha1 only',
    lacks: ['vendored'],
    adds: ['inner@1.0.0', 'vendored unpinned'],
  },
  'yarn-berry': {
    reason:
      'fetches what is bundled from the registry as well, pins no platform package, and of local tarballs its own zip',
    lacks: ['@acme/native-darwin-arm64@1.0.0', '@acme/native-linux-x64@1.0.0', 'vendored'],
    adds: [
      '@acme/native-darwin-arm64@1.0.0 unpinned',
      '@acme/native-linux-x64@1.0.0 unpinned',
      'inner@1.0.0',
      'vendored unpinned',
    ],
  },
  deno: { reason: 'leaves local tarballs out', lacks: ['vendored'], adds: [] },
  vlt: {
    reason: 'asks the public registry for every alias, so that its project has none, and pins no local tarball',
    lacks: ['aliased@1.0.0', 'vendored'],
    adds: ['vendored unpinned'],
  },
};
