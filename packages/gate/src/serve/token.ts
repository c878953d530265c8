import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The secret of one run: whoever does not have it learns nothing, not even what is missing. */
export class Token {
  readonly text: string = randomBytes(32).toString('base64url');

  /** In a time that does not tell how much of it is right. */
  is(given: string | undefined): boolean {
    const [own, other] = [this.text, given ?? ''].map((text) => hash('sha256', text, 'buffer'));
    return own !== undefined && other !== undefined && timingSafeEqual(own, other);
  }

  /** `Proxy-Authorization` as clients make it from the proxy's URL (RFC 7617); the user does not matter. */
  isIn(authorization: string | undefined): boolean {
    const [, encoded] = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(authorization ?? '') ?? [];
    if (encoded === undefined) return false;
    const pair = Buffer.from(encoded, 'base64').toString('latin1');
    return this.is(pair.slice(pair.indexOf(':') + 1));
  }
}
