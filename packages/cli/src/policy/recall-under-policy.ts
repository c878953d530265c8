import { stat } from 'node:fs/promises';
import path from 'node:path';
import { needsOf } from '@lockseal/policy';
import { approvalsFileOf } from '@lockseal/signer/enforce';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { recallFile, type Comparison } from '../recall-file.ts';
import type { FoundBaseline } from './find-baseline.ts';
import type { Judgeable } from './judge-outlines.ts';
import { openPolicy, type OpenedPolicy } from './open-policy.ts';
import type { JudgingOptions } from './options.ts';

export interface JudgeableUnderPolicy {
  readonly judgeable: Judgeable;
  readonly opened: OpenedPolicy;
}

/**
 * A verified lockfile and the policy to judge it by: as the last run has left it, where nothing has changed since, else
 * verified anew.
 * @throws LocksealError for whatever could not be decided
 */
export async function recallUnderPolicy(
  target: string,
  options: { readonly evidence: EvidenceOptions; readonly judging: JudgingOptions },
  console: Console,
  onProgress?: (done: number, total: number) => void,
): Promise<JudgeableUnderPolicy> {
  const file = await findLockfile(path.resolve(console.cwd, target));
  const opened = await openPolicy(options.judging, path.dirname(file), console);
  const recalled = await recall(file, options, opened, console);
  if (recalled !== undefined) return recalled;
  // Loaded here: what reads lockfiles and verifies evidence is most of the program.
  const [{ verifyUnderPolicy }, { toJudgeable }] = await Promise.all([
    import('./verify-under-policy.ts'),
    import('./judge.ts'),
  ]);
  const under = await verifyUnderPolicy(target, { ...options, opened, keeps: true }, console, onProgress);
  return { judgeable: toJudgeable(under.verified), opened: under.opened };
}

async function recall(
  file: string,
  { evidence, judging }: { readonly evidence: EvidenceOptions; readonly judging: JudgingOptions },
  opened: OpenedPolicy,
  console: Console,
): Promise<JudgeableUnderPolicy | undefined> {
  const { policy } = opened;
  const needs = needsOf(policy);
  // Histories grow.
  if (needs.history) return undefined;
  const warnings: string[] = [];
  const compare = async (rootBytes: Uint8Array): Promise<Comparison> => {
    const found = await baselineOf(file, { policy, base: judging.base }, rootBytes, console);
    warnings.push(...found.warnings);
    return { baseline: found.baseline, contents: needs.contents ? 'changed' : 'none' };
  };
  const judgeable = await recallFile(file, evidence, console, compare);
  return judgeable && { judgeable, opened: { ...opened, warnings: [...opened.warnings, ...warnings] } };
}

/** As `findBaseline`, with nothing loaded where there is none. */
async function baselineOf(
  file: string,
  from: { readonly policy: OpenedPolicy['policy']; readonly base: string | undefined },
  rootBytes: Uint8Array,
  console: Console,
): Promise<FoundBaseline> {
  if (from.base === undefined && !(await hasApprovals(file))) return { baseline: undefined, warnings: [] };
  const { findBaselineByRoot } = await import('./find-baseline.ts');
  return findBaselineByRoot(file, from, { rootBytes, now: console.now() });
}

/** What is there and cannot be read is for whoever reads it to tell of. */
async function hasApprovals(lockfile: string): Promise<boolean> {
  const found = await stat(approvalsFileOf(lockfile)).catch((error: NodeJS.ErrnoException) => error.code);
  return found !== 'ENOENT';
}
