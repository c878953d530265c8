/** What a text does that strict JSON does not allow. */
export type StrictJsonFault = 'syntax' | 'duplicate-key' | 'prototype-key' | 'excess';

/** Text that is no strict JSON. `offset` counts UTF-16 code units from 0. */
export class StrictJsonError extends SyntaxError {
  override readonly name = 'StrictJsonError';
  readonly fault: StrictJsonFault;
  readonly offset: number;
  readonly expected: string;
  /** What stands there, or the key at fault, as JSON; "the end of the text" where it ends. */
  readonly found: string;

  constructor(fault: StrictJsonFault, offset: number, expected: string, found: string) {
    super(`${MESSAGES[fault](expected, found)} at offset ${offset}`);
    this.fault = fault;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}

const MESSAGES: Readonly<Record<StrictJsonFault, (expected: string, found: string) => string>> = {
  syntax: (expected, found) => `expected ${expected}, found ${found}`,
  'duplicate-key': (_, found) => `the key ${found} occurs twice in one object`,
  'prototype-key': (_, found) => `the key ${found} has a meaning of its own to JavaScript objects`,
  excess: (expected) => `expected ${expected}`,
};
