import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import type { RegistryConfig } from '../config/config.ts';
import type { ClientCertificate } from '../config/credentials.ts';

/** Keep-alive agents: one for each scheme, proxy and client certificate. */
export class Agents {
  readonly #config: RegistryConfig;
  readonly #plain = new Map<string, http.Agent>();
  readonly #secure = new Map<string, https.Agent>();

  constructor(config: RegistryConfig) {
    this.#config = config;
  }

  agentFor(url: URL, certificate: ClientCertificate | undefined): http.Agent {
    const proxy = this.#config.proxyFor(url);
    const key = JSON.stringify([proxy, certificate?.cert]);
    return url.protocol === 'http:'
      ? getOrMake(this.#plain, key, () => new http.Agent(this.#common(proxy)))
      : getOrMake(this.#secure, key, () => new https.Agent({ ...this.#common(proxy), ...this.#tls(certificate) }));
  }

  close(): void {
    for (const agent of [...this.#plain.values(), ...this.#secure.values()]) agent.destroy();
  }

  #common(proxy: string | undefined): http.AgentOptions {
    const options = { keepAlive: true, maxSockets: this.#config.network.concurrency, scheduling: 'lifo' as const };
    // Node's own proxy support (22.21, 24.5), given the one proxy that our configuration decides on.
    return proxy === undefined
      ? options
      : Object.assign(options, { proxyEnv: { http_proxy: proxy, https_proxy: proxy } });
  }

  #tls(certificate: ClientCertificate | undefined): https.AgentOptions {
    const { strict, ca } = this.#config.tls;
    const own = { ...(ca.length > 0 && { ca: [...ca] }), ...certificate };
    // Read once. Given the texts themselves, Node reads them for each connection and joins them three times a request:
    // with the authorities of some companies that takes longer than all else about it.
    const context = Object.keys(own).length > 0 && { secureContext: createSecureContext(own) };
    return { rejectUnauthorized: strict, ...context };
  }
}

function getOrMake<T>(map: Map<string, T>, key: string, make: () => T): T {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const made = make();
  map.set(key, made);
  return made;
}
