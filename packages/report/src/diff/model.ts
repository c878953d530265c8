import type { TrustDiff } from '@lockseal/core';

/** A comparison, as every format shows it. */
export interface DiffReport {
  readonly tool: { readonly name: string; readonly version: string };
  readonly diff: TrustDiff;
  /** `failed`: a sign that `--fail-on` names. `undecided`: evidence that is needed to compare could not be had. */
  readonly verdict: 'informed' | 'failed' | 'undecided';
  /** What fails the run: signs, `grave` or `any`. */
  readonly failOn: readonly string[];
  /** What the reader should know about the run itself. Untrusted text. */
  readonly warnings: readonly string[];
  readonly durationMs: number;
}
