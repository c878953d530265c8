import type {
  EvidenceSource,
  Fetched,
  Json,
  PackageVersion,
  RegistryMap,
  TarballFacts,
  TarballRequest,
} from '@lockseal/core';
import { encodeAnswer, encodeAttestations, encodeHistory, encodeKeys } from './answers.ts';
import { idOf, lineOf, nameOf, type PackLine, type PartName } from './format.ts';
import { encodeDocument, encodeTarball } from './manifests.ts';
import { questionAbout } from './questions.ts';

/** What could not be had. */
export interface MissingAnswer {
  /** `documents ms@2.0.0 of https://registry.npmjs.org/` */
  readonly question: string;
  readonly reason: string;
}

/**
 * Stands between a verification and its source and writes down every answer, so that a pack holds exactly what that
 * verification asks. What this machine knows of tarballs from earlier runs is kept out of it: packs of the same
 * evidence are the same, whoever makes them.
 */
export class Recorder {
  readonly source: EvidenceSource;
  readonly #registries: RegistryMap;
  readonly #lines = new Map<string, PackLine>();
  readonly #missing = new Map<string, MissingAnswer>();
  readonly #tarballs = new Map<string, TarballFacts>();

  constructor(source: EvidenceSource, registries: RegistryMap) {
    this.#registries = registries;
    const history = source.history?.bind(source);
    this.source = {
      versionDocument: async (version) =>
        this.#keep('documents', version, await source.versionDocument(version), encodeDocument),
      attestations: async (version) =>
        this.#keep('attestations', version, await source.attestations(version), encodeAttestations),
      keys: async (version) => this.#keep('keys', version, await source.keys(version), encodeKeys),
      // All of it, so that packs do not differ by what their makers happened to need.
      tarball: async (request) => this.#keepTarball(request, await source.tarball({ ...request, extras: undefined })),
      cachedTarball: async () => undefined,
      ...(history && {
        history: async (version) => this.#keep('histories', version, await history(version), encodeHistory),
      }),
    };
  }

  /** Question and answer, by `idOf`. */
  get lines(): ReadonlyMap<string, PackLine> {
    return this.#lines;
  }

  /** What the pack cannot hold, sorted. */
  get missing(): readonly MissingAnswer[] {
    return [...this.#missing.values()].toSorted((a, b) => (a.question < b.question ? -1 : 1));
  }

  #keep<T>(part: PartName, version: PackageVersion, answer: Fetched<T>, encode: (value: T) => Json): Fetched<T> {
    const question = questionAbout(part, version, this.#registries);
    if (question === undefined) return this.#miss(`${part} ${version.name}@${version.version}`, answer);
    try {
      this.#lines.set(idOf(question), lineOf(question, encodeAnswer(answer, encode)));
    } catch (error) {
      // Half of a surrogate pair, in a text that nothing looks at: no canonical JSON, hence no line.
      if (!(error instanceof TypeError)) throw error;
      const reason = `the registry's answer is not usable: ${error.message}`;
      return this.#keep(part, version, { status: 'unavailable', error: 'ERR_RESPONSE_INVALID', reason }, encode);
    }
    return this.#miss(nameOf(question), answer);
  }

  #miss<T>(question: string, answer: Fetched<T>): Fetched<T> {
    if (answer.status === 'unavailable') this.#missing.set(question, { question, reason: answer.reason });
    return answer;
  }

  /** Of Yarn's zips those that were asked for; a cache may know more. */
  #keepTarball({ entry, yarnCacheKeys }: TarballRequest, answer: Fetched<TarballFacts>): Fetched<TarballFacts> {
    const { name, version = '', source } = entry;
    const namedRegistry = source.type === 'registry' ? source.namedRegistry : undefined;
    const asked: PackageVersion = { name, version, namedRegistry };
    if (answer.status !== 'ok') return this.#keep('tarballs', asked, answer, encodeTarball);
    const id = JSON.stringify([name, version, namedRegistry ?? null]);
    const wanted = new Set([...(this.#tarballs.get(id)?.yarnZip.keys() ?? []), ...yarnCacheKeys]);
    const yarnZip = new Map([...answer.value.yarnZip].filter(([key]) => wanted.has(key)));
    const facts = { ...answer.value, yarnZip: new Map([...(this.#tarballs.get(id)?.yarnZip ?? []), ...yarnZip]) };
    this.#tarballs.set(id, facts);
    this.#keep('tarballs', asked, { status: 'ok', value: facts }, encodeTarball);
    return answer;
  }
}
