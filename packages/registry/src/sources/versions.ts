import {
  LocksealError,
  PUBLIC_REGISTRY,
  type Fetched,
  type PackageVersion,
  type VersionDocument,
} from '@lockseal/core';
import type { DocumentFetcher } from './documents.ts';
import type { ResponseLimits } from './limits.ts';
import { cutVersion } from './packument.ts';
import { parseVersionDocument } from './version-document.ts';

/**
 * Version documents: `<registry><name>/<version>`, or cut out of the packument at registries that have no documents
 * of single versions (static mirrors, some proxies).
 */
export class VersionReader {
  readonly #documents: DocumentFetcher;
  readonly #limits: ResponseLimits;
  /** Registries that turned out to have packuments only. */
  readonly #packumentsOnly = new Set<string>();

  constructor(documents: DocumentFetcher, limits: ResponseLimits) {
    this.#documents = documents;
    this.#limits = limits;
  }

  async read(registry: string, version: PackageVersion): Promise<Fetched<VersionDocument>> {
    const base = `${registry}${version.name.replace('/', '%2f')}`;
    const document = await this.#document(registry, base, version.version);
    if (document !== undefined) return { status: 'ok', value: parseVersionDocument(document, version) };
    const cut = await this.#cut(base, version.version);
    if (cut === undefined) {
      return { status: 'absent', reason: `the registry answers, and does not know ${version.name}@${version.version}` };
    }
    // npm's own registry has documents of versions; a hole in them says nothing of the rest.
    if (registry !== PUBLIC_REGISTRY) this.#packumentsOnly.add(registry);
    return { status: 'ok', value: parseVersionDocument(cut, version) };
  }

  async #document(registry: string, base: string, version: string): Promise<Uint8Array | undefined> {
    if (this.#packumentsOnly.has(registry)) return undefined;
    const url = `${base}/${encodeURIComponent(version)}`;
    try {
      return await this.#documents.fetch({ url, maxBytes: this.#limits.versionDocument });
    } catch (error) {
      // Offline, an earlier run may have found the version in the packument only.
      if (error instanceof LocksealError && error.code === 'ERR_OFFLINE') return undefined;
      throw error;
    }
  }

  #cut(base: string, version: string): Promise<Uint8Array | undefined> {
    const read = (body: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> =>
      cutVersion(body, version, this.#limits.versionDocument);
    return this.#documents.fetch({ url: base, maxBytes: this.#limits.packument, part: { key: version, read } });
  }
}
