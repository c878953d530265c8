import type { Position } from './model/position.ts';

/**
 * Every reason why lockseal could not decide. The list is closed: docs/errors.md has one heading a code, and a
 * test holds the two together. "Decided: bad" is never an error; it is a finding (see finding-codes.ts).
 */
export const ERROR_CODES = {
  ERR_LOCKFILE_NOT_FOUND: 'there is no lockfile where one was expected',
  ERR_LOCKFILE_UNREADABLE: 'the lockfile could not be read from disk',
  ERR_LOCKFILE_AMBIGUOUS: 'several lockfiles could be meant',
  ERR_LOCKFILE_FORMAT: 'the file is of no lockfile format that lockseal reads',
  ERR_LOCKFILE_VERSION: 'the lockfile format is known, this version of it is not',
  ERR_LOCKFILE_BINARY: 'bun.lockb is binary; convert it to bun.lock first',
  ERR_LOCKFILE_TOO_LARGE: 'the lockfile exceeds the bound on bytes, entries or depth',
  ERR_LOCKFILE_ENCODING: 'the lockfile is not valid UTF-8, or holds a NUL byte',
  ERR_LOCKFILE_SYNTAX: 'the lockfile is not well-formed',
  ERR_LOCKFILE_CONFLICT: 'the lockfile holds merge-conflict markers',
  ERR_LOCKFILE_DUPLICATE_KEY: 'a key occurs twice in one table of the lockfile',
  ERR_LOCKFILE_PROTOTYPE_KEY: 'a key is a name that JavaScript objects give a meaning of their own',
  ERR_LOCKFILE_YAML_ANCHOR: 'the lockfile uses a YAML anchor or alias',
  ERR_LOCKFILE_YAML_MERGE_KEY: 'the lockfile uses a YAML merge key (<<)',
  ERR_LOCKFILE_YAML_TAG: 'the lockfile uses a YAML tag or directive',
  ERR_LOCKFILE_DOCUMENTS: 'the lockfile holds more YAML documents than its format allows',
  ERR_LOCKFILE_PATH: 'an entry is filed under a path that is not in normal form',
  ERR_LOCKFILE_FIELD: 'a field of the lockfile has the wrong type or an impossible value',
  ERR_LOCKFILE_NAME: 'a package name is not one that npm can have published',
  ERR_PROJECT_UNREADABLE: 'a file of the project (package.json, a workspace, a patch) could not be read',
  ERR_USAGE: 'the command line is wrong',
  ERR_RUNTIME: 'lockseal does not run on this version of Node',
  ERR_CONFIG: 'a configuration file is wrong',
  ERR_OUTPUT: 'the report could not be written',
  ERR_CACHE: 'the cache could not be used',
  ERR_OFFLINE: 'not fetched, because --offline forbids every connection',
  ERR_HOST_REFUSED: 'not fetched, because no configuration names this host',
  ERR_NETWORK: 'the connection failed',
  ERR_TIMEOUT: 'no complete answer arrived in time',
  ERR_HTTP: 'the server answered with an error status',
  ERR_AUTH: 'the server refused the credentials, or asked for some',
  ERR_RESPONSE_TOO_LARGE: 'the answer exceeds its bound',
  ERR_RESPONSE_INVALID: 'the answer is not what the protocol prescribes',
  ERR_TRUSTED_ROOT: 'the trusted root cannot be used',
  ERR_TUF: 'the trusted root could not be refreshed',
  ERR_KEYS: 'the registry keys cannot be used',
  ERR_BUNDLE_MALFORMED: 'the Sigstore bundle is not well-formed',
  ERR_EVIDENCE_PACK: 'the evidence pack is not well-formed',
  ERR_EVIDENCE_VERSION: 'the evidence pack is of a version of the format that is not known',
  ERR_EVIDENCE_TOO_LARGE: 'the evidence pack exceeds its bound',
  ERR_EVIDENCE_DIGEST: 'the evidence pack is not the one whose digest was given',
  ERR_EVIDENCE_MISSING: 'evidence could not be had when the pack was made, or the pack does not hold it',
  ERR_EVIDENCE_UNPINNED: 'it counts only from an evidence pack whose digest was given',
  ERR_EVIDENCE_CONFLICT: 'evidence packs contradict each other',
  ERR_UNBOUND: 'what the lockfile pins could not be held against the published tarball',
  ERR_TARBALL_UNREADABLE: 'the tarball is not a well-formed package archive',
  ERR_APPROVALS_CONFLICT: 'the file of approvals holds merge-conflict markers',
  ERR_APPROVALS_DUPLICATE: 'a line occurs twice in the file of approvals',
  ERR_APPROVALS_SYNTAX: 'a line of the file of approvals is no Sigstore bundle',
  ERR_APPROVALS_TOO_LARGE: 'the file of approvals exceeds its bound',
  ERR_APPROVALS_WRITE: 'the file of approvals could not be written',
  ERR_IDENTITY: 'no identity token could be had',
  ERR_SIGNING: 'the signing service did not sign',
  ERR_SIGNING_KEY: 'the signing key cannot be used',
  ERR_SANDBOX: 'install scripts cannot be held in as demanded',
  ERR_STATEMENT: 'the statement is none that lockseal can read',
  ERR_GATE: 'the gate cannot be opened, or cannot answer',
  ERR_MANAGER: 'the package manager cannot be told, found or run behind the gate',
  ERR_INSTALLED: 'what is installed could not be compared with what was approved',
  ERR_INTERRUPTED: 'the run was interrupted',
  ERR_INTERNAL: 'a fault of lockseal itself',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where and why; all members are plain text and may hold untrusted input (printers strip control characters). */
export interface ErrorDetails {
  /** The file (or URL) at fault. */
  readonly file?: string | undefined;
  /** Line and column in that file, both from 1. */
  readonly position?: Position | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** What the reader can do or type next. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** "We could not decide": thrown, coded, never a pass. */
export class LocksealError extends Error {
  override readonly name = 'LocksealError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** Any thrown value as a LocksealError; what is not one already is a fault of ours (`ERR_INTERNAL`). */
export function asLocksealError(thrown: unknown): LocksealError {
  if (thrown instanceof LocksealError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LocksealError('ERR_INTERNAL', message, { cause: thrown });
}
