export { ERROR_CODES, LocksealError, asLocksealError, type ErrorCode, type ErrorDetails } from './errors.ts';
export { FINDING_CODES, type FindingCode, type FindingCodeInfo, type Level } from './finding-codes.ts';
export { canonicalize, type Json } from './canonical.ts';
export { AskedThread, dealOut, type Asking, type Thread } from './asked-thread.ts';
export { fromPurl, isExactVersion, isPackageName, scopeOf, toPurl, toSpec } from './package-id.ts';
export type * from './model/position.ts';
export type * from './model/lockfile.ts';
export { NO_FLAGS } from './model/lockfile.ts';
export type * from './model/manifest.ts';
export type * from './model/published.ts';
export type * from './model/project.ts';
export type * from './model/identity.ts';
export type * from './model/evidence.ts';
export { GRADES } from './model/evidence.ts';
export type * from './model/finding.ts';
export { PUBLIC_REGISTRY, YARN_PUBLIC_ALIAS } from './ports.ts';
export type * from './ports.ts';
export { parseManifest, parseProjectManifest } from './manifest.ts';
export { packageSet, packageSetFacts, packageSetRow, PACKAGE_SET_TYPE } from './package-set.ts';
export type { ArtifactSource, PackageDigest, PackageSet, PackageSetEntry, PackageSetFacts } from './package-set.ts';
export { checkGraph } from './edges/check-graph.ts';
export { checkManifestEdges, type ManifestEdges } from './edges/check-manifest-edges.ts';
export { edgeContext, type Dependent, type EdgeContext } from './edges/context.ts';
export { parseSpecifier, type Specifier } from './edges/specifier.ts';
export { parseNameAndRange, parseOverrideSelector, type ParsedSelector } from './edges/override-selector.ts';
export { objectionTo } from './edges/answer.ts';
export { isOutside } from './edges/sources.ts';
export { JsonNode, ShapeError } from './json-node.ts';
export { parseStrictJson } from './strict-json.ts';
export { StrictJsonError, type StrictJsonFault } from './json/error.ts';
export { type JsonRules } from './json/scan.ts';
export { isJsonArray, JsonObject, parseJsonText, typeOfJson, type JsonValue } from './json/value.ts';
export {
  checkPin,
  createHasher,
  createIntegrityStream,
  parseIntegrity,
  sha512FromIntegrity,
  type HashAlgorithm,
  type Hasher,
  type IntegrityStream,
  type ParsedIntegrity,
  type PinCheck,
} from './integrity.ts';
export {
  bindSubject,
  MAX_STATEMENT_BYTES,
  parseStatement,
  STATEMENT_PAYLOAD_TYPE,
  type ParsedStatement,
  type Statement,
  type Subject,
  type SubjectBinding,
  type SubjectFault,
} from './statement.ts';
export { parseTrustedRoot, type TrustedRootMaterial } from './sigstore/trusted-root.ts';
export { type BundleKey } from './sigstore/bundle-keys.ts';
export { type ArtifactDigest } from './sigstore/digest-signature.ts';
export { BUNDLE_FAULTS, type BundleFault } from './sigstore/refusal.ts';
export {
  createBundleVerifier,
  unreadableReason,
  verifyBundle,
  type BundleSigner,
  type BundleVerdict,
  type BundleVerifier,
  type InvalidBundle,
  type SignedContent,
  type VerifiedBundle,
  type VerifyOptions,
} from './sigstore/verify-bundle.ts';
export { expectGithubWorkflow, expectGitlabPipeline, type ExpectedWorkflow } from './sigstore/expect-workflow.ts';
export { GITHUB_ISSUER, GITLAB_ISSUER } from './sigstore/identity.ts';
export {
  IDENTITY_FIELDS,
  matchesIdentity,
  matchIdentity,
  type ExpectedIdentity,
  type IdentityField,
  type IdentityMatcher,
  type IdentityMismatch,
} from './sigstore/match-identity.ts';
export { parseGitUri, parseWorkflowUri, type WorkflowUri } from './sigstore/workflow-uri.ts';
export { checkAttestations, type AttestationChecks } from './attestations/check-attestations.ts';
export { type AttestedPackage } from './attestations/open-attestation.ts';
export { checkProvenance, type ProvenanceCheck } from './attestations/provenance.ts';
export {
  attestationKeys,
  checkPublishAttestation,
  PUBLISH_PREDICATE,
  type PublishCheck,
} from './attestations/publish.ts';
export { checkRegistrySignature, type SignatureCheck, type SignedVersion } from './registry-signature.ts';
export type * from './model/approval.ts';
export { parseApprovalPolicy, parseExpectedIdentity } from './approval-policy.ts';
export { isAddress, parseAuthority, sameAuthority, type Authority } from './authority.ts';
export { parseDuration } from './duration.ts';
export {
  createApprovalBundleVerifier,
  type ApprovalBundleVerifier,
  type VerifiedApprovalBundle,
} from './sigstore/verify-approval-bundle.ts';
export { installScriptsOf } from './checks/install-scripts.ts';
export { type HistoryMode } from './history/check-history.ts';
export { verifyLockfile, type VerifyInput } from './verify-lockfile.ts';
export { keepVerification, type KeepableVerification } from './keep-verification.ts';
export {
  openVerification,
  type KeptVerification,
  type PathSteps,
  type SettledVerification,
  type VerificationContext,
} from './settled-verification.ts';
export { type EntryOutline } from './verification-text.ts';
export { createJudge, type EvidenceVerdict, type JudgePool, type JudgeQuestion } from './judge-evidence.ts';
export { type CoverableArtifact, type Covered } from './artifacts/carried.ts';
export { canonicalTarballUrl, checkTarballUrl, registryFor } from './checks/tarball-url.ts';
export { installScripts } from './checks/tarball-contents.ts';
export { lockedSha512 } from './checks/bind-bytes.ts';
export { compareCode, type CodeDelta, type CodeFile, type TarballCode } from './diff/compare-code.ts';
export {
  compareStates,
  type PackageChange,
  type ScriptChange,
  type StateSummary,
  type TrustDiff,
} from './diff/compare-states.ts';
export { compareTarballs, type StrangeFile, type TarballDelta, type TarballSide } from './diff/compare-tarballs.ts';
export { DESIGN_REASONS, type DesignDifference } from './diff/design-differences.ts';
export { lockedState, type LockedArtifact, type LockedState } from './diff/locked-state.ts';
export { pairArtifacts, type ArtifactChange, type ChangeKind, type Pairing } from './diff/pair-artifacts.ts';
export { bareFacts, factsOf, type Builder, type SideFacts, type UndecidedCheck } from './diff/side-facts.ts';
export { TRUST_SIGNS, type TrustSign, type TrustSignName, type TrustWeight } from './diff/signs.ts';
export { mapBounded } from './map-bounded.ts';
