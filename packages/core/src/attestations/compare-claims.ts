import type { Identity } from '../model/identity.ts';
import { getExtension } from '../sigstore/fulcio-extensions.ts';
import { GITLAB_ISSUER, isGithubIssuer } from '../sigstore/identity.ts';
import { parseWorkflowUri } from '../sigstore/workflow-uri.ts';
import type { ClaimSubject, ProvenanceClaims } from './predicates/claims.ts';
import type { PredicateKind } from './predicates/predicate-kind.ts';

/** Who signed, as the certificate says. */
export interface CertifiedSigner {
  readonly identity: Identity;
  readonly extensions: ReadonlyMap<string, string>;
}

/** What a predicate must claim, and a certificate back, for the predicate to count as evidence at all. */
const REQUIRED: readonly ClaimSubject[] = ['repository', 'commit'];

/**
 * Where a predicate and the certificate that signed it disagree; undefined where they do not. The build writes the
 * predicate itself, the certificate comes from the token of its CI provider: only what both say is evidence. What the
 * certificate does not say (old ones say less) cannot be compared, save for repository and commit, which it must say.
 */
export function findDisagreement(
  kind: PredicateKind,
  said: ProvenanceClaims,
  signer: CertifiedSigner,
): string | undefined {
  const { identity } = signer;
  const isIssuer = kind.issuer === 'github' ? isGithubIssuer(identity.issuer) : identity.issuer === GITLAB_ISSUER;
  if (!isIssuer) return `a build of type ${said.buildType} cannot be by an identity of ${identity.issuer}`;
  if (!kind.isBuilder(said.builder, identity))
    return `the builder is ${said.builder}, the certificate is of ${identity.san}`;
  for (const about of REQUIRED) {
    if (!said.claims.some((claim) => claim.about === about)) return `the predicate names no ${about}`;
    if (certifiedValue(about, signer) === undefined) return `the certificate names no ${about}`;
  }
  for (const { about, value, at } of said.claims) {
    const certified = certifiedValue(about, signer);
    if (certified !== undefined && certified !== value) {
      return `${at} says that the ${about} is ${value}, the certificate says ${certified}`;
    }
  }
  return undefined;
}

function certifiedValue(about: ClaimSubject, { identity, extensions }: CertifiedSigner): string | undefined {
  switch (about) {
    case 'repository':
      return identity.repository;
    case 'repository id':
      return identity.repositoryId;
    case 'owner id':
      return identity.ownerId;
    case 'ref':
      return identity.ref;
    case 'ref name':
      return identity.ref?.replace(/^refs\/(?:heads|tags)\//, '');
    case 'commit':
      return identity.commit;
    case 'workflow':
      return identity.workflow;
    case 'workflow name':
      return getExtension(extensions, 'workflowNameV1');
    case 'workflow ref':
      return identity.workflow === undefined
        ? undefined
        : parseWorkflowUri(getExtension(extensions, 'buildConfigUri') ?? identity.san)?.ref;
    case 'workflow commit':
      return getExtension(extensions, 'buildConfigDigest');
    case 'trigger':
      return identity.trigger;
    case 'run':
      return identity.runUrl;
    case 'runner environment':
      return identity.runnerEnvironment;
  }
}
