import type { Observation } from '../model/evidence.ts';
import type { Edge } from '../model/lockfile.ts';
import type { DeclaredOverride } from '../model/project.ts';

/** The note that an override of the project explains an edge. */
export function overrideNote(
  override: DeclaredOverride,
  edge: Edge,
  about: Pick<Observation, 'importer' | 'entry' | 'dependency' | 'position'>,
): Observation {
  return {
    ...about,
    code: 'override-applied',
    expected: edge.spec,
    found: override.replacement,
    detail: `Declared in ${override.origin}.`,
  };
}

/** Drops repetitions: the same code about the same edge, entry or importer with the same values. */
export function withoutRepetitions(observations: readonly Observation[]): Observation[] {
  const seen = new Map(observations.map((observation) => [identity(observation), observation]));
  return [...seen.values()];
}

function identity({ code, entry, importer, dependency, expected, found }: Observation): string {
  return JSON.stringify([code, entry, importer, dependency, expected, found]);
}
