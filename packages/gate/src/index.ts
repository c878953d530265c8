export type { ApprovedArtifact } from './artifact.ts';
