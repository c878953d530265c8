export { defaultPolicy, type Policy } from './policy.ts';
export { evaluate, type Context, type Judgement } from './evaluate.ts';
