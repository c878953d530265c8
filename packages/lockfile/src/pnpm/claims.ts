import { Buffer } from 'node:buffer';
import type { LockfileClaims, Patch } from '@lockseal/core';
import type { Fields } from '../yaml/fields.ts';

/** What the lockfile says that the project declares. Of package extensions pnpm records a checksum and no selector. */
export function readClaims(document: Fields): LockfileClaims {
  return {
    overrides: document.table('overrides'),
    packageExtensions: [],
    patches: readPatches(document),
    catalogs: readCatalogs(document),
  };
}

export const NO_CLAIMS: LockfileClaims = {
  overrides: new Map(),
  packageExtensions: [],
  patches: new Map(),
  catalogs: new Map(),
};

/** The patches of a document, to be found by what an entry says of its own. */
export interface PatchIndex {
  readonly bySelector: ReadonlyMap<string, Patch>;
  /** Value of the hash -> patch. */
  readonly byHash: ReadonlyMap<string, Patch>;
}

export function indexPatches(patches: ReadonlyMap<string, Patch>): PatchIndex {
  const byHash = [...patches.values()].flatMap((patch): [string, Patch][] =>
    patch.hash === undefined ? [] : [[patch.hash.value, patch]],
  );
  return { bySelector: patches, byHash: new Map(byHash) };
}

/** selector -> patch; pnpm 11 and later record the hash alone. */
function readPatches(document: Fields): ReadonlyMap<string, Patch> {
  const patches = document.child('patchedDependencies');
  return new Map(
    patches?.keys.map((selector): [string, Patch] => {
      if (patches.isText(selector)) return [selector, { path: undefined, hash: readPatchHash(patches.text(selector)) }];
      const patch = patches.child(selector);
      return [selector, { path: patch?.text('path'), hash: readPatchHash(patch?.text('hash')) }];
    }),
  );
}

/**
 * pnpm 10 and later record the sha256 of the patch in hex, earlier ones the md5 in lower-case base32 (RFC 4648, no
 * padding), given here in hex. Any other form is no hash that could be compared.
 */
export function readPatchHash(text: string | undefined): Patch['hash'] {
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{64}$/.test(text)) return { algorithm: 'sha256', value: text };
  return /^[a-z2-7]{26}$/.test(text) ? { algorithm: 'md5', value: base32ToHex(text) } : undefined;
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

function base32ToHex(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    value = (value << 5) | BASE32.indexOf(letter);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
    value &= (1 << bits) - 1;
  }
  return Buffer.from(bytes).toString('hex');
}

/** catalog -> package -> specifier; the version beside it is repeated in the importers. */
function readCatalogs(document: Fields): LockfileClaims['catalogs'] {
  const catalogs = document.child('catalogs');
  return new Map(
    catalogs?.keys.map((name): [string, ReadonlyMap<string, string>] => {
      const catalog = catalogs.child(name);
      const specifiers = catalog?.keys.flatMap((dependency): [string, string][] => {
        const specifier = catalog.child(dependency)?.text('specifier');
        return specifier === undefined ? [] : [[dependency, specifier]];
      });
      return [name, new Map(specifiers)];
    }),
  );
}
