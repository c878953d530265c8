export { defaultPolicy, type Policy, type RuleLevel, type RuleSetting, type Waiver } from './policy.ts';
export { evaluate, type Context, type Judgement } from './evaluate.ts';
export { needsOf } from './compile.ts';
export { loadPolicy, type LoadedPolicy, type LoadOptions, type PolicySource } from './load-policy.ts';
export { PROBLEM_CODES, type Problem, type ProblemCode } from './document/problem.ts';
export { PRESET_NAMES, PRESETS } from './presets.ts';
export { policySchema, SCHEMA_ID } from './schema.ts';
