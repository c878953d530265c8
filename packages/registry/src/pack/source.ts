import {
  LocksealError,
  ShapeError,
  type ErrorCode,
  type EvidenceSource,
  type Fetched,
  type JsonNode,
  type PackageHistory,
  type PackageVersion,
  type RawAttestation,
  type RegistryKey,
  type RegistryMap,
  type TarballFacts,
  type TarballRequest,
  type VersionDocument,
} from '@lockseal/core';
import { mergeKeys } from '../trust/keys.ts';
import type { TrustMaterial } from '../trust/load.ts';
import { decodeAnswer, decodeAttestations, decodeHistory, decodeKeys } from './answers.ts';
import { idOf, nameOf, type PackContent, type PartName, type Question } from './format.ts';
import { decodeDocument, decodeTarball } from './manifests.ts';
import { answerIn, questionAbout } from './questions.ts';

const PIN = "counts only with the pack's digest (--evidence-digest)";

export interface PackSourceOptions {
  readonly pack: PackContent;
  readonly registries: RegistryMap;
  /**
   * The user named this very pack by its digest: then that counts, too, which nobody but its maker vouches for (keys
   * that a registry served, and what was read in tarballs).
   */
  readonly isPinned: boolean;
  /** The user's own keys. */
  readonly trustedKeys: TrustMaterial['registryKeys'];
}

/** Why a pack did not answer a question. */
export interface PackFault {
  readonly error: ErrorCode;
  readonly reason: string;
}

/**
 * Evidence from a pack, and from nowhere else. What it should answer and does not is told to the verification, and kept
 * as a fault: a registry may have nothing or be down, but a pack is made to answer all that is asked.
 */
export class PackSource implements EvidenceSource {
  readonly #options: PackSourceOptions;
  readonly #faults = new Map<string, PackFault>();
  /** Keys by registry: read once a run, not once a package. */
  readonly #keys = new Map<string, Fetched<readonly RegistryKey[]>>();

  constructor(options: PackSourceOptions) {
    this.#options = options;
  }

  /** One a question, sorted. */
  get faults(): readonly PackFault[] {
    return [...this.#faults.values()].toSorted((a, b) => (a.reason < b.reason ? -1 : 1));
  }

  async versionDocument(version: PackageVersion): Promise<Fetched<VersionDocument>> {
    return this.#answer('documents', version, decodeDocument);
  }

  async attestations(version: PackageVersion): Promise<Fetched<readonly RawAttestation[]>> {
    return this.#answer('attestations', version, decodeAttestations);
  }

  async history(version: PackageVersion): Promise<Fetched<PackageHistory>> {
    return this.#answer('histories', version, decodeHistory);
  }

  async keys(version: PackageVersion): Promise<Fetched<readonly RegistryKey[]>> {
    const question = questionAbout('keys', version, this.#options.registries);
    if (question === undefined) return unconfigured(version.namedRegistry);
    const id = idOf(question);
    const known = this.#keys.get(id) ?? this.#keysOf(question);
    this.#keys.set(id, known);
    return known;
  }

  async tarball({ entry }: TarballRequest): Promise<Fetched<TarballFacts>> {
    const { name, version = '', source } = entry;
    const namedRegistry = source.type === 'registry' ? source.namedRegistry : undefined;
    const answer = this.#answer('tarballs', { name, version, namedRegistry }, decodeTarball);
    if (this.#options.isPinned || answer.status !== 'ok') return answer;
    return this.#fault(
      'ERR_EVIDENCE_UNPINNED',
      `what the evidence pack says of the tarball of ${name}@${version} ${PIN}`,
    );
  }

  /** The recorder writes none down. */
  async cachedTarball(): Promise<undefined> {
    return undefined;
  }

  /** The user's own keys come first; those of the pack count where it is pinned. */
  #keysOf(question: Question): Fetched<readonly RegistryKey[]> {
    const { isPinned, trustedKeys } = this.#options;
    const packed = this.#read(question, decodeKeys);
    if (packed.status !== 'ok') return packed;
    if (isPinned) return { status: 'ok', value: mergeKeyRecords(trustedKeys.file, packed.value) };
    const own = mergeKeys(trustedKeys.file, trustedKeys.npm);
    const isServed = ({ keyid, origin }: RegistryKey): boolean =>
      origin === 'registry' && !own.some((key) => key.keyid === keyid);
    if (!packed.value.some(isServed)) return { status: 'ok', value: own };
    return this.#fault('ERR_EVIDENCE_UNPINNED', `what the evidence pack says of the keys of ${question.key[0]} ${PIN}`);
  }

  #answer<T>(part: PartName, version: PackageVersion, decode: (value: JsonNode) => T): Fetched<T> {
    const question = questionAbout(part, version, this.#options.registries);
    return question === undefined ? unconfigured(version.namedRegistry) : this.#read(question, decode);
  }

  #read<T>(question: Question, decode: (value: JsonNode) => T): Fetched<T> {
    const line = this.#options.pack.lines.get(idOf(question));
    if (line === undefined) {
      return this.#fault('ERR_EVIDENCE_MISSING', `the evidence pack does not hold it: ${nameOf(question)}`);
    }
    try {
      return answerIn(line, (answer) => decodeAnswer(answer, decode));
    } catch (thrown) {
      if (!(thrown instanceof LocksealError) && !(thrown instanceof ShapeError)) throw thrown;
      const reason = `the line of ${nameOf(question)} in the evidence pack cannot be read: ${thrown.message}`;
      return this.#fault('ERR_EVIDENCE_PACK', reason);
    }
  }

  #fault(error: ErrorCode, reason: string): Fetched<never> {
    this.#faults.set(reason, { error, reason });
    return { status: 'unavailable', error, reason };
  }
}

/** A key id of a file hides the pack's; records of one key id in one list (a usage each) stay together. */
function mergeKeyRecords(file: readonly RegistryKey[], packed: readonly RegistryKey[]): readonly RegistryKey[] {
  const taken = new Set(file.map(({ keyid }) => keyid));
  return [...file, ...packed.filter(({ keyid }) => !taken.has(keyid))];
}

function unconfigured(registry: string | undefined): Fetched<never> {
  return {
    status: 'unavailable',
    error: 'ERR_HOST_REFUSED',
    reason: `No configuration names the registry "${registry}"`,
  };
}
