import type { RawAttestation } from '../ports.ts';
import { toPurl } from '../package-id.ts';
import type { BundleVerifier, VerifiedBundle } from '../sigstore/verify-bundle.ts';
import { bindSubject, parseStatement, type Statement } from '../statement.ts';

/** The published version that attestations are to be about. */
export interface AttestedPackage {
  readonly name: string;
  readonly version: string;
}

/** An attestation that is signed, logged, about this package with these bytes, and of the type that it is served as. */
export type OpenedAttestation =
  | { readonly status: 'opened'; readonly bundle: VerifiedBundle; readonly statement: Statement }
  /** `signedType` is the type inside, where the signature verifies. */
  | { readonly status: 'refused'; readonly reason: string; readonly signedType: string | undefined };

/** The steps that every attestation goes through, whatever its predicate. `sha512` is lower-case hex. */
export function openAttestation(
  raw: RawAttestation,
  { name, version }: AttestedPackage,
  sha512: string,
  verifier: BundleVerifier,
): OpenedAttestation {
  const bundle = verifier.verify(raw.bundle);
  if (bundle.status === 'invalid') return refused(bundle.reason);
  const { content } = bundle;
  if (content.kind !== 'dsse') return refused('the bundle holds no DSSE envelope');
  const parsed = parseStatement(content.payloadType, content.payload);
  if (parsed.status === 'malformed') return refused(parsed.reason);
  const { statement } = parsed;
  const { predicateType } = statement;
  if (predicateType !== raw.predicateType) {
    return refused(`served as ${raw.predicateType}, it is signed as ${predicateType}`, predicateType);
  }
  const binding = bindSubject(statement, toPurl(name, version), sha512);
  if (binding.status === 'unbound') return refused(binding.reason, predicateType);
  return { status: 'opened', bundle, statement };
}

function refused(reason: string, signedType?: string): OpenedAttestation {
  return { status: 'refused', reason, signedType };
}
