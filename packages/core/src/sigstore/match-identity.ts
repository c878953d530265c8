import { LocksealError } from '../errors.ts';
import type { Identity } from '../model/identity.ts';
import { compilePattern } from '../pattern/match-pattern.ts';
import { PatternError } from '../pattern/parse-pattern.ts';

/** Equal to the text; or matched as a whole by a regular expression, which has to say so itself: `^…$`. */
export type IdentityMatcher = string | { readonly pattern: string };

/** What is expected of an identity; members that are not given may be anything. */
export type ExpectedIdentity = { readonly [Field in IdentityField]?: IdentityMatcher | undefined };

export type IdentityField = Exclude<keyof Identity, 'sanType'>;

/** All of them, in the order in which people name them. */
export const IDENTITY_FIELDS: readonly IdentityField[] = [
  'issuer',
  'san',
  'repository',
  'repositoryId',
  'ownerId',
  'workflow',
  'ref',
  'commit',
  'trigger',
  'runnerEnvironment',
  'runUrl',
  'visibility',
];

export interface IdentityMismatch {
  readonly field: IdentityField | 'expectation';
  readonly expected: string;
  readonly found: string | undefined;
}

/**
 * Where an identity differs from what is expected: empty means that it matches. An expectation that names no issuer, or
 * neither SAN nor repository, would let strangers in and matches nobody.
 * @throws LocksealError ERR_CONFIG on a pattern that is not anchored or not a regular expression
 */
export function matchIdentity(identity: Identity, expected: ExpectedIdentity): readonly IdentityMismatch[] {
  const { issuer, san, repository, repositoryId } = expected;
  if (issuer === undefined || (san ?? repository ?? repositoryId) === undefined) {
    return [{ field: 'expectation', expected: 'an issuer, and a SAN or repository', found: undefined }];
  }
  const mismatches: IdentityMismatch[] = [];
  for (const [field, matcher] of Object.entries(expected) as [IdentityField, IdentityMatcher | undefined][]) {
    const found = Object.hasOwn(identity, field) ? identity[field] : undefined;
    if (matcher === undefined || matches(found, matcher)) continue;
    mismatches.push({ field, expected: typeof matcher === 'string' ? matcher : matcher.pattern, found });
  }
  return mismatches;
}

/** `matchIdentity` as a yes or no. */
export function matchesIdentity(identity: Identity, expected: ExpectedIdentity): boolean {
  return matchIdentity(identity, expected).length === 0;
}

function matches(found: string | undefined, matcher: IdentityMatcher): boolean {
  if (found === undefined) return false;
  return typeof matcher === 'string' ? found === matcher : compile(matcher.pattern)(found);
}

function compile(pattern: string): (text: string) => boolean {
  if (!pattern.startsWith('^') || !pattern.endsWith('$') || pattern.endsWith('\\$')) {
    throw new LocksealError('ERR_CONFIG', `the identity pattern ${pattern} is not anchored`, {
      hint: 'Begin it with ^ and end it with $.',
    });
  }
  try {
    // Without its anchors, because matches are whole: an alternative such as `^a|b$` must not escape them.
    return compilePattern(pattern.slice(1, -1));
  } catch (cause) {
    if (!(cause instanceof PatternError)) throw cause;
    throw new LocksealError(
      'ERR_CONFIG',
      `the identity pattern ${pattern} is no regular expression: it ${cause.message}`,
      {
        hint: 'docs/policy.md lists what a pattern may hold.',
        cause,
      },
    );
  }
}
