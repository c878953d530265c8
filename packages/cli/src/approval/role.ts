import { LocksealError, type ApprovalPolicy } from '@lockseal/core';

/** The role to approve for: the one given, or the only one that there is. @throws LocksealError ERR_USAGE */
export function chooseRole(given: string | undefined, { roles }: ApprovalPolicy): string {
  const names = [...roles.keys()];
  const [only = ''] = names;
  if (given === undefined && names.length === 1) return only;
  if (given !== undefined && roles.has(given)) return given;
  throw new LocksealError(
    'ERR_USAGE',
    given === undefined ? 'The policy has several roles.' : 'The policy has no such role.',
    {
      expected: names.join(', '),
      found: given,
      hint: `Name the one for which you approve: --role=${only}.`,
    },
  );
}
