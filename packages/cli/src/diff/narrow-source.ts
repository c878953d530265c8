import type { EvidenceSource, Fetched, PackageVersion } from '@lockseal/core';

/** Which packages are asked about, by name, exact version and (lower-case hex) sha512. */
export interface Wanted {
  readonly specs: ReadonlySet<string>;
  readonly sha512: ReadonlySet<string>;
}

/**
 * A source that is asked about some packages only. Of the others it says that there is nothing, without a question:
 * evidence on what is the same in both states is looked up by nobody, and must be thrown away.
 */
export function narrowSource(source: EvidenceSource, { specs, sha512 }: Wanted): EvidenceSource {
  const ask = async <T>({ name, version }: PackageVersion, question: () => Promise<Fetched<T>>): Promise<Fetched<T>> =>
    specs.has(specOf(name, version)) ? question() : UNASKED;
  return {
    versionDocument: (version) => ask(version, () => source.versionDocument(version)),
    attestations: (version) => ask(version, () => source.attestations(version)),
    keys: (version) => ask(version, () => source.keys(version)),
    tarball: (request) => {
      const { name, version = '' } = request.entry;
      return ask({ name, version, namedRegistry: undefined }, () => source.tarball(request));
    },
    cachedTarball: async (digest) => (sha512.has(digest) ? source.cachedTarball(digest) : undefined),
  };
}

export function specOf(name: string, version: string | undefined): string {
  return JSON.stringify([name, version ?? '']);
}

const UNASKED = { status: 'absent', reason: 'not asked: it is the same in both states' } as const;
