import { extension } from './x509.ts';
import { utf8 } from './der.ts';

/**
 * The members of a Fulcio certificate that tell who signed, by the last arc of their OID 1.3.6.1.4.1.57264.1.*.
 * https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
 */
const FULCIO_ARCS = {
  issuerV1: 1,
  triggerV1: 2,
  commitV1: 3,
  workflowNameV1: 4,
  repositoryV1: 5,
  refV1: 6,
  issuer: 8,
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryUri: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryIdentifier: 15,
  sourceRepositoryOwnerUri: 16,
  sourceRepositoryOwnerIdentifier: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationUri: 21,
  sourceRepositoryVisibility: 22,
} as const;

export type FulcioClaim = keyof typeof FULCIO_ARCS;

/** What a leaf certificate says of its holder. A claim that is undefined is left out of the certificate. */
export interface CertificateIdentity {
  readonly san: string;
  readonly sanType: 'uri' | 'email';
  readonly claims: Readonly<Partial<Record<FulcioClaim, string | undefined>>>;
}

/** The build that a provenance speaks of; the defaults are a plausible GitHub release. */
export interface Build {
  /** `https://github.com/owner/name`, or a GitLab project's URL. */
  readonly repository: string;
  /** Path of the workflow in the repository: `.github/workflows/release.yml`. */
  readonly workflow: string;
  readonly ref: string;
  /** 40 hex digits. */
  readonly commit: string;
  readonly trigger: string;
  readonly repositoryId: string;
  readonly ownerId: string;
  readonly runnerEnvironment: string;
  /** `https://github.com/owner/name/actions/runs/1/attempts/1`. */
  readonly runUrl: string;
  readonly visibility: string;
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
const GITLAB_ISSUER = 'https://gitlab.com';

const GITHUB_DEFAULTS = {
  repository: 'https://github.com/acme/widgets',
  workflow: '.github/workflows/release.yml',
  ref: 'refs/heads/main',
  commit: '3f786850e387550fdab836ed7e6dc881de23001b',
  trigger: 'push',
  repositoryId: '100200300',
  ownerId: '4005006',
  runnerEnvironment: 'github-hosted',
  visibility: 'public',
};

const GITLAB_DEFAULTS = {
  ...GITHUB_DEFAULTS,
  repository: 'https://gitlab.com/acme/widgets',
  workflow: '.gitlab-ci.yml',
  runnerEnvironment: 'gitlab-hosted',
};

/** A GitHub Actions build with everything that was not said filled in. */
export function githubBuild(said: Partial<Build> = {}): Build {
  const build = { ...GITHUB_DEFAULTS, ...definedOnly(said) };
  return { runUrl: `${build.repository}/actions/runs/7000000001/attempts/1`, ...build };
}

/** A GitLab CI build with everything that was not said filled in. */
export function gitlabBuild(said: Partial<Build> = {}): Build {
  const build = { ...GITLAB_DEFAULTS, ...definedOnly(said) };
  return { runUrl: `${build.repository}/-/jobs/5000000001`, ...build };
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/** The identity that Fulcio derives from the token of a GitHub Actions build. */
export function githubIdentity(build: Build): CertificateIdentity {
  const signer = `${build.repository}/${build.workflow}@${build.ref}`;
  return {
    san: signer,
    sanType: 'uri',
    claims: {
      issuerV1: GITHUB_ISSUER,
      triggerV1: build.trigger,
      commitV1: build.commit,
      workflowNameV1: workflowName(build.workflow),
      repositoryV1: pathOf(build.repository),
      refV1: build.ref,
      ...commonClaims(build, GITHUB_ISSUER, signer),
    },
  };
}

/** The identity that Fulcio derives from the token of a GitLab CI job; GitLab has no legacy extension but the issuer. */
export function gitlabIdentity(build: Build): CertificateIdentity {
  const signer = `${build.repository}//${build.workflow}@${build.ref}`;
  return {
    san: signer,
    sanType: 'uri',
    claims: { issuerV1: GITLAB_ISSUER, ...commonClaims(build, GITLAB_ISSUER, signer) },
  };
}

/** The identity of a person who signed in with an OpenID provider. */
export function emailIdentity(email: string, issuer = 'https://accounts.example.com'): CertificateIdentity {
  return { san: email, sanType: 'email', claims: { issuerV1: issuer, issuer } };
}

function commonClaims(build: Build, issuer: string, signer: string): CertificateIdentity['claims'] {
  return {
    issuer,
    buildSignerUri: signer,
    buildSignerDigest: build.commit,
    runnerEnvironment: build.runnerEnvironment,
    sourceRepositoryUri: build.repository,
    sourceRepositoryDigest: build.commit,
    sourceRepositoryRef: build.ref,
    sourceRepositoryIdentifier: build.repositoryId,
    sourceRepositoryOwnerUri: ownerUri(build.repository),
    sourceRepositoryOwnerIdentifier: build.ownerId,
    buildConfigUri: signer,
    buildConfigDigest: build.commit,
    buildTrigger: build.trigger,
    runInvocationUri: build.runUrl,
    sourceRepositoryVisibility: build.visibility,
  };
}

/** `owner/name` of a repository URL. */
export function pathOf(repository: string): string {
  return new URL(repository).pathname.slice(1);
}

function ownerUri(repository: string): string {
  return repository.slice(0, repository.lastIndexOf('/'));
}

function workflowName(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
}

/** The claims as certificate extensions: arcs up to 6 hold the bare text, later ones a DER UTF8String. */
export function fulcioExtensions(identity: CertificateIdentity): Buffer[] {
  return Object.entries(FULCIO_ARCS).flatMap(([claim, arc]) => {
    const value = identity.claims[claim as FulcioClaim];
    if (value === undefined) return [];
    return [extension(`1.3.6.1.4.1.57264.1.${arc}`, arc < 8 ? Buffer.from(value) : utf8(value))];
  });
}
