import type { EntryId, Finding, Position, Undecided, Verdict, Verification, WaivedFinding } from '@lockseal/core';

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
  /** By what was judged; undefined: by the built-in default. */
  readonly policy?: PolicyInForce | undefined;
  /** The evidence pack that answered; undefined: registries and cache did. */
  readonly evidencePack?: EvidencePackUsed | undefined;
  /** What the policy's waivers hid. */
  readonly waived?: readonly WaivedFinding[] | undefined;
  readonly durationMs: number;
  /** Where entries stand; asked only by formats that tell of every entry. */
  readonly locate?: ((entry: EntryId) => Located | undefined) | undefined;
}

/** A pack of evidence, by its content. */
export interface EvidencePackUsed {
  /** Lower-case hex: its content address. */
  readonly sha256: string;
  /** The user named it by that digest, so that its maker's word counts. */
  readonly isPinned: boolean;
}

/** The policy that judged. */
export interface PolicyInForce {
  /** The file. Untrusted text. */
  readonly name: string;
  /** Lower-case hex, of the file. */
  readonly sha256: string;
  /** From where it was taken: `the working tree`, `git ref origin/main`… */
  readonly origin: string;
}

/** Where an entry stands in the lockfile, and how the project comes to it. */
export interface Located {
  readonly position: Position | undefined;
  /** From an importer to the entry; undefined where no path exists. Untrusted text. */
  readonly path: readonly string[] | undefined;
}
