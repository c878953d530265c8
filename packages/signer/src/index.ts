export {
  APPROVAL_PREDICATE,
  PACKAGE_SET_SUBJECT,
  RELEASE_PREDICATE,
  REVOCATION_PREDICATE,
  STATEMENT_TYPE,
  VSA_PREDICATE,
  type AcceptedFinding,
  type ApprovalPredicate,
  type ApprovalStatement,
  type ApprovedIdentity,
  type ApprovedPackage,
  type ApprovedSignedDigest,
  type PackageRecord,
  type CarriedForward,
  type InTotoStatement,
  type LockfileDigests,
  type PreviousApproval,
  type SourceBinding,
  type StatedPackage,
  type StatementSubject,
  type UsedWaiver,
} from './statement/types.ts';
export { encodeStatement } from './statement/encode.ts';
export { buildApprovalStatement, VERIFIER_ID, type ApprovalInput } from './statement/approval.ts';
export { approvedPackages, signedSha512 } from './statement/approved-packages.ts';
export { evidenceDigest } from './statement/evidence-digest.ts';
export { APPROVED_LEVEL, buildVsa, resourceUri, type VsaPredicate } from './statement/vsa.ts';
export { buildRevocation, type RevocationInput, type RevocationPredicate } from './statement/revocation.ts';
export { buildRelease, type ReleaseInput, type ReleasePredicate } from './statement/release.ts';
export { readApprovedPackages, readPackageRecords } from './statement/approved-package-rows.ts';
export type { ParsedApproval } from './statement/parse-approval.ts';
export {
  parseApprovalStatement,
  parseLocksealStatement,
  type ParsedRelease,
  type ParsedRevocation,
  type ParsedStatementKind,
  type StatementFault,
} from './statement/parse-statement.ts';
export { fromDigestSigner, keyHint, type DigestSigner, type Signer } from './sign/signer.ts';
export { loadPrivateKey } from './keys/load-key.ts';
export { generateKey, type GeneratedKey, type KeyAlgorithm } from './keys/generate-key.ts';
export { commandSigner, type CommandOptions } from './keys/command-signer.ts';
export { parseSigningConfig, PUBLIC_GOOD, type LogService, type SigningServices } from './sign/services.ts';
export { signStatements, type BundleJson, type SigningMethod } from './sign/sign-statements.ts';
export { approvalsFileOf, parseApprovals, type StoredBundle } from './store/approvals-file.ts';
export { appendApprovals } from './store/append-approvals.ts';
export { archiveOf, pruneApprovals, type Pruned, type PruneInput } from './store/prune-approvals.ts';
export { enforceApproval } from './enforce/enforce-approval.ts';
export { enforceArtifact } from './enforce/enforce-artifact.ts';
export {
  lastApproved,
  type ApprovedState,
  type LastApproved,
  type LastApprovedInput,
} from './enforce/last-approved.ts';
export type {
  ApprovalFailure,
  CountedApproval,
  EnforceContext,
  EnforceInput,
  EnforceVerdict,
  Surroundings,
} from './enforce/types.ts';
export { AUDIENCE, checkToken, type TokenClaims } from './identity/token.ts';
export { ciIdentityToken, TOKEN_SOURCES, type Environment, type FoundToken, type TokenSource } from './identity/ci.ts';
export {
  browserIdentityToken,
  deviceIdentityToken,
  PUBLIC_GOOD_CLIENT,
  PUBLIC_GOOD_ISSUER,
  type BrowserOptions,
  type DeviceOptions,
  type SignInOptions,
} from './identity/person.ts';
export { coverageOf, type Coverage, type CoverageInput } from './carry/coverage.ts';
export { approvalHistory, succeed, type ApprovalHistory, type PastApproval, type Succession } from './history.ts';
export { trustChanges, changedValue, type TrustChange } from './trust-change.ts';
export { renderSbom, SBOM_MEDIA_TYPE } from './sbom/render-sbom.ts';
