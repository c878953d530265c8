export { runAction } from './run.ts';
export type { Environment } from './runner.ts';
export type { Outcome, RunLockseal } from './lockseal.ts';
