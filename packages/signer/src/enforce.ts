// The part of this package that decides, without the parts that sign: no code that could open a connection is loaded.
export { enforceApproval } from './enforce/enforce-approval.ts';
export { enforceArtifact } from './enforce/enforce-artifact.ts';
export type {
  ApprovalFailure,
  CountedApproval,
  EnforceContext,
  EnforceInput,
  EnforceVerdict,
  Surroundings,
} from './enforce/types.ts';
export { approvalsFileOf, parseApprovals, type StoredBundle } from './store/approvals-file.ts';
export type { LockfileDigests } from './statement/types.ts';
