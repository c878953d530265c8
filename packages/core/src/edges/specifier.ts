import semver from 'semver';
import { isPackageName } from '../package-id.ts';

/** What a dependency specifier asks for. `name` is the real name, which an alias makes differ from the edge's. */
export type Specifier =
  /** A version range of a package on a registry. `registry` is pnpm's name of a registry, as in `work:^1.0.0`. */
  | { readonly type: 'range'; readonly name: string; readonly range: string; readonly registry: string | undefined }
  /** A dist-tag: any version of that name may answer. */
  | { readonly type: 'tag'; readonly name: string; readonly tag: string }
  /** `committish` is what follows '#', if anything. */
  | { readonly type: 'git'; readonly repository: string; readonly committish: string | undefined }
  | { readonly type: 'url'; readonly url: string }
  /** `file:`, `link:`, `portal:` or a bare path; relative to the manifest that says it. */
  | { readonly type: 'local'; readonly protocol: 'file' | 'link' | 'portal'; readonly path: string }
  /** `path` where the specifier names a directory instead of a range. */
  | {
      readonly type: 'workspace';
      readonly name: string;
      readonly range: string | undefined;
      readonly path: string | undefined;
    }
  | { readonly type: 'catalog'; readonly catalog: string }
  /** Yarn Berry: `inner` is the descriptor that is patched, decoded. */
  | { readonly type: 'patch'; readonly inner: string; readonly files: string }
  | { readonly type: 'jsr'; readonly name: string; readonly range: string }
  | { readonly type: 'runtime'; readonly version: string }
  | { readonly type: 'unknown'; readonly text: string };

/** Longer specifiers are not parsed: the longest range on npm is far shorter, and range grammars backtrack. */
const MAX_SPECIFIER = 4096;

const HOSTED = /^(?:github|gitlab|bitbucket|gist):/;
/** `user/repository`, npm's shorthand for GitHub. */
const SHORTHAND = /^[^@\s/:.#~][^@\s/:#]*\/[^@\s/:#]+(?:#.*)?$/;
const GIT_URL = /^(?:git(?:\+[a-z]+)?:|ssh:|git@)|^https?:.*\.git(?:#.*)?$/;
/** npm clones these over git even when they are written as web addresses. */
const GIT_HOST = /^https?:\/\/(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)\/[^/\s]+\/[^/\s#]+(?:#.*)?$/;
const LOCAL_PATH = /^(?:\.{1,2}(?:\/|$)|\/|~\/|[A-Za-z]:[\\/])|\.(?:tgz|tar|tar\.gz)$/;
/** What needs no encoding in a URL: npm's rule for dist-tags. */
const TAG = /^[A-Za-z0-9\-_.!~*'()]+$/;
const NAMED_REGISTRY = /^([A-Za-z0-9._-]+):(.+)$/;

/**
 * Parses a dependency specifier in the union of what npm, pnpm, Yarn, bun and Deno accept.
 * One form means two things: `npm:foo` is the package `foo` to npm, pnpm and bun, and the tag `foo` to Yarn Berry.
 * @param name the name under which the dependency is declared
 * @param bareNpm what `npm:foo` is
 * https://github.com/npm/npm-package-arg, https://yarnpkg.com/protocols, https://pnpm.io/aliases
 */
export function parseSpecifier(name: string, text: string, bareNpm: 'name' | 'tag' = 'name'): Specifier {
  const spec = text.trim();
  if (spec.length > MAX_SPECIFIER) return { type: 'unknown', text: spec };
  const range = parseRange(spec);
  if (range !== undefined) return { type: 'range', name, range, registry: undefined };
  return (
    parseProtocol(name, spec, bareNpm) ?? parseAddress(spec) ?? parseNamedRegistry(name, spec) ?? parseTag(name, spec)
  );
}

/** No protocol, path or address can be spelled with these, of which loose ranges would drop what they do not know. */
const RANGE = /^[\w\s.*^~<>=|+,-]*$/;

/** The text itself if it is a version or a range (npm reads ranges loosely); '' asks for any version. */
function parseRange(text: string): string | undefined {
  if (text === '') return '*';
  if (!RANGE.test(text)) return undefined;
  return semver.validRange(text, { loose: true }) === null ? undefined : text;
}

function parseProtocol(name: string, spec: string, bareNpm: 'name' | 'tag'): Specifier | undefined {
  const colon = spec.indexOf(':');
  if (colon < 0) return undefined;
  const rest = spec.slice(colon + 1);
  const protocol = spec.slice(0, colon);
  switch (protocol) {
    case 'npm':
      return parseNpm(name, rest, bareNpm);
    case 'jsr':
      return parseJsr(name, rest);
    case 'workspace':
      return parseWorkspace(name, rest);
    case 'catalog':
      return { type: 'catalog', catalog: rest === '' ? 'default' : rest };
    case 'patch':
      return parsePatch(rest);
    case 'runtime':
      return { type: 'runtime', version: rest };
    case 'file':
    case 'link':
    case 'portal':
      return { type: 'local', protocol, path: stripParameters(rest) };
    default:
      return undefined;
  }
}

function parseNpm(name: string, rest: string, bareNpm: 'name' | 'tag'): Specifier {
  const range = parseRange(rest);
  if (range !== undefined) return { type: 'range', name, range, registry: undefined };
  const aliased = parseAliased(rest);
  if (aliased !== undefined) return aliased;
  if (bareNpm === 'tag') return { type: 'tag', name, tag: rest };
  return isPackageName(rest) ? { type: 'tag', name: rest, tag: 'latest' } : { type: 'unknown', text: rest };
}

/** `name@range` or `@scope/name@range`. */
function parseAliased(text: string, registry?: string): Specifier | undefined {
  const at = text.indexOf('@', 1);
  if (at < 0) return undefined;
  const name = text.slice(0, at);
  if (!isPackageName(name)) return undefined;
  const range = parseRange(text.slice(at + 1));
  if (range === undefined) return { type: 'tag', name, tag: text.slice(at + 1) };
  return { type: 'range', name, range, registry };
}

function parseJsr(name: string, rest: string): Specifier {
  const at = rest.indexOf('@', 1);
  if (!rest.startsWith('@')) return { type: 'jsr', name, range: rest };
  return at < 0
    ? { type: 'jsr', name: rest, range: '*' }
    : { type: 'jsr', name: rest.slice(0, at), range: rest.slice(at + 1) };
}

/** `*`, `^`, `~` and `^1.0.0`; pnpm's `alias@range`; a path, in pnpm with a leading dot, in Yarn without. */
function parseWorkspace(name: string, rest: string): Specifier {
  const ask = (real: string, range: string | undefined, path: string | undefined): Specifier => ({
    type: 'workspace',
    name: real,
    range,
    path,
  });
  if (rest === '' || rest === '^' || rest === '~') return ask(name, '*', undefined);
  const range = parseRange(rest);
  if (range !== undefined) return ask(name, range, undefined);
  const at = rest.indexOf('@', 1);
  const real = rest.slice(0, at);
  if (at > 0 && isPackageName(real)) return { ...parseWorkspace(real, rest.slice(at + 1)) };
  return ask(name, undefined, rest);
}

function parsePatch(rest: string): Specifier {
  const hash = rest.indexOf('#');
  if (hash < 0) return { type: 'unknown', text: `patch:${rest}` };
  return { type: 'patch', inner: decode(rest.slice(0, hash)), files: stripParameters(rest.slice(hash + 1)) };
}

function parseAddress(spec: string): Specifier | undefined {
  if (HOSTED.test(spec) || GIT_URL.test(spec) || GIT_HOST.test(spec)) return git(spec);
  if (/^https?:\/\//.test(spec)) return { type: 'url', url: spec };
  if (LOCAL_PATH.test(spec)) return { type: 'local', protocol: 'file', path: spec };
  return SHORTHAND.test(spec) ? git(spec) : undefined;
}

function git(spec: string): Specifier {
  const hash = spec.indexOf('#');
  return hash < 0
    ? { type: 'git', repository: spec, committish: undefined }
    : { type: 'git', repository: spec.slice(0, hash), committish: spec.slice(hash + 1) };
}

/** pnpm: `work:^1.0.0` and `work:name@^1.0.0`. */
function parseNamedRegistry(name: string, spec: string): Specifier | undefined {
  const [, registry, rest] = NAMED_REGISTRY.exec(spec) ?? [];
  if (registry === undefined || rest === undefined) return undefined;
  const range = parseRange(rest);
  if (range !== undefined) return { type: 'range', name, range, registry };
  return parseAliased(rest, registry);
}

function parseTag(name: string, spec: string): Specifier {
  return TAG.test(spec) ? { type: 'tag', name, tag: spec } : { type: 'unknown', text: spec };
}

/** Yarn Berry binds parameters with `::`. */
function stripParameters(text: string): string {
  const bound = text.indexOf('::');
  return bound < 0 ? text : text.slice(0, bound);
}

/** Yarn percent-encodes the inner descriptor; a text that is no percent-encoding stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
