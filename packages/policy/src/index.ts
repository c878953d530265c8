export {
  defaultPolicy,
  type InstallSettings,
  type Policy,
  type RuleLevel,
  type RuleSetting,
  type Waiver,
} from './policy.ts';
export { evaluate, type Context, type Judgement } from './evaluate.ts';
export { needsOf } from './compile.ts';
export { areNoStronger, demandsOf, type Demands } from './demands.ts';
export { loadPolicy, type LoadedPolicy, type LoadOptions } from './load-policy.ts';
export type { PolicySource, ReadRefusal } from './chain.ts';
export { policyDigest } from './digest.ts';
export { PROBLEM_CODES, type Problem, type ProblemCode } from './document/problem.ts';
export { PRESET_NAMES, PRESETS } from './presets.ts';
export { policySchema, SCHEMA_ID } from './schema.ts';
export { permittedScripts, type PermitsFor, type PermittedScript } from './permitted-scripts.ts';
export { expiredWaivers } from './waivers.ts';
export { describeRule, type RuleDescription } from './describe-rule.ts';
export { readCases, type ReadCases } from './cases/read-cases.ts';
export { runCase, type CaseResult } from './cases/run-case.ts';
export type { CaseFacts, PolicyCase } from './cases/case.ts';
export { isPatternFault, parsePackagePattern, type PackagePattern } from './package-pattern.ts';
export { nearest } from './document/suggest.ts';
export { RULE_NAMES } from './rules/table.ts';
