import { LocksealError } from '@lockseal/core';
import { idOf, Recorder, trustLine, type MissingAnswer, type PackContent } from '@lockseal/registry';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { readVersion } from '../io/version.ts';
import type { JudgingOptions } from '../policy/options.ts';
import { verifyUnderPolicy } from '../policy/verify-under-policy.ts';

export interface Gathered {
  readonly content: PackContent;
  readonly missing: readonly MissingAnswer[];
  /** Absolute path of the lockfile. */
  readonly lockfile: string;
}

/**
 * Verifies a lockfile and writes down everything that it asked: a pack made of that answers the same verification
 * again. Whether the evidence is any good is not decided here.
 * @throws LocksealError for whatever could not be decided
 */
export async function gather(
  target: string,
  options: { readonly evidence: EvidenceOptions; readonly judging: JudgingOptions },
  console: Console,
): Promise<Gathered> {
  const progress = createProgressLine('Gathering', console, false);
  let recorder: Recorder | undefined;
  let trust: ReturnType<typeof trustLine> | undefined;
  const { verified } = await verifyUnderPolicy(
    target,
    {
      ...options,
      sourceOf: (evidence) => {
        recorder = new Recorder(evidence.source, evidence.registries);
        trust = trustLine({ ...evidence.trust, bytes: evidence.rootBytes });
        return recorder.source;
      },
    },
    console,
    progress.advance,
  ).finally(progress.clear);
  if (recorder === undefined || trust === undefined) {
    throw new LocksealError('ERR_INTERNAL', 'The verification asked for no evidence.');
  }
  const lines = new Map([...recorder.lines, [idOf(trust), trust]]);
  return { content: { lockseal: [await readVersion()], lines }, missing: recorder.missing, lockfile: verified.file };
}

/** More than that are counted, not named. */
const MAX_NAMED = 5;

/** @throws LocksealError ERR_EVIDENCE_MISSING */
export function requireComplete(missing: readonly MissingAnswer[]): void {
  const [first] = missing;
  if (first === undefined) return;
  const more = missing.length - MAX_NAMED;
  const named = missing.slice(0, MAX_NAMED).map(({ question }) => question);
  throw new LocksealError('ERR_EVIDENCE_MISSING', `Some evidence could not be had: ${first.reason}`, {
    found: `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    hint: 'Try again where the registries can be reached; --allow-incomplete writes what there is.',
  });
}
