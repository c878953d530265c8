import { compare, type Case } from './differential.ts';
import { createChance, mutate, MUTATIONS } from './mutate-bundle.ts';

/** What came of a run: how often both sides agreed in which way, and every disagreement. */
export interface DifferentialResult {
  readonly counts: ReadonlyMap<string, number>;
  readonly disagreements: readonly string[];
}

/** Compares cases as they are. */
export async function compareAll(cases: readonly Case[]): Promise<DifferentialResult> {
  const result = { counts: new Map<string, number>(), disagreements: [] as string[] };
  for (const each of cases) await note(result, each);
  return result;
}

/** Compares `count` damaged copies of the cases; the same seed does the same damage. */
export async function compareDamaged(cases: readonly Case[], count: number, seed: number): Promise<DifferentialResult> {
  const chance = createChance(seed);
  const pick = <T>(list: readonly T[]): T => list[chance(list.length)] as T;
  const result = { counts: new Map<string, number>(), disagreements: [] as string[] };
  for (let done = 0; done < count;) {
    const [original, donor, mutation] = [pick(cases), pick(cases), pick(MUTATIONS)];
    const bundle = mutate(mutation, original.bundle, donor.bundle, chance);
    if (bundle === undefined) continue;
    await note(result, { ...original, bundle, name: `${original.name}, ${mutation.name}, damage ${done} of ${seed}` });
    done += 1;
  }
  return result;
}

async function note(result: { counts: Map<string, number>; disagreements: string[] }, each: Case): Promise<void> {
  const agreement = await compare(each);
  const key = agreement.status === 'stricter' ? `stricter: ${agreement.rule}` : agreement.status;
  result.counts.set(key, (result.counts.get(key) ?? 0) + 1);
  if (agreement.status === 'differs') result.disagreements.push(`${each.name}: ${agreement.how}`);
}
