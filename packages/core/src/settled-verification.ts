import { hash } from 'node:crypto';
import type { Verification } from './model/evidence.ts';
import type { Baseline } from './model/published.ts';
import type { EvidenceSource, FactsStore, PackageVersion, RegistryMap, TarballMode } from './ports.ts';
import { readJudged, type EntryOutline } from './verification-text.ts';
import { VERIFIER } from './verifier.ts';

/** Raised with every change of what `verifyLockfile` tells: a verification of another edition does not stand. */
const EDITION = 1;

/** How entries are come to, by their numbers in the order of the lockfile. */
export interface PathSteps {
  /** The paths of importers. */
  readonly importers: readonly string[];
  /** The entry before each, on the shortest way to it; null: an importer, or nothing leads there. */
  readonly before: readonly (number | null)[];
  /** The importer that the way begins with; null: nothing leads there. */
  readonly roots: readonly (number | null)[];
}

/** A verification, and what of its lockfile policies and reports ask for. */
export interface SettledVerification {
  readonly verification: Verification;
  readonly entries: readonly EntryOutline[];
  readonly steps: PathSteps;
}

/** Everything that a verification follows from beside lockfile, project and the answers in the store. */
export interface VerificationContext {
  readonly source: Pick<EvidenceSource, 'keys'>;
  readonly registries: RegistryMap;
  readonly tarballs: TarballMode;
  /** Lower-case hex sha256 of the trusted root. */
  readonly trustedRoot: string;
  readonly contents: 'none' | 'changed';
  readonly baseline: Baseline | undefined;
}

/** What the last run has kept; nothing of it stands before `restore` has compared it with what counts now. */
export interface KeptVerification {
  /** As it was given to `keepVerification`. */
  readonly basis: string;
  /** @returns undefined: it follows from something else. What is of the moment, trust's origin and time, is the caller's. */
  restore(context: VerificationContext): Promise<SettledVerification | undefined>;
}

/** First value of what is kept; texts of entries and evidence follow it. */
export interface VerificationHead extends Pick<SettledVerification, 'steps'> {
  readonly basis: string;
  /** One package of each registry whose keys count. */
  readonly asked: readonly PackageVersion[];
  /** Digest of the context. */
  readonly context: string;
  readonly verification: Omit<Verification, 'evidence'>;
}

export const HEAD = 'head';

/** What the last run has kept under a name; undefined: nothing, or an answer that it follows from is another now. */
export function openVerification(store: FactsStore, name: string): KeptVerification | undefined {
  const kept = store.get(nameOfVerification(name));
  const head = kept?.get(HEAD) as VerificationHead | undefined;
  if (kept === undefined || head === undefined) return undefined;
  return {
    basis: head.basis,
    restore: async (context) => {
      if ((await digestOf(context, head.asked)) !== head.context) return undefined;
      const texts = [...kept].flatMap(([, text]) => (typeof text === 'string' ? [text] : []));
      const judged = texts.flatMap(readJudged);
      const evidence = judged.map((each) => each.evidence);
      return {
        verification: { ...head.verification, evidence },
        entries: judged.map(({ entry }) => entry),
        steps: head.steps,
      };
    },
  };
}

export function nameOfVerification(name: string): string {
  return `verification:${hash('sha256', JSON.stringify([EDITION, VERIFIER, name]))}`;
}

/** Everything in the context as a digest; undefined where keys cannot be had. */
export async function digestOf(
  context: VerificationContext,
  asked: readonly PackageVersion[],
): Promise<string | undefined> {
  const { source, registries, tarballs, trustedRoot, contents, baseline } = context;
  const keys: unknown[] = [];
  for (const version of asked) {
    const answer = await source.keys(version);
    if (answer.status !== 'ok') return undefined;
    keys.push(answer.value);
  }
  const { scopes, named, mirrors } = registries;
  const map = [registries.default, [...scopes], [...named], mirrors];
  const compared = baseline === undefined ? null : [baseline.origin, [...baseline.versions], contents];
  return hash('sha256', JSON.stringify([trustedRoot, tarballs, map, keys, compared]));
}
