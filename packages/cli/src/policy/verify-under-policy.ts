import path from 'node:path';
import type { EvidenceSource } from '@lockseal/core';
import { needsOf } from '@lockseal/policy';
import type { Coverage } from '@lockseal/signer';
import type { Evidence } from '../evidence/open-evidence.ts';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { verifyFile, type VerifiedFile } from '../verify-file.ts';
import { openPolicy, type OpenedPolicy } from './open-policy.ts';
import type { JudgingOptions } from './options.ts';
import { findBaseline } from './find-baseline.ts';

export interface VerifiedUnderPolicy {
  readonly verified: VerifiedFile;
  readonly opened: OpenedPolicy;
  /** What was not looked at again; undefined: nobody asked. */
  readonly coverage: Coverage | undefined;
}

export interface VerifyingOptions {
  readonly evidence: EvidenceOptions;
  readonly judging: JudgingOptions;
  /** The policy of `judging`, where it is open already. */
  readonly opened?: OpenedPolicy | undefined;
  /** Whether the next run may go by this one. */
  readonly keeps?: boolean | undefined;
  /** Stands between the verification and its source; left out: nothing does. */
  readonly sourceOf?: ((evidence: Evidence) => EvidenceSource) | undefined;
  /** Asks what a valid approval covers; left out: everything is looked at. */
  readonly coverage?: ((file: string, opened: OpenedPolicy, evidence: Evidence) => Promise<Coverage>) | undefined;
}

/**
 * Opens the policy first, so that a mistake in it is told before the network is used, then verifies the lockfile and
 * gathers what the policy looks at.
 * @throws LocksealError for whatever could not be decided
 */
export async function verifyUnderPolicy(
  target: string,
  options: VerifyingOptions,
  console: Console,
  onProgress?: (done: number, total: number) => void,
): Promise<VerifiedUnderPolicy> {
  const file = await findLockfile(path.resolve(console.cwd, target));
  const opened = options.opened ?? (await openPolicy(options.judging, path.dirname(file), console));
  const { policy } = opened;
  const warnings: string[] = [];
  let coverage: Coverage | undefined;
  const verified = await verifyFile(target, options.evidence, console, onProgress, async (lockfile, evidence) => {
    const from = { policy, base: options.judging.base };
    const found = await findBaseline(lockfile, from, { trustedRoot: evidence.trustedRoot, now: console.now() });
    warnings.push(...found.warnings);
    coverage = await options.coverage?.(lockfile, opened, evidence);
    const covered = coverage?.status === 'covers' ? coverage.covered : undefined;
    const source = options.sourceOf?.(evidence) ?? evidence.source;
    const needs = needsOf(policy);
    return {
      baseline: found.baseline,
      history: needs.history ? 'all' : 'none',
      contents: needs.contents ? 'changed' : 'none',
      covered,
      source,
      // What a valid approval covers was not looked at.
      keeps: options.keeps === true && covered === undefined,
    };
  });
  return { verified, opened: { ...opened, warnings: [...opened.warnings, ...warnings] }, coverage };
}
