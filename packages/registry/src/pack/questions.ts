import { JsonNode, registryFor, ShapeError, type Fetched, type PackageVersion, type RegistryMap } from '@lockseal/core';
import { decodeAnswer, decodeAttestations } from './answers.ts';
import { malformed, nameOf, valueIn, type PackLine, type PartName, type Question } from './format.ts';

type Asked = Pick<PackageVersion, 'name' | 'namedRegistry'> & { readonly version?: string | undefined };

/**
 * The question that a source is asked, as a pack files it: under the registry that the configuration names for the
 * package, so that evidence from one registry never answers for another.
 * @returns undefined for a named registry that nothing configures
 */
export function questionAbout(part: PartName, asked: Asked, registries: RegistryMap): Question | undefined {
  const registry = registryFor(registries, asked.name, asked.namedRegistry);
  if (registry === undefined) return undefined;
  switch (part) {
    case 'trust':
      return TRUST;
    case 'keys':
      return { part, key: [registry] };
    case 'histories':
      return { part, key: [registry, asked.name] };
    case 'documents':
    case 'attestations':
    case 'tarballs':
      return { part, key: [registry, asked.name, asked.version ?? ''] };
  }
}

/** The one line that tells by what the evidence was verified when the pack was made. */
export const TRUST: Question = { part: 'trust', key: ['sigstore'] };

/** An answer with its attestations restored, and anything else as it is packed; for showing. @throws LocksealError ERR_EVIDENCE_PACK */
export function readAnswer(line: PackLine): Fetched<unknown> {
  try {
    const decode = line.part === 'attestations' ? decodeAttestations : ({ value }: JsonNode): unknown => value;
    return answerIn(line, (answer) => decodeAnswer<unknown>(answer, decode));
  } catch (cause) {
    if (cause instanceof ShapeError) throw malformed(`${nameOf(line)}: ${cause.message}`, cause);
    throw cause;
  }
}

/** @throws LocksealError ERR_EVIDENCE_PACK, ShapeError for an answer of another shape */
export function answerIn<T>(line: PackLine, decode: (answer: JsonNode) => Fetched<T>): Fetched<T> {
  return decode(new JsonNode(valueIn(line), ''));
}
