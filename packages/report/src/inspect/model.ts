import type { ErrorCode, FindingCode, Identity, KeyOrigin } from '@lockseal/core';

/** One attestation, as it is shown to a person. */
export interface InspectedAttestation {
  /** The file or `name@version` that it was asked for by. Untrusted text. */
  readonly source: string;
  /** Lower-case hex sha256 of the bundle's JSON bytes. */
  readonly digest: string | undefined;
  readonly check: AttestationCheck;
  /** Of an unverified attestation: what it claims. */
  readonly signer: Signer;
  /** ISO 8601: the earliest verified time; of an unverified attestation, what it claims. */
  readonly signedAt: string | undefined;
  /** Whose word that time is: the transparency log's, or a timestamp authority's. */
  readonly timeSource: 'log' | 'timestamp' | undefined;
  readonly logIndex: string | undefined;
  /** The signed payload parsed as JSON; looked at member by member, never trusted to have a shape. */
  readonly statement: unknown;
}

export type AttestationCheck =
  /** `checked`: what was verified, one clause each: `certificate chain to the Fulcio root`… */
  | { readonly status: 'verified'; readonly checked: readonly string[] }
  | { readonly status: 'unverified'; readonly code: ErrorCode | FindingCode | undefined; readonly reason: string };

export type Signer =
  | { readonly type: 'identity'; readonly identity: Identity }
  | { readonly type: 'key'; readonly keyid: string; readonly origin: KeyOrigin | undefined }
  | { readonly type: 'unknown' };
