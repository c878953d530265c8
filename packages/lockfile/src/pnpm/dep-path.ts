import { isExactVersion } from '@lockseal/core';

/**
 * How keys and references are written: 5 is `/name/1.2.3_peer@x`, 6 is `/name@1.2.3(peer@x)`, 9 is `name@1.2.3(peer@x)`
 * with the part in brackets in `snapshots` only.
 */
export type KeyStyle = 5 | 6 | 9;

/** What stands in the place of the version. */
export type Slot =
  /** `registry` is the named registry (9), or the host of one that is not the default (5, 6). */
  | { readonly type: 'version'; readonly version: string; readonly registry: string | undefined }
  | { readonly type: 'runtime'; readonly version: string }
  /** A path or URL, to be compared with what the resolution fetches. */
  | { readonly type: 'location'; readonly text: string }
  /** Anything else: a git reference, or a form that only the resolution can explain. */
  | { readonly type: 'other'; readonly text: string };

export interface DepPath {
  /** undefined where the key holds no name: non-registry packages of 5 and 6, which have a `name` field. */
  readonly name: string | undefined;
  readonly slot: Slot;
  /** As recorded, from `(patch_hash=…)`. */
  readonly patchHash: string | undefined;
}

/** A key of `packages` or `snapshots` taken apart; undefined when it has not the form of its style. */
export function parseDepPath(key: string, style: KeyStyle): DepPath | undefined {
  const { base, patchHash } = cutSuffix(key, style);
  if (style === 9) return named(base, '@', patchHash);
  if (base.startsWith('/')) return named(base.slice(1), style === 6 ? '@' : '/', patchHash);
  const hosted = HOSTED.exec(base);
  const rest = hosted?.[2] === undefined ? undefined : named(hosted[2], style === 6 ? '@' : '/', patchHash);
  if (rest?.slot.type === 'version') return { ...rest, slot: { ...rest.slot, registry: hosted?.[1] } };
  return { name: undefined, slot: parseSlot(base), patchHash };
}

/** `registry.example.com/name/1.2.3`: 5 and 6 begin a key with the host when the registry is not the default one. */
const HOSTED = /^([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+)?)\/(.+)$/;

function named(text: string, separator: '@' | '/', patchHash: string | undefined): DepPath | undefined {
  const from = text.startsWith('@') ? text.indexOf('/') + 1 : 1;
  const at = from === 0 ? -1 : text.indexOf(separator, from);
  if (at < 0) return undefined;
  return { name: text.slice(0, at), slot: parseSlot(text.slice(at + 1)), patchHash };
}

function parseSlot(text: string): Slot {
  if (isExactVersion(text)) return { type: 'version', version: text, registry: undefined };
  const colon = text.indexOf(':');
  const protocol = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  if (protocol === 'runtime') return { type: 'runtime', version: rest };
  if (protocol === 'file' || protocol === 'http' || protocol === 'https') return { type: 'location', text };
  if (protocol !== '' && isExactVersion(rest)) return { type: 'version', version: rest, registry: protocol };
  return { type: 'other', text };
}

/** A key or reference of style 9 without peers and patch hash, as `packages` lists it. */
export function withoutSuffix(key: string): string {
  const start = bracketStart(key);
  return start < 0 ? key : key.slice(0, start);
}

/** The hash in `(patch_hash=…)` of a style 9 key. */
export function patchHashOf(key: string): string | undefined {
  return key.includes('(patch_hash=') ? cutSuffix(key, 9).patchHash : undefined;
}

function cutSuffix(key: string, style: KeyStyle): { readonly base: string; readonly patchHash: string | undefined } {
  if (style === 5) {
    // A version holds no '_', but a path may: only the version's own suffix is cut.
    const slash = key.startsWith('/') ? key.lastIndexOf('/', suffixStart(key)) : -1;
    const underscore = slash < 0 ? -1 : key.indexOf('_', slash);
    return { base: underscore < 0 ? key : key.slice(0, underscore), patchHash: undefined };
  }
  const start = bracketStart(key);
  if (start < 0) return { base: key, patchHash: undefined };
  const patch = /^\(patch_hash=([^()]+)\)/.exec(key.slice(start));
  return { base: key.slice(0, start), patchHash: patch?.[1] };
}

/** Where the peers of a style 5 key may begin: after the slash that follows the name. */
function suffixStart(key: string): number {
  const name = key.startsWith('/@') ? key.indexOf('/', key.indexOf('/', 1) + 1) : key.indexOf('/', 1);
  return name < 0 ? key.length : name;
}

const OPEN = 0x28;
const CLOSE = 0x29;

/** Where the brackets at the end of a key begin, found from behind because paths and URLs may hold brackets; or -1. */
function bracketStart(key: string): number {
  if (!key.endsWith(')')) return -1;
  let open = 0;
  for (let at = key.length - 1; at >= 0; at -= 1) {
    const code = key.charCodeAt(at);
    if (code === CLOSE) open += 1;
    else if (code === OPEN) open -= 1;
    else if (open === 0) return at + 1;
  }
  return -1;
}

/** The key that a reference (`version` of an importer, value of a dependency table) leads to; undefined for `link:`. */
export function keyOfReference(name: string, reference: string, style: KeyStyle): string | undefined {
  if (reference.startsWith('link:')) return undefined;
  if (style === 9) return namesItself(reference) ? reference : `${name}@${reference}`;
  if (reference.startsWith('file:')) return reference;
  const bracket = reference.indexOf('(');
  const slash = reference.indexOf('/');
  const relative = slash < 0 || (bracket >= 0 && slash > bracket);
  return relative ? `/${name}${style === 6 ? '@' : '/'}${reference}` : reference;
}

/** Whether a reference of style 9 is an alias: `string-width@4.2.3`, and not `git+ssh://git@host/…` or `1.0.0(a@1)`. */
function namesItself(reference: string): boolean {
  if (reference.startsWith('@')) return true;
  const at = reference.indexOf('@');
  if (at < 0) return false;
  const colon = reference.indexOf(':');
  const bracket = reference.indexOf('(');
  return (colon < 0 || at < colon) && (bracket < 0 || at < bracket);
}
