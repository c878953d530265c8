import path from 'node:path';
import { needsOf } from '@lockseal/policy';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { verifyFile, type VerifiedFile } from '../verify-file.ts';
import { openPolicy, type OpenedPolicy } from './open-policy.ts';
import type { JudgingOptions } from './options.ts';
import { readBaseline } from './read-baseline.ts';

export interface VerifiedUnderPolicy {
  readonly verified: VerifiedFile;
  readonly opened: OpenedPolicy;
}

/**
 * Opens the policy first, so that a mistake in it is told before the network is used, then verifies the lockfile and
 * gathers what the policy looks at.
 * @throws LocksealError for whatever could not be decided
 */
export async function verifyUnderPolicy(
  target: string,
  options: { readonly evidence: EvidenceOptions; readonly judging: JudgingOptions },
  console: Console,
  onProgress?: (done: number, total: number) => void,
): Promise<VerifiedUnderPolicy> {
  const file = await findLockfile(path.resolve(console.cwd, target));
  const opened = await openPolicy(options.judging, path.dirname(file), console);
  const { base } = options.judging;
  const baseline = base === undefined ? undefined : await readBaseline(base, file);
  const history = needsOf(opened.policy).history ? 'all' : 'none';
  const verified = await verifyFile(target, options.evidence, console, onProgress, { baseline, history });
  return { verified, opened };
}
