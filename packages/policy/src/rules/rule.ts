import type { EntryId, Finding, LockedPackage, Verification } from '@lockseal/core';

/** What a rule may look at: verified facts, and the lockfile's own words about an entry. */
export interface Facts {
  readonly verification: Verification;
  describe(entry: EntryId): LockedPackage;
  /** From an importer to the entry: `['.', 'express@4.21.2', 'debug@2.6.9']`; undefined where no path exists. */
  pathTo(entry: EntryId): readonly string[] | undefined;
}

/** Every rule is this: options from the policy, then facts, then findings in any order. */
export type Rule<Options> = (options: Options) => (facts: Facts) => readonly Finding[];
