import type { Finding, Undecided, Verdict, Verification } from '@lockseal/core';

/** One run, as every format shows it. */
export interface Report {
  readonly tool: { readonly name: string; readonly version: string };
  readonly verification: Verification;
  readonly verdict: Verdict;
  /** In the order in which they are shown. */
  readonly findings: readonly Finding[];
  readonly undecided: readonly Undecided[];
  /** What the reader should know about the run itself: unsafe options in force, a stale cache… Untrusted text. */
  readonly warnings: readonly string[];
  readonly durationMs: number;
}
