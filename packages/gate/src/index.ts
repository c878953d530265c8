export type { ApprovedArtifact } from './artifact.ts';
export { compareInstalled, type InstalledRequest } from './installed/compare-installed.ts';
export { installedFindings } from './installed/findings.ts';
export { HashThread } from './installed/hash-thread.ts';
export { programsIn } from './installed/manifest-hint.ts';
export { INSTALLED_LIMITS, type InstalledLimits } from './installed/limits.ts';
export type { Omitted } from './installed/omitted.ts';
export { PERMITTED, type PermittedDifference, type PermittedId } from './installed/permitted.ts';
export type {
  AbsentPackage,
  InstalledCounts,
  InstalledDifference,
  InstalledPlace,
  InstalledReport,
  InstalledUndecided,
} from './installed/report.ts';
export type {
  CommitFile,
  CommitFiles,
  FileLists,
  InstallPlatform,
  PatchBytes,
  YarnZipDigest,
} from './installed/run.ts';
export { openGate, type Gate, type GateLimits, type GateOptions } from './serve/open-gate.ts';
export type { HandedOut, Refusal, ServedCounts } from './serve/refusal.ts';
export type { Upstream } from './serve/upstream.ts';
export { TarballStore } from './store/tarball-store.ts';
export { detectManager } from './run/detect.ts';
export { DETOUR_FILES, detoursIn, yamlDetoursIn } from './run/detours.ts';
export { findProgram, pathOutside } from './run/find-program.ts';
export { gateEnvironment, type GateAccess } from './run/gate-environment.ts';
export { endAfter } from './run/end-after.ts';
export { runGuarded, type Ended, type GuardedCommand, type SignalSource } from './run/guarded.ts';
export { holdVariables } from './run/held-variables.ts';
export { FAMILIES, type Family, type Manager } from './run/managers.ts';
export { variablesOfSecrets } from './run/user-config.ts';
export { makeRunFolder, namesPnpmStore, namesYarnGlobal, type RunFolder } from './run/user-home.ts';
export { writeYarnGuard } from './run/yarn-guard.ts';
export type {
  ApprovedScripts,
  HeldScripts,
  InstalledFolder,
  ScriptedPackage,
  ScriptOutcome,
  ScriptPermit,
  ScriptPlan,
  ScriptStep,
  ZippedFolder,
} from './scripts/model.ts';
export { failedFindings, heldFindings, refusedFindings } from './scripts/findings.ts';
export { planScripts, type PlanInput } from './scripts/plan.ts';
export { scriptsIn } from './scripts/read-scripts.ts';
export type { RunInput } from './scripts/run-package.ts';
export { runScripts } from './scripts/run-scripts.ts';
export type { UpstreamProxy } from './scripts/sandbox/bridge.ts';
export type { Surroundings } from './scripts/sandbox/launch.ts';
export { describeSandbox, openSandbox, SANDBOX_MODES, type Sandbox, type SandboxMode } from './scripts/sandbox/open.ts';
