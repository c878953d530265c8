import { sign, verify } from 'node:crypto';
import {
  emailIdentity,
  GITHUB_ISSUER,
  githubBuild,
  githubIdentity,
  pathOf,
  type Build,
  type CertificateIdentity,
} from './identity.ts';
import { generateSigningKey } from './keys.ts';

/** Issues identity tokens (ES256 JWTs for the audience `sigstore`), and reads only its own. */
export interface TokenIssuer {
  /** The token that a GitHub Actions job would get. */
  buildToken(build?: Partial<Build>): string;
  /** The token of a person who signed in. */
  emailToken(email: string, issuer?: string): string;
  /**
   * Who the token names: the subject that proofs of possession are over, and the certificate identity.
   * @throws Error when the token is not of this issuer, expired, or for another audience
   */
  read(token: string): TokenHolder;
}

interface TokenHolder {
  readonly subject: string;
  readonly identity: CertificateIdentity;
}

const LIFETIME_SECONDS = 600;

interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly exp: number;
  readonly sub: string;
  readonly email?: string;
  /** Not a claim of GitHub's: the build from which the genuine claims beside it were made. */
  readonly build?: Build;
}

export function createTokenIssuer(clock: () => Date): TokenIssuer {
  const key = generateSigningKey('P-256');
  const now = (): number => Math.floor(clock().getTime() / 1000);
  const issue = (claims: object): string => {
    const times = { aud: 'sigstore', iat: now(), exp: now() + LIFETIME_SECONDS };
    const signed = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ ...times, ...claims })}`;
    const signature = sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  };
  return {
    buildToken(said) {
      const build = githubBuild(said);
      return issue({ iss: GITHUB_ISSUER, sub: subjectOf(build), ...githubClaims(build), build });
    },
    emailToken: (email, iss = 'https://accounts.example.com') =>
      issue({ iss, sub: email, email, email_verified: true }),
    read(token) {
      const [header = '', payload = '', signature = ''] = token.split('.');
      const signed = Buffer.from(`${header}.${payload}`);
      const genuine = { key: key.publicKey, dsaEncoding: 'ieee-p1363' } as const;
      if (!verify('sha256', signed, genuine, Buffer.from(signature, 'base64url'))) {
        throw new Error('the identity token is not of this issuer');
      }
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
      if (claims.aud !== 'sigstore' || claims.exp < now())
        throw new Error('the identity token is not valid here and now');
      return holderOf(claims);
    },
  };
}

function holderOf(claims: Claims): TokenHolder {
  if (claims.build !== undefined) return { subject: claims.sub, identity: githubIdentity(claims.build) };
  const email = claims.email ?? claims.sub;
  return { subject: email, identity: emailIdentity(email, claims.iss) };
}

function subjectOf(build: Build): string {
  return `repo:${pathOf(build.repository)}:ref:${build.ref}`;
}

/** https://docs.github.com/en/actions/reference/security/oidc */
function githubClaims(build: Build): object {
  const repository = pathOf(build.repository);
  const workflowRef = `${repository}/${build.workflow}@${build.ref}`;
  const run = /\/runs\/(\d+)\/attempts\/(\d+)$/.exec(build.runUrl);
  return {
    event_name: build.trigger,
    sha: build.commit,
    workflow: build.workflow,
    repository,
    repository_id: build.repositoryId,
    repository_owner: repository.split('/')[0],
    repository_owner_id: build.ownerId,
    repository_visibility: build.visibility,
    ref: build.ref,
    job_workflow_ref: workflowRef,
    job_workflow_sha: build.commit,
    workflow_ref: workflowRef,
    workflow_sha: build.commit,
    runner_environment: build.runnerEnvironment,
    run_id: run?.[1],
    run_attempt: run?.[2],
  };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
