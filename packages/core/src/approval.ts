// What enforcing an approval needs of core, and nothing that it does not: `lockseal enforce` runs before every
// installation, and most of its time is spent on loading code.
export { asLocksealError, LocksealError, type ErrorCode, type ErrorDetails } from './errors.ts';
export { FINDING_CODES, type FindingCode } from './finding-codes.ts';
export { GRADES, type Grade } from './model/evidence.ts';
export type * from './model/approval.ts';
export type { Json } from './canonical.ts';
export { JsonNode, ShapeError } from './json-node.ts';
export { parseStrictJson } from './strict-json.ts';
export { parseStatement, STATEMENT_PAYLOAD_TYPE, type Statement, type Subject } from './statement.ts';
export { parseApprovalPolicy } from './approval-policy.ts';
export { parseTrustedRoot, type TrustedRootMaterial } from './sigstore/trusted-root.ts';
export { matchesIdentity } from './sigstore/match-identity.ts';
export type { BundleSigner, InvalidBundle } from './sigstore/verify-bundle.ts';
export {
  createApprovalBundleVerifier,
  type ApprovalBundleVerifier,
  type VerifiedApprovalBundle,
} from './sigstore/verify-approval-bundle.ts';
