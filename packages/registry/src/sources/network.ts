import { hash } from 'node:crypto';
import {
  asLocksealError,
  isPackageName,
  LocksealError,
  PUBLIC_REGISTRY,
  sha512FromIntegrity,
  type AttestationDocument,
  type EvidenceSource,
  type FactsStore,
  type Fetched,
  type PackageHistory,
  type PackageVersion,
  type RawAttestation,
  type RegistryKey,
  type TarballCode,
  type TarballExtra,
  type TarballFacts,
  type TarballRequest,
  type VersionDocument,
} from '@lockseal/core';
import { getTarballFacts, putTarballFacts } from '../cache/tarball-facts.ts';
import type { Cache } from '../cache/store.ts';
import type { RegistryConfig } from '../config/config.ts';
import type { HttpClient } from '../http/client.ts';
import { TARBALL_LIMITS, type TarballLimits } from '../tarball/limits.ts';
import type { CodeCollector } from '../tarball/code-collector.ts';
import { ALL_EXTRAS } from '../tarball/extras.ts';
import { createTarballReader } from '../tarball/late-reader.ts';
import type { TarballReader } from '../tarball/read.ts';
import type { WholeReader } from '../tarball/reading.ts';
import { UnreadableTarball } from '../tarball/contents.ts';
import { KeyFormatError, mergeKeys, parseRegistryKeys } from '../trust/keys.ts';
import type { TrustMaterial } from '../trust/load.ts';
import { noAttestations, readAttestations } from './attestations.ts';
import { DocumentFetcher, type DocumentRequest } from './documents.ts';
import { boilHistory, parseHistory } from './history.ts';
import { invalid, parseJson } from './json.ts';
import { RESPONSE_LIMITS, type ResponseLimits } from './limits.ts';
import { registryOf, tarballUrlOf } from './tarball-url.ts';
import { VersionReader } from './versions.ts';

export interface NetworkSourceOptions {
  readonly config: RegistryConfig;
  readonly client: HttpClient;
  readonly cache: Cache | undefined;
  readonly offline: boolean;
  /** What has followed from the answers in the cache. */
  readonly settled?: FactsStore | undefined;
  readonly trustedKeys: TrustMaterial['registryKeys'];
  readonly limits?: Partial<ResponseLimits> | undefined;
  readonly tarballLimits?: TarballLimits | undefined;
  /** Reads small tarballs; default: as `readTarball` does. */
  readonly readWhole?: WholeReader | undefined;
}

/** Evidence from the configured registries, through the cache where there is one. */
export function createNetworkSource(options: NetworkSourceOptions): EvidenceSource {
  return new NetworkSource(options);
}

class NetworkSource implements EvidenceSource {
  readonly settled: FactsStore | undefined;
  readonly #options: NetworkSourceOptions;
  readonly #limits: ResponseLimits;
  readonly #documents: DocumentFetcher;
  readonly #versions: VersionReader;
  /** Keys by registry: they are asked for once a run. */
  readonly #keys = new Map<string, Promise<Fetched<readonly RegistryKey[]>>>();
  /** Loaded when it is needed, with all that reads archives: most runs read none. */
  readonly #reader: TarballReader;
  /** Histories by URL: several versions of a package share one. */
  readonly #histories = new Map<string, Promise<Fetched<PackageHistory>>>();

  constructor(options: NetworkSourceOptions) {
    this.settled = options.settled;
    this.#options = options;
    this.#limits = { ...RESPONSE_LIMITS, ...options.limits };
    this.#documents = new DocumentFetcher(options);
    this.#versions = new VersionReader(this.#documents, this.#limits);
    this.#reader = createTarballReader(options.readWhole);
  }

  versionDocument(version: PackageVersion): Promise<Fetched<VersionDocument>> {
    return guarded(() => this.#versions.read(registryOf(this.#options.config, checked(version)), version));
  }

  attestations(version: PackageVersion): Promise<Fetched<readonly RawAttestation[]>> {
    return guarded(async () => {
      const bytes = await this.#documents.fetch(this.#attestationsOf(version));
      return bytes === undefined ? noAttestations(version) : readAttestations(bytes, version);
    });
  }

  /** What is in the cache is told by its digest, and read only if somebody asks. */
  attestationDocument(version: PackageVersion): Promise<Fetched<AttestationDocument>> {
    return guarded<AttestationDocument>(async () => {
      const request = this.#attestationsOf(version);
      const known = this.#documents.known(request);
      if (known !== undefined) return { status: 'ok', value: { ...known, read: () => this.attestations(version) } };
      const bytes = await this.#documents.fetch(request);
      if (bytes === undefined) return noAttestations(version);
      const read = async (): Promise<Fetched<readonly RawAttestation[]>> => readAttestations(bytes, version);
      return { status: 'ok', value: { digest: hash('sha256', bytes), read, bytes: () => bytes } };
    });
  }

  keys(version: PackageVersion): Promise<Fetched<readonly RegistryKey[]>> {
    return guarded(() => {
      const registry = this.#evidenceRegistry(version);
      const asked = this.#keys.get(registry) ?? guarded(() => this.#keysOf(registry));
      this.#keys.set(registry, asked);
      return asked;
    });
  }

  tarball(request: TarballRequest): Promise<Fetched<TarballFacts>> {
    return guarded(() => {
      const known = this.#knownTarball(request);
      if (known === undefined) return this.#readTarball(request);
      // What follows must not depend on what earlier runs have asked.
      return { status: 'ok', value: narrow(known, request.extras ?? ALL_EXTRAS) };
    });
  }

  tarballCode(request: TarballRequest): Promise<Fetched<TarballCode>> {
    return guarded(async () => {
      const { CodeCollector } = await import('../tarball/code-collector.ts');
      const code = new CodeCollector();
      const read = await this.#readTarball({ ...request, extras: [] }, code);
      return read.status === 'ok' ? { status: 'ok', value: { sha512: read.value.sha512, files: code.finish() } } : read;
    });
  }

  async #readTarball(request: TarballRequest, code?: CodeCollector): Promise<Fetched<TarballFacts>> {
    const { client, cache, config, tarballLimits = TARBALL_LIMITS } = this.#options;
    const { entry, yarnCacheKeys: cacheKeys, extras = ALL_EXTRAS } = request;
    const url = tarballUrlOf(entry, request.url, config);
    const limits = { ...tarballLimits, packed: Math.min(tarballLimits.packed, this.#limits.tarball) };
    const yarn = cacheKeys.length > 0 ? { name: entry.name, cacheKeys } : undefined;
    // By a sha512 that is pinned it was looked up before.
    const isKnowable = code === undefined && pinnedSha512(entry.pin) === undefined;
    const known = isKnowable ? (sha512: string) => this.#filedUnder(sha512, request) : undefined;
    const read = (body: AsyncIterable<Uint8Array>): Promise<TarballFacts> =>
      this.#reader(body, { limits, yarn, extras, code, known });
    const answer = await client.get({ url, maxBytes: limits.packed, read });
    if (answer.status !== 'ok') return { status: 'absent', reason: 'the registry has no such tarball' };
    putTarballFacts(cache, answer.value, extras);
    return { status: 'ok', value: narrow(answer.value, extras) };
  }

  history(version: PackageVersion): Promise<Fetched<PackageHistory>> {
    return guarded(() => {
      const base = `${registryOf(this.#options.config, checked(version))}${version.name.replace('/', '%2f')}`;
      const asked = this.#histories.get(base) ?? guarded(() => this.#historyAt(base));
      this.#histories.set(base, asked);
      return asked;
    });
  }

  async #historyAt(url: string): Promise<Fetched<PackageHistory>> {
    const part = { key: 'history', read: boilHistory };
    const rows = await this.#documents.fetch({ url, maxBytes: this.#limits.packument, part });
    if (rows === undefined) return { status: 'absent', reason: 'the registry does not know this package' };
    return { status: 'ok', value: parseHistory(rows) };
  }

  async cachedTarball(sha512: string): Promise<TarballFacts | undefined> {
    return getTarballFacts(this.#options.cache, sha512);
  }

  /** Facts of the very bytes that the lockfile pins, if an earlier run read them. */
  #knownTarball(request: TarballRequest): TarballFacts | undefined {
    const sha512 = pinnedSha512(request.entry.pin);
    return sha512 === undefined ? undefined : this.#filedUnder(sha512, request);
  }

  /** All that is asked, or nothing. */
  #filedUnder(sha512: string, { yarnCacheKeys, extras = ALL_EXTRAS }: TarballRequest): TarballFacts | undefined {
    const facts = getTarballFacts(this.#options.cache, sha512, extras);
    return yarnCacheKeys.every((key) => facts?.yarnZip.has(key)) ? facts : undefined;
  }

  #attestationsOf(version: PackageVersion): DocumentRequest {
    const name = checked(version).name.replace('/', '%2f');
    const path = `-/npm/v1/attestations/${name}@${encodeURIComponent(version.version)}`;
    return { url: `${this.#evidenceRegistry(version)}${path}`, maxBytes: this.#limits.attestations };
  }

  #evidenceRegistry(version: PackageVersion): string {
    return this.#options.config.attestationsRegistry ?? registryOf(this.#options.config, version);
  }

  /** npm's public registry is known by its pinned keys alone; every other may add its own under other key ids. */
  async #keysOf(registry: string): Promise<Fetched<readonly RegistryKey[]>> {
    const { file, npm } = this.#options.trustedKeys;
    if (registry === PUBLIC_REGISTRY) return { status: 'ok', value: mergeKeys(file, npm) };
    const url = `${registry}-/npm/v1/keys`;
    // A key that was withdrawn must not count for a minute longer.
    const document = await this.#documents.fetch({ url, maxBytes: this.#limits.keys, alwaysAsk: true });
    const own = document === undefined ? [] : readOwnKeys(document, registry);
    return { status: 'ok', value: mergeKeys(file, npm, own) };
  }
}

function readOwnKeys(document: Uint8Array, registry: string): readonly RegistryKey[] {
  const what = `the keys of ${registry}`;
  try {
    return parseRegistryKeys(parseJson(document, what), 'registry');
  } catch (error) {
    throw error instanceof KeyFormatError ? invalid(what, `cannot be read: ${error.message}`) : error;
  }
}

/** Names become part of a URL; one that npm cannot have published must not choose another path. */
function checked(version: PackageVersion): PackageVersion {
  if (isPackageName(version.name)) return version;
  throw new LocksealError('ERR_LOCKFILE_NAME', `${JSON.stringify(version.name)} is not a package name`);
}

function narrow(facts: TarballFacts, extras: readonly TarballExtra[]): TarballFacts {
  const { sha1, tarSha512, list } = facts;
  return {
    ...facts,
    sha1: extras.includes('sha1') ? sha1 : undefined,
    tarSha512: extras.includes('tarSha512') ? tarSha512 : undefined,
    list: extras.includes('list') ? list : undefined,
  };
}

function pinnedSha512(pin: TarballRequest['entry']['pin']): string | undefined {
  return pin.kind === 'integrity' && pin.of === 'tarball' ? sha512FromIntegrity(pin.text) : undefined;
}

async function guarded<T>(task: () => Promise<Fetched<T>> | Fetched<T>): Promise<Fetched<T>> {
  try {
    return await task();
  } catch (thrown) {
    const { code, message } = asLocksealError(thrown);
    const digests = thrown instanceof UnreadableTarball ? thrown.digests : undefined;
    return { status: 'unavailable', error: code, reason: message, digests };
  }
}
