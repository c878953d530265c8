import { PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS, type RegistryMap } from '@lockseal/core';
import { Credentials, credentialKeysFor, type ClientCertificate } from './credentials.ts';

/** Times in milliseconds; what npm calls fetch-timeout, fetch-retries, maxsockets. */
export interface NetworkSettings {
  /** For one request with all its retries. */
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly retries: number;
  readonly retryFactor: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export interface TlsSettings {
  /** false only where the user switched certificate checks off (`strict-ssl=false`). */
  readonly strict: boolean;
  /** PEM certificates that replace the built-in authorities; empty: the built-in ones. */
  readonly ca: readonly string[];
}

export interface ProxySettings {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** Hosts reached directly: names and their subdomains, or `*`. */
  readonly none: readonly string[];
}

/** What the merged layers come to, with certificates read. */
export interface RegistryConfigParts {
  readonly map: RegistryMap;
  readonly attestationsRegistry: string | undefined;
  readonly tls: TlsSettings;
  readonly network: NetworkSettings;
  readonly sources: readonly string[];
  readonly warnings: readonly string[];
  readonly proxy: ProxySettings;
  readonly authorizations: ReadonlyMap<string, string>;
  readonly certificates: ReadonlyMap<string, ClientCertificate>;
}

/**
 * The registry configuration in force: which registry serves what, which hosts may be contacted, and with which
 * credentials. Serialising or logging it shows no secret.
 */
export class RegistryConfig {
  readonly map: RegistryMap;
  /** Base URL of the registry that answers for attestations and keys in place of each package's own. */
  readonly attestationsRegistry: string | undefined;
  readonly tls: TlsSettings;
  readonly network: NetworkSettings;
  /** Files and other sources that had a say, strongest first. */
  readonly sources: readonly string[];
  /** What the user should know; holds no secret. */
  readonly warnings: readonly string[];
  readonly #proxy: ProxySettings;
  readonly #authorizations: ReadonlyMap<string, string>;
  readonly #certificates: ReadonlyMap<string, ClientCertificate>;
  readonly #origins: ReadonlySet<string>;

  constructor(parts: RegistryConfigParts) {
    this.map = parts.map;
    this.attestationsRegistry = parts.attestationsRegistry;
    this.tls = parts.tls;
    this.network = parts.network;
    this.sources = parts.sources;
    this.warnings = parts.warnings;
    this.#proxy = parts.proxy;
    this.#authorizations = parts.authorizations;
    this.#certificates = parts.certificates;
    this.#origins = new Set(configuredUrls(parts).map((url) => new URL(url).origin));
  }

  /** Whether a registry, named registry or mirror is configured at this origin: scheme, host and port. */
  allows(url: URL): boolean {
    return /^https?:$/.test(url.protocol) && this.#origins.has(url.origin);
  }

  /**
   * The credentials filed under the longest prefix of this URL; none for a host that nothing configures. As npm does,
   * the prefix with an authorization and the one with a client certificate are looked for apart.
   */
  credentialsFor(url: string): Credentials | undefined {
    const parsed = URL.parse(url);
    if (parsed === null || !this.allows(parsed)) return undefined;
    const keys = [...credentialKeysFor(parsed)];
    const authorization = keys.map((key) => this.#authorizations.get(key)).find((value) => value !== undefined);
    const certificate = keys.map((key) => this.#certificates.get(key)).find((value) => value !== undefined);
    return authorization === undefined && certificate === undefined
      ? undefined
      : new Credentials(authorization, certificate);
  }

  /** URL of the proxy for this URL; it may hold a password. */
  proxyFor(url: URL): string | undefined {
    const proxy = url.protocol === 'https:' ? this.#proxy.https : this.#proxy.http;
    return proxy === undefined || isDirect(url.hostname, this.#proxy.none) ? undefined : proxy;
  }
}

function configuredUrls({ map, attestationsRegistry }: RegistryConfigParts): string[] {
  const registries = [map.default, ...map.scopes.values(), ...map.named.values(), ...map.mirrors];
  const urls = attestationsRegistry === undefined ? registries : [...registries, attestationsRegistry];
  // One registry under two names: who configures either may be sent to the other.
  const isPublic = urls.some((url) => url === PUBLIC_REGISTRY || url === YARN_PUBLIC_ALIAS);
  return isPublic ? [...urls, PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS] : urls;
}

/** npm's rule: an entry matches the host itself and all its subdomains; a leading dot changes nothing. */
function isDirect(host: string, none: readonly string[]): boolean {
  return none.some((entry) => {
    const domain = entry.replace(/^\*?\./, '').replace(/:\d+$/, '');
    return entry === '*' || host === domain || host.endsWith(`.${domain}`);
  });
}
