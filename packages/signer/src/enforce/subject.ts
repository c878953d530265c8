import { LocksealError } from '@lockseal/core/approval';
import type { EnforceInput } from './types.ts';

/** The digest that an approval must name. */
export function subjectOf({ policy, lockfile, packageSet }: EnforceInput): string {
  switch (policy.subject) {
    case 'bytes':
      return lockfile.sha512;
    case 'package-set':
      if (packageSet !== undefined) return packageSet;
      throw new LocksealError('ERR_INTERNAL', 'The policy asks for the package set, and it was not computed.');
  }
}

/** Whether a statement is about what is enforced here. */
export function isAbout(
  statement: { readonly lockfile: EnforceInput['lockfile']; readonly packageSet: string },
  input: EnforceInput,
): boolean {
  switch (input.policy.subject) {
    case 'bytes':
      return statement.lockfile.sha256 === input.lockfile.sha256 && statement.lockfile.sha512 === input.lockfile.sha512;
    case 'package-set':
      return statement.packageSet === input.packageSet;
  }
}
