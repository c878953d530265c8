import type { Position } from '@lockseal/core';

/** Every kind of mistake in a policy file. Closed, stable. */
export const PROBLEM_CODES = {
  'bad-syntax': 'the file is not well-formed',
  'too-large': 'the file exceeds its bound on size',
  'unknown-key': 'a key that nothing reads',
  'unknown-rule': 'a rule that does not exist',
  'unknown-preset': 'something to extend that does not exist',
  'bad-reference': 'something to extend that cannot be taken from where it is named',
  'missing-key': 'a key that must be there is not',
  'wrong-type': 'a value of the wrong type',
  'bad-value': 'a value that the key does not take',
  'bad-pattern': 'a package pattern that can match nothing',
  'bad-expression': 'a CEL expression that cannot be used',
  'waiver-too-long': 'a waiver that lasts longer than the policy allows',
  'waiver-expired': 'a waiver whose time is over',
  unsafe: 'a level that would let contradicted evidence pass',
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** One mistake in a policy file: where, what, and what to write instead. */
export interface Problem {
  readonly code: ProblemCode;
  readonly file: string;
  readonly position: Position;
  readonly message: string;
  readonly hint: string | undefined;
}
