import semver from 'semver';
import { PUBLIC_REGISTRY } from './ports.ts';

const NAME = /^(?:@[a-zA-Z0-9~._-]+\/)?[a-zA-Z0-9~._-]+$/;
const MAX_NAME = 214;

/**
 * Whether npm can ever have published this name: ASCII and URL-safe, case-sensitive, no `..`, not `node_modules`.
 * It is npm's rule for legacy names (upper case was legal until 2017); a leading dot or underscore is refused.
 * https://github.com/npm/validate-npm-package-name
 */
export function isPackageName(text: string): boolean {
  if (text.length === 0 || text.length > MAX_NAME || !NAME.test(text)) return false;
  const parts = text.startsWith('@') ? text.slice(1).split('/') : [text];
  const last = parts.at(-1) ?? '';
  if (parts.some((part) => part === '.' || part === '..')) return false;
  if (/^[._]/.test(last) && parts.length === 1) return false;
  return last !== 'node_modules' && last !== 'favicon.ico';
}

/** Three numbers, each below Number.MAX_SAFE_INTEGER: most versions. */
const PLAIN_VERSION = /^(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})$/;

/** Whether the text is an exact version in the one spelling that SemVer 2.0.0 allows (`v1.0.0` and `=1.0.0` are not). */
export function isExactVersion(text: string): boolean {
  if (PLAIN_VERSION.test(text)) return true;
  return text.length <= 256 && semver.parse(text)?.raw === text && /^\d/.test(text);
}

/** All but what the specification leaves bare: letters, digits, `-`, `.`, `_`, `~` and ':'. */
const ENCODED = /[^A-Za-z0-9._~:-]/gu;

/**
 * Package URL of a published version, in the spelling of npm's own attestation subjects:
 * `pkg:npm/%40scope/name@1.2.3`, the name in lower case. `repository` becomes the `repository_url` qualifier unless it is
 * npm's public registry.
 * https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md
 */
export function toPurl(name: string, version: string | undefined, repository: string = PUBLIC_REGISTRY): string {
  const path = name.toLowerCase().split('/').map(encoded).join('/');
  const at = version === undefined ? '' : `@${encoded(version)}`;
  const qualifiers =
    repository === PUBLIC_REGISTRY ? '' : `?${new URLSearchParams({ repository_url: repository }).toString()}`;
  return `pkg:npm/${path}${at}${qualifiers}`;
}

function encoded(component: string): string {
  return component.replaceAll(ENCODED, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  );
}

/** `name@version`, for messages. */
export function toSpec(name: string, version: string | undefined): string {
  return version === undefined ? name : `${name}@${version}`;
}

/** The scope with its '@', or undefined. */
export function scopeOf(name: string): string | undefined {
  return name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined;
}

/** Scope, name and version, each encoded; qualifiers and subpath are left aside. */
const NPM_PURL = /^pkg:npm\/(?:([^/@?#]+)\/)?([^/@?#]+)(?:@([^/@?#]+))?(?:\?[^#]*)?(?:#.*)?$/s;

/** Name and version of an npm purl, as `toPurl` spells them; undefined for other types and for what is no purl. */
export function fromPurl(purl: string): { readonly name: string; readonly version: string | undefined } | undefined {
  const [, scope, name, version] = NPM_PURL.exec(purl) ?? [];
  if (name === undefined) return undefined;
  try {
    const path = scope === undefined ? name : `${scope}/${name}`;
    return { name: decodeURIComponent(path), version: version && decodeURIComponent(version) };
  } catch (thrown) {
    if (thrown instanceof URIError) return undefined;
    throw thrown;
  }
}
