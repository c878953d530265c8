import { VerificationError } from '@sigstore/verify';
import { ShapeError } from '../json-node.ts';

/** Every way in which a bundle can fail, and the sentence that says so. */
export const BUNDLE_FAULTS = {
  malformed: 'the bundle is not well-formed',
  unreadable: 'a part of the bundle cannot be decoded',
  unsupported: 'the bundle is of a kind that is not supported',
  timestamp: 'no trusted time of signing is proved',
  certificate: 'the signing certificate is not from a trusted authority, or was not valid at that time',
  key: 'the signing key is not trusted, or was not valid at that time',
  'log-inclusion': 'the entry is not proved to be in a trusted transparency log',
  'log-entry': 'the log entry is of something else than this bundle',
  signature: 'the signature does not verify',
  artifact: 'the signature is of a file that is not at hand, or of another one',
  // Rules of our own, on top of @sigstore/verify.
  'certificate-usage': 'the signing certificate is not for code signing',
  'timestamp-usage': "the timestamp authority's certificate is not for timestamping",
  'log-signer': 'the log entry names another signer than this bundle',
  checkpoint: 'the inclusion proof and its checkpoint disagree',
  identity: "the certificate's identity cannot be read without ambiguity",
} as const;

export type BundleFault = keyof typeof BUNDLE_FAULTS;

/** A bundle is not to be believed. */
export class BundleRefusal extends Error {
  override readonly name = 'BundleRefusal';
  readonly fault: BundleFault;

  constructor(fault: BundleFault, detail: string, options?: ErrorOptions) {
    super(`${BUNDLE_FAULTS[fault]}: ${detail}`, options);
    this.fault = fault;
  }
}

/** Whatever was thrown on the way to a verdict, as a refusal: the libraries throw raw errors on malformed input. */
export function toRefusal(thrown: unknown): BundleRefusal {
  if (thrown instanceof BundleRefusal) return thrown;
  if (thrown instanceof ShapeError) return new BundleRefusal('malformed', thrown.message, { cause: thrown });
  if (thrown instanceof VerificationError) return new BundleRefusal(faultOf(thrown), thrown.message, { cause: thrown });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BundleRefusal('unreadable', message, { cause: thrown });
}

function faultOf({ code }: VerificationError): BundleFault {
  switch (code) {
    case 'NOT_IMPLEMENTED_ERROR':
      return 'unsupported';
    case 'TIMESTAMP_ERROR':
      return 'timestamp';
    case 'CERTIFICATE_ERROR':
      return 'certificate';
    case 'PUBLIC_KEY_ERROR':
      return 'key';
    case 'TLOG_ERROR':
    case 'TLOG_INCLUSION_PROOF_ERROR':
    case 'TLOG_INCLUSION_PROMISE_ERROR':
    case 'TLOG_MISSING_INCLUSION_ERROR':
      return 'log-inclusion';
    case 'TLOG_BODY_ERROR':
      return 'log-entry';
    case 'SIGNATURE_ERROR':
      return 'signature';
    default:
      return 'unsupported';
  }
}
