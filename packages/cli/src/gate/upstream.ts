import { canonicalTarballUrl, LocksealError, PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS, type Authority } from '@lockseal/core';
import type { ApprovedArtifact, Upstream } from '@lockseal/gate';
import { HttpClient, RESPONSE_LIMITS, type RegistryConfig } from '@lockseal/registry';
import { dial } from './dial.ts';

export interface UpstreamOptions {
  readonly config: RegistryConfig;
  readonly offline: boolean;
  readonly userAgent: string;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
}

/** The configured registries, by the client and the credentials that verification uses. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const client = new HttpClient({ ...options, signal });
  return {
    packument: (name, registry) => fetchPackument(client, name, registry),
    tarball: (artifact, read) => fetchTarball(client, options.config, artifact, read),
    connect: (host, port, aborted) => dial({ host, port } satisfies Authority, options.config, aborted),
    close: () => {
      closing.abort();
      client.close();
    },
  };
}

async function fetchPackument(client: HttpClient, name: string, registry: string): Promise<unknown> {
  const url = `${registry}${name.replace('/', '%2f')}`;
  const answer = await client.get({
    url,
    accept: 'application/json',
    maxBytes: RESPONSE_LIMITS.packument,
    read: async (body) => parse(await readAll(body), url),
  });
  return answer.status === 'ok' ? answer.value : undefined;
}

async function fetchTarball<T>(
  client: HttpClient,
  config: RegistryConfig,
  artifact: ApprovedArtifact,
  read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const first = tarballUrl(artifact, config);
  const answer = await client.get({ url: first, maxBytes: RESPONSE_LIMITS.tarball, read });
  if (answer.status === 'ok') return answer.value;
  // Some registries keep tarballs elsewhere, and only their documents tell where.
  const documented = await documentedUrl(client, artifact, config);
  if (documented !== undefined && documented !== first) {
    const second = await client.get({ url: documented, maxBytes: RESPONSE_LIMITS.tarball, read });
    if (second.status === 'ok') return second.value;
  }
  throw new LocksealError('ERR_HTTP', `The registry has no such tarball: ${first}`, {
    file: first,
    expected: 'the approved tarball',
    found: 'status 404',
  });
}

/** As `tarballUrlOf`, from what an artifact records: npm's public hosts stand for the configured registry. */
function tarballUrl({ name, version, registry, lockedUrl }: ApprovedArtifact, config: RegistryConfig): string {
  const locked = lockedUrl === undefined ? null : URL.parse(lockedUrl);
  if (locked !== null) locked.hash = '';
  if (registry === undefined || version === undefined) return locked?.href ?? '';
  const canonical = canonicalTarballUrl(registry, name, version);
  return locked === null ? canonical : (reachable(locked, registry, config) ?? canonical);
}

function reachable(url: URL, registry: string, config: RegistryConfig): string | undefined {
  if (config.allows(url)) return url.href;
  const rest = [PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS].find((base) => url.href.startsWith(base));
  return rest === undefined ? undefined : `${registry}${url.href.slice(rest.length)}`;
}

async function documentedUrl(
  client: HttpClient,
  { name, version, registry }: ApprovedArtifact,
  config: RegistryConfig,
): Promise<string | undefined> {
  if (registry === undefined || version === undefined) return undefined;
  const url = `${registry}${name.replace('/', '%2f')}/${encodeURIComponent(version)}`;
  const answer = await client.get({
    url,
    accept: 'application/json',
    maxBytes: RESPONSE_LIMITS.versionDocument,
    read: async (body) => parse(await readAll(body), url),
  });
  const tarball = answer.status === 'ok' ? member(member(answer.value, 'dist'), 'tarball') : undefined;
  const parsed = typeof tarball === 'string' ? URL.parse(tarball) : null;
  return parsed === null ? undefined : reachable(parsed, registry, config);
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parse(bytes: Buffer, url: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new LocksealError('ERR_RESPONSE_INVALID', `The answer is not JSON (${url})`, { file: url, cause });
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
