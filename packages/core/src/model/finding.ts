import type { FindingCode, Level } from '../finding-codes.ts';
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
}
