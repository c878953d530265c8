export type { Report } from './model.ts';
export { sanitize } from './sanitize.ts';
export { ansiStyle, plainStyle, type Style, type Tone } from './style.ts';
export { renderHuman } from './human/render.ts';
export type { HumanOptions } from './human/options.ts';
export { REPORT_SCHEMA, renderJson } from './json/render.ts';
export { advanceProgress, startProgress, type Progress } from './progress.ts';
export { ATTESTATION_SCHEMA, renderAttestation, renderAttestationJson, type InspectOptions } from './inspect/render.ts';
export type { AttestationCheck, InspectedAttestation, Signer } from './inspect/model.ts';
