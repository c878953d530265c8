import { JsonNode, LocksealError, parseStrictJson } from '@lockseal/core';

/** Whom Fulcio expects a token to be for. */
export const AUDIENCE = 'sigstore';

/** What a token says of itself; nothing here is verified, the certificate authority does that. */
export interface TokenClaims {
  readonly issuer: string;
  /** The e-mail address where there is one, else the subject. */
  readonly subject: string;
}

/**
 * Looks whether a token can work before it is sent anywhere: shape, audience, expiry. Messages never hold the token.
 * @param where it came from, for messages
 * @throws LocksealError ERR_IDENTITY
 */
export function checkToken(token: string, where: string, now: Date): TokenClaims {
  const claims = decode(token, where);
  const audience: unknown = claims.optional('aud')?.value;
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  if (!audiences.includes(AUDIENCE)) {
    throw unfit(where, 'is for another audience', AUDIENCE, audiences.map(String).join(', '));
  }
  const expires = claims.member('exp').count() * 1000;
  if (expires <= now.getTime()) throw unfit(where, 'has expired', 'later', new Date(expires).toISOString());
  return { issuer: claims.member('iss').text(4096), subject: subjectOf(claims, where) };
}

/**
 * Whom a token names, which is what its bearer signs to prove that a key is theirs.
 * @throws LocksealError ERR_IDENTITY; messages never hold the token
 */
export function tokenSubject(token: string): string {
  const where = 'the identity provider';
  return subjectOf(decode(token, where), where);
}

function subjectOf(claims: JsonNode, where: string): string {
  const email = claims.optional('email');
  if (email !== undefined && claims.optional('email_verified')?.value !== true) {
    throw unfit(where, 'has an e-mail address that its issuer has not verified', 'email_verified: true', undefined);
  }
  return (email ?? claims.member('sub')).text(4096);
}

function decode(token: string, where: string): JsonNode {
  const parts = token.split('.');
  try {
    if (parts.length !== 3) throw new SyntaxError(`${parts.length} parts`);
    const claims = new JsonNode(parseStrictJson(Buffer.from(parts[1] ?? '', 'base64url')), '');
    for (const name of ['iss', 'sub']) claims.member(name).text(4096);
    claims.member('exp').count();
    return claims;
  } catch {
    throw unfit(where, 'is no identity token', 'a JSON Web Token', undefined);
  }
}

function unfit(where: string, problem: string, expected: string, found: string | undefined): LocksealError {
  return new LocksealError('ERR_IDENTITY', `The token from ${where} ${problem}.`, {
    expected,
    found,
    hint: 'Get a fresh token for the audience "sigstore".',
  });
}
