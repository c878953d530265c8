import type { FindingCode } from '../finding-codes.ts';
import { scopeOf } from '../package-id.ts';
import { PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS, type RegistryMap } from '../ports.ts';

const PUBLIC_HOSTS: readonly string[] = [PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS].map((base) => new URL(base).host);

/** What a locked URL is asked against. */
export interface UrlQuestion {
  readonly name: string;
  readonly version: string;
  readonly namedRegistry: string | undefined;
  /** As recorded; undefined: the package manager derives it from its configuration. */
  readonly url: string | undefined;
  /** Yarn Berry's `__archiveUrl`, whose abuse has a code of its own. */
  readonly isArchiveUrl: boolean;
  /** `dist.tarball` of the registry's version document; undefined: not known (yet). */
  readonly registryUrl: string | undefined;
}

export type UrlVerdict =
  | { readonly status: 'agrees' }
  /** Only the registry's version document can tell. */
  | { readonly status: 'undecided' }
  | { readonly status: 'disagrees'; readonly codes: readonly FindingCode[]; readonly expected: string };

/**
 * The registry that serves a package: named registry, scope, default; base URL with a trailing slash.
 * vlt names a registry by its URL where the configuration has no name for it: that counts only where the package
 * comes from there anyway.
 */
export function registryFor(map: RegistryMap, name: string, namedRegistry: string | undefined): string | undefined {
  const scope = scopeOf(name);
  const own = (scope === undefined ? undefined : map.scopes.get(scope)) ?? map.default;
  return namedRegistry === undefined || namedRegistry === own ? own : map.named.get(namedRegistry);
}

/**
 * The URL that npm registries give a tarball and package managers derive when none is recorded:
 * `<registry><name>/-/<basename>-<version>.tgz`; build metadata is not part of it.
 */
export function canonicalTarballUrl(registry: string, name: string, version: string): string {
  const basename = name.slice(name.indexOf('/') + 1);
  const [published] = version.split('+');
  return `${registry}${name}/-/${basename}-${published}.tgz`;
}

/**
 * Whether the locked URL is the tarball of this very name and version on a configured registry.
 * npm's public registry always counts, under both its names: npm puts the configured registry in its place
 * (`replace-registry-host`).
 */
export function checkTarballUrl(question: UrlQuestion, map: RegistryMap): UrlVerdict {
  if (question.url === undefined) return { status: 'agrees' };
  const registry = registryFor(map, question.name, question.namedRegistry) ?? map.default;
  const expected = question.registryUrl ?? canonicalTarballUrl(registry, question.name, question.version);
  const codes: FindingCode[] = [];
  const located = locate(question.url, [registry, ...allRegistries(map)]);
  if (located === 'exotic') return { status: 'disagrees', codes: ['non-registry-source'], expected };
  if (isPlainHttp(question.url)) codes.push('insecure-url');
  const mismatch: FindingCode = question.isArchiveUrl ? 'archive-url-redirect' : 'url-mismatch';
  if (located === 'foreign') codes.push('non-registry-source', mismatch);
  else if (!isThisTarball(question, [registry, ...allRegistries(map)])) {
    if (question.registryUrl === undefined && located === 'configured') return { status: 'undecided' };
    codes.push(mismatch);
  }
  return codes.length === 0 ? { status: 'agrees' } : { status: 'disagrees', codes, expected };
}

function allRegistries(map: RegistryMap): string[] {
  const configured = [map.default, ...map.scopes.values(), ...map.named.values(), ...map.mirrors];
  return [PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS, ...configured];
}

function isThisTarball(question: UrlQuestion, registries: readonly string[]): boolean {
  // A URL from before npm used https is still this tarball; `insecure-url` is reported beside it.
  const url = withoutFragment(question.url ?? '').replace(
    /^http:\/\/(?=registry\.npmjs\.org\/|registry\.yarnpkg\.com\/)/,
    'https://',
  );
  if (question.registryUrl !== undefined && url === withoutFragment(question.registryUrl)) return true;
  const encoded = question.name.replace('/', '%2f');
  return registries.some((registry) => {
    const canonical = canonicalTarballUrl(registry, question.name, question.version);
    return url === canonical || url === canonical.replace(question.name, encoded);
  });
}

/** exotic: nothing a registry serves (file:, git:, userinfo, unparsable). public: npm's own registry. */
function locate(url: string, registries: readonly string[]): 'exotic' | 'foreign' | 'configured' | 'public' {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return 'exotic';
  if (parsed.username !== '' || parsed.password !== '') return 'exotic';
  if (PUBLIC_HOSTS.includes(parsed.host)) return 'public';
  return registries.some((registry) => URL.parse(registry)?.host === parsed.host) ? 'configured' : 'foreign';
}

function isPlainHttp(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname);
}

function withoutFragment(url: string): string {
  const hash = url.indexOf('#');
  return hash < 0 ? url : url.slice(0, hash);
}
