export type { ApprovedArtifact } from './artifact.ts';
export { openGate, type Gate, type GateLimits, type GateOptions } from './serve/open-gate.ts';
export type { Refusal, ServedCounts } from './serve/refusal.ts';
export type { Upstream } from './serve/upstream.ts';
export { TarballStore } from './store/tarball-store.ts';
