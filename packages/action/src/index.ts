export { runAction } from './run.ts';
export { planRun, type Plan } from './plan.ts';
export { decodeTrigger, type Trigger } from './trigger.ts';
