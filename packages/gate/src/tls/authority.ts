import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { authorityExtensions, makeCertificate, serverExtensions, type AuthorityHost } from './certificate.ts';

export type { AuthorityHost } from './certificate.ts';

const COMMON_NAME = 'lockseal gate of one run';
/** Clocks of containers are not quite alike. */
const EARLIER_MS = 5 * 60 * 1000;
const VALID_MS = 25 * 60 * 60 * 1000;

/**
 * The certificate authority of one run. It can vouch for the registries of this run alone and no longer than a day, and
 * its key exists nowhere but here.
 */
export class CertificateAuthority {
  /** PEM; no secret. */
  readonly certificate: string;
  readonly #key: KeyObject;
  readonly #validity: { readonly notBefore: Date; readonly notAfter: Date };
  readonly #contexts = new Map<string, SecureContext>();

  /** @param now milliseconds since 1970 */
  constructor(hosts: readonly AuthorityHost[], now: number) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#validity = { notBefore: new Date(now - EARLIER_MS), notAfter: new Date(now + VALID_MS) };
    this.certificate = this.#sign(COMMON_NAME, publicKey, authorityExtensions(hosts));
  }

  /** What a server of this name shows; made at its first use. */
  contextFor(host: AuthorityHost): SecureContext {
    const known = this.#contexts.get(host.name);
    if (known !== undefined) return known;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // The host is in the alternative name, where there is no bound of 64 characters.
    const certificate = this.#sign('lockseal gate', publicKey, serverExtensions(host));
    const context = createSecureContext({
      cert: certificate + this.certificate,
      key: privateKey.export({ format: 'pem', type: 'pkcs8' }),
      minVersion: 'TLSv1.2',
    });
    this.#contexts.set(host.name, context);
    return context;
  }

  #sign(subject: string, subjectKey: KeyObject, extensions: readonly Buffer[]): string {
    const issuer = { issuer: COMMON_NAME, issuerKey: this.#key };
    return makeCertificate({ subject, subjectKey, extensions, ...issuer, ...this.#validity });
  }
}
