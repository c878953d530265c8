import type { RawAttestation } from '../ports.ts';
import { toPurl } from '../package-id.ts';
import { parseBundle } from '../sigstore/bundle-shape.ts';
import type { AttestationVerifier, KeyLack } from '../sigstore/create-verifiers.ts';
import { readContent, type SignedContent, type VerifiedBundle } from '../sigstore/verify-bundle.ts';
import { bindSubject, parseStatement, type Statement } from '../statement.ts';

/** The published version that attestations are to be about. */
export interface AttestedPackage {
  readonly name: string;
  readonly version: string;
}

/** An attestation that is signed, logged, about this package with these bytes, and of the type that it is served as. */
export type OpenedAttestation =
  | { readonly status: 'opened'; readonly bundle: VerifiedBundle; readonly statement: Statement }
  /** It would be one, if the key that signed it were the registry's, whose keys could not be had: nothing of it is proved. */
  | { readonly status: 'undecided'; readonly statement: Statement; readonly lack: KeyLack }
  /** `signedType` is the type inside, where the signature verifies. */
  | { readonly status: 'refused'; readonly reason: string; readonly signedType: string | undefined };

/** The steps that every attestation goes through, whatever its predicate. `sha512` is lower-case hex. */
export function openAttestation(
  raw: RawAttestation,
  pkg: AttestedPackage,
  sha512: string,
  verifier: AttestationVerifier,
): OpenedAttestation {
  const bundle = verifier.verify(raw.bundle);
  if (bundle.status === 'verified') {
    const read = readStatement(bundle.content, raw, pkg, sha512);
    return read.status === 'bound' ? { status: 'opened', bundle, statement: read.statement } : read;
  }
  const { lack } = verifier;
  if (lack === undefined || bundle.fault !== 'key') return refused(bundle.reason);
  // Signed or not, what is of something else speaks against the package: no key would mend that.
  const claimed = readStatement(readContent(parseBundle(raw.bundle), undefined), raw, pkg, sha512);
  return claimed.status === 'bound'
    ? { status: 'undecided', statement: claimed.statement, lack }
    : refused(claimed.reason);
}

type ReadStatement =
  | { readonly status: 'bound'; readonly statement: Statement }
  | Extract<OpenedAttestation, { status: 'refused' }>;

/** The statement of a bundle, of the type that it is served as and about this package with these bytes. */
function readStatement(
  content: SignedContent,
  raw: RawAttestation,
  { name, version }: AttestedPackage,
  sha512: string,
): ReadStatement {
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
  return { status: 'bound', statement };
}

function refused(reason: string, signedType?: string): Extract<OpenedAttestation, { status: 'refused' }> {
  return { status: 'refused', reason, signedType };
}
