import path from 'node:path';
import process from 'node:process';
import { PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS, type LockfileFormat, type RegistryMap } from '@lockseal/core';
import { RegistryConfig, type NetworkSettings, type ProxySettings } from './config.ts';
import { credentialKey, type ClientCertificate } from './credentials.ts';
import { loadLayers } from './files.ts';
import { draftLayer, type ConfigLayer, type LayerSettings } from './layer.ts';
import { configError, listValue, proxyUrl, readConfigFile, registryUrl, type Environment } from './values.ts';

/** What the command line says of registries; it is stronger than every file. */
export interface RegistryFlags {
  readonly registry?: string | undefined;
  /** Further base URLs whose hosts may serve tarballs or be redirected to. */
  readonly mirrors?: readonly string[] | undefined;
  /** Base URL of a registry that answers for attestations and keys in place of each package's own. */
  readonly attestationsRegistry?: string | undefined;
  /** Connections at a time. */
  readonly concurrency?: number | undefined;
}

export interface RegistryConfigRequest {
  /** The lockfile's folder. */
  readonly directory: string;
  readonly env: Environment;
  readonly home: string;
  /** Decides which files count; without one, npm's. */
  readonly format?: LockfileFormat | undefined;
  readonly flags?: RegistryFlags | undefined;
  /** false: files inside the project, which a pull request can change, have no say. */
  readonly useProjectFiles?: boolean | undefined;
  readonly execPath?: string | undefined;
  readonly platform?: NodeJS.Platform | undefined;
}

const DEFAULT_NETWORK: NetworkSettings = {
  timeoutMs: 300_000,
  concurrency: 16,
  retries: 2,
  retryFactor: 10,
  retryMinMs: 500,
  retryMaxMs: 30_000,
};

/**
 * The registry configuration as the lockfile's package manager sees it (see `loadLayers` for which files count).
 * A stronger layer wins setting by setting, a registry's credentials as a whole.
 * @throws LocksealError ERR_CONFIG for a file that cannot be read or a value that is wrong; no message holds a secret
 */
export async function loadRegistryConfig(request: RegistryConfigRequest): Promise<RegistryConfig> {
  const files = await loadLayers(request.format ?? 'npm', {
    directory: request.directory,
    home: request.home,
    env: request.env,
    execPath: request.execPath ?? process.execPath,
    platform: request.platform ?? process.platform,
    useProjectFiles: request.useProjectFiles ?? true,
  });
  const flags = flagsLayer(request.flags ?? {});
  const layers = [flags.layer, ...files];
  const setting = <K extends keyof LayerSettings>(key: K): LayerSettings[K] =>
    layers.map((layer) => layer.settings[key]).find((value) => value !== undefined);
  const map = mergeMaps(layers);
  return new RegistryConfig({
    map,
    attestationsRegistry: flags.attestationsRegistry,
    tls: { strict: setting('strictSsl') ?? true, ca: await authorities(layers) },
    network: mergeNetwork(setting),
    proxy: mergeProxy(setting, request.env),
    sources: layers.filter(hasSay).map((layer) => layer.source),
    warnings: [...layers.flatMap((layer) => layer.warnings), ...insecure(setting('strictSsl'))],
    authorizations: new Map(layers.toReversed().flatMap((layer) => authorizationsOf(layer, map.default))),
    certificates: await certificates(layers),
  });
}

function flagsLayer(flags: RegistryFlags): {
  readonly layer: ConfigLayer;
  readonly attestationsRegistry: string | undefined;
} {
  const draft = draftLayer('command line');
  const url = (key: string, text: string): string => registryUrl(text, { file: draft.source, key }, draft);
  if (flags.registry !== undefined) draft.registry = url('registry', flags.registry);
  draft.mirrors.push(...(flags.mirrors ?? []).map((text) => url('mirror', text)));
  draft.settings = { concurrency: flags.concurrency };
  const attestations = flags.attestationsRegistry;
  return {
    layer: draft,
    attestationsRegistry: attestations === undefined ? undefined : url('attestations-registry', attestations),
  };
}

function mergeMaps(layers: readonly ConfigLayer[]): RegistryMap {
  const weakestFirst = layers.toReversed();
  const configured = layers.map((layer) => layer.registry).find((url) => url !== undefined) ?? PUBLIC_REGISTRY;
  return {
    // Yarn's name for npm's public registry is not a registry of its own.
    default: configured === YARN_PUBLIC_ALIAS ? PUBLIC_REGISTRY : configured,
    scopes: new Map(weakestFirst.flatMap((layer) => [...layer.scopes])),
    named: new Map(weakestFirst.flatMap((layer) => [...layer.named])),
    mirrors: [...new Set(layers.flatMap((layer) => layer.mirrors))],
  };
}

type Setting = <K extends keyof LayerSettings>(key: K) => LayerSettings[K];

function mergeNetwork(setting: Setting): NetworkSettings {
  return {
    timeoutMs: setting('timeoutMs') ?? DEFAULT_NETWORK.timeoutMs,
    concurrency: Math.min(64, Math.max(1, setting('concurrency') ?? DEFAULT_NETWORK.concurrency)),
    retries: Math.min(10, setting('retries') ?? DEFAULT_NETWORK.retries),
    retryFactor: setting('retryFactor') ?? DEFAULT_NETWORK.retryFactor,
    retryMinMs: setting('retryMinMs') ?? DEFAULT_NETWORK.retryMinMs,
    retryMaxMs: setting('retryMaxMs') ?? DEFAULT_NETWORK.retryMaxMs,
  };
}

/** As npm: its own settings, then the variables that most programs heed. */
function mergeProxy(setting: Setting, env: Environment): ProxySettings {
  const variable = (name: string): string | undefined => {
    const text = env[name.toLowerCase()] ?? env[name];
    return text === undefined || text === '' ? undefined : proxyUrl(text, { file: 'environment', key: name });
  };
  const [http, https] = [setting('httpProxy'), setting('httpsProxy')];
  const none = env['no_proxy'] ?? env['NO_PROXY'];
  return {
    https: https ?? http ?? variable('HTTPS_PROXY'),
    http: http ?? https ?? variable('HTTP_PROXY'),
    none: setting('noProxy') ?? (none === undefined ? [] : listValue(none)),
  };
}

async function authorities(layers: readonly ConfigLayer[]): Promise<readonly string[]> {
  for (const { source, settings } of layers) {
    if (settings.ca !== undefined) return settings.ca;
    if (settings.cafile === undefined) continue;
    const pem = await readPem(settings.cafile, source, 'cafile');
    return pem.split(/(?<=-----END CERTIFICATE-----)\s*/).filter((part) => part.includes('BEGIN CERTIFICATE'));
  }
  return [];
}

async function readPem(file: string, source: string, key: string): Promise<string> {
  const resolved = path.isAbsolute(file) ? file : path.resolve(path.dirname(source), file);
  const text = await readConfigFile(resolved);
  if (text === undefined) throw configError({ file: source, key }, 'names a file that is not there');
  return text;
}

function authorizationsOf(layer: ConfigLayer, defaultRegistry: string): (readonly [string, string])[] {
  const parts = [...layer.credentials].map(([key, { authorization }]) => [key, authorization] as const);
  const all = [...parts, [credentialKey(defaultRegistry), layer.defaultAuthorization] as const];
  return all.flatMap(([key, authorization]) =>
    key === undefined || authorization === undefined ? [] : [[key, authorization] as const],
  );
}

async function certificates(layers: readonly ConfigLayer[]): Promise<ReadonlyMap<string, ClientCertificate>> {
  const found = new Map<string, ClientCertificate>();
  for (const { source, credentials } of layers) {
    for (const [prefix, { certfile, keyfile }] of credentials) {
      if (certfile === undefined || keyfile === undefined || found.has(prefix)) continue;
      const cert = await readPem(certfile, source, `${prefix}:certfile`);
      const key = await readPem(keyfile, source, `${prefix}:keyfile`);
      found.set(prefix, { cert, key });
    }
  }
  return found;
}

function hasSay(layer: ConfigLayer): boolean {
  const { registry, scopes, named, mirrors, credentials, settings } = layer;
  const isSet = registry !== undefined || mirrors.length + scopes.size + named.size + credentials.size > 0;
  return isSet || Object.values(settings).some((value) => value !== undefined);
}

function insecure(strict: boolean | undefined): readonly string[] {
  return strict === false ? ['strict-ssl=false: certificates of registries are not checked'] : [];
}
