import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

/** The TUF repository of Sigstore's public-good instance. */
export const PUBLIC_GOOD_MIRROR = 'https://tuf-repo-cdn.sigstore.dev';
export const ROOT_TARGET = 'trusted_root.json';
export const KEYS_TARGET = 'registry.npmjs.org/keys.json';

/**
 * When the trusted root of this digest was published with @sigstore/tuf. The seeds carry no date; a test fails when
 * an update of the library brings other seeds than these.
 */
const EMBEDDED = {
  sha256: '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66',
  asOf: '2026-11-05T00:19:12.000Z',
};

/** The trusted root and npm's registry keys as of some moment. */
export interface TrustSnapshot {
  readonly trustedRoot: Buffer;
  /** undefined: the TUF repository has none, as those of private Sigstore instances. */
  readonly npmKeys: Buffer | undefined;
  /** ISO 8601; undefined: not known. */
  readonly asOf: string | undefined;
}

/** What @sigstore/tuf carries for a start without network: the public-good root, and the keys of npm's registry. */
export function embeddedTrust(): TrustSnapshot & { readonly npmKeys: Buffer } {
  const seeds: unknown = createRequire(import.meta.url)('@sigstore/tuf/seeds.json');
  const targets = memberOf(memberOf(seeds, PUBLIC_GOOD_MIRROR), 'targets');
  const trustedRoot = decode(memberOf(targets, ROOT_TARGET));
  const isDated = createHash('sha256').update(trustedRoot).digest('hex') === EMBEDDED.sha256;
  return {
    trustedRoot,
    npmKeys: decode(memberOf(targets, encodeURIComponent(KEYS_TARGET))),
    asOf: isDated ? EMBEDDED.asOf : undefined,
  };
}

function memberOf(value: unknown, key: string): unknown {
  const members: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  return members[key];
}

function decode(value: unknown): Buffer {
  if (typeof value !== 'string') throw new TypeError('@sigstore/tuf/seeds.json is not as expected');
  return Buffer.from(value, 'base64');
}
