import { FINDING_CODES, type ErrorCode, type Finding } from '@lockseal/core';
import type { Ended, InstalledReport, Refusal, ScriptOutcome, ServedCounts } from '@lockseal/gate';

/** What an install came to. */
export interface InstallReport {
  /** The lockfile, as the person would write it. */
  readonly file: string;
  readonly basis: 'approved' | 'verified';
  /** undefined: nothing was run (`--check-installed`). */
  readonly command: readonly string[] | undefined;
  /** undefined: nothing was run. */
  readonly ended: Ended | undefined;
  readonly served: ServedCounts;
  /** How many packages no hash of the lockfile binds, so that the digest counts that the registry signed. */
  readonly signedDigests: number;
  readonly findings: readonly Finding[];
  readonly undecided: readonly UndecidedThing[];
  readonly disk: DiskCheck;
  readonly scripts: ScriptRun;
  /** Names of variables that were not passed on. */
  readonly heldVariables: readonly string[];
  readonly warnings: readonly string[];
}

/** Something that nobody knows to be right. Never a pass. */
export interface UndecidedThing {
  /** Package, host or place. Untrusted text. */
  readonly subject: string;
  readonly error: ErrorCode;
  readonly reason: string;
}

export type DiskCheck =
  | { readonly status: 'compared'; readonly report: InstalledReport }
  | { readonly status: 'skipped'; readonly reason: string };

/** Scripts that were held are among the findings. */
export type ScriptRun =
  | { readonly status: 'ran'; readonly outcomes: readonly ScriptOutcome[] }
  | { readonly status: 'skipped'; readonly reason: string };

/** A refusal of the gate, as findings are. */
export function refusalFindings(refusals: readonly Refusal[]): readonly Finding[] {
  return refusals.flatMap((refusal): Finding[] => {
    if (refusal.kind !== 'finding') return [];
    const { code, level, subject, artifact, path, expected, found, detail, asked, by } = refusal;
    return [
      {
        code,
        level,
        subject,
        entry: artifact?.entries[0],
        path: artifact?.path ?? path,
        position: undefined,
        dependency: undefined,
        expected,
        found: found ?? (by === undefined ? asked : `${asked} (by ${by})`),
        detail,
        fix: FINDING_CODES[code].fix,
      },
    ];
  });
}

export function undecidedRefusals(refusals: readonly Refusal[]): readonly UndecidedThing[] {
  return refusals.flatMap((refusal) =>
    refusal.kind === 'undecided'
      ? [{ subject: refusal.subject, error: refusal.code, reason: `${refusal.detail} (${refusal.asked})` }]
      : [],
  );
}

export function undecidedOnDisk({ undecided }: InstalledReport): readonly UndecidedThing[] {
  return undecided.map(({ package: name, place, reason }) => ({
    subject: name ?? place,
    error: 'ERR_INSTALLED',
    reason: `${place}: ${reason}`,
  }));
}
