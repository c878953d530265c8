import type { ErrorCode } from '../errors.ts';
import type { FindingCode, Level } from '../finding-codes.ts';
import type { CheckName } from './evidence.ts';
import type { EntryId } from './lockfile.ts';
import type { Position } from './position.ts';

/** A policy's opinion of one observation. */
export interface Finding {
  readonly code: FindingCode;
  readonly level: Level;
  /** `name@version`, `lockfile`, or the importer's path. Untrusted text. */
  readonly subject: string;
  readonly entry: EntryId | undefined;
  /** From an importer to the package: `['.', 'express@4.21.2', 'debug@2.6.9']`; undefined where no path exists. */
  readonly path: readonly string[] | undefined;
  readonly position: Position | undefined;
  readonly dependency: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  readonly detail: string | undefined;
  readonly fix: string;
  /** The rule that objects, where a policy names rules. */
  readonly rule?: string | undefined;
  /** The file in which `position` is, where it is not the lockfile. */
  readonly file?: string | undefined;
}

/** An exception that the policy makes, which hid a finding. */
export interface WaivedFinding {
  readonly finding: Finding;
  readonly reason: string;
  readonly who: string;
  /** ISO 8601. */
  readonly expires: string;
}

/** An entry about which the policy needs to know more than could be found out. Never a pass. */
export interface Undecided {
  /** `name@version`. Untrusted text. */
  readonly subject: string;
  readonly entry: EntryId;
  readonly path: readonly string[] | undefined;
  readonly position: Position | undefined;
  /** The first check that could not be made. */
  readonly check: CheckName | 'history';
  readonly error: ErrorCode;
  /** One clause, as the check gave it. Untrusted text. */
  readonly reason: string;
  readonly fix: string;
}

/**
 * What a run comes to. `findings`: at least one finding at error level. `undecided`: no such finding, and at least
 * one entry could not be decided. A fact that speaks against the lockfile outweighs a fact that is missing, because
 * nothing learned later would take it away.
 */
export type Verdict = 'good' | 'findings' | 'undecided';
