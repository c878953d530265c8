import type { X509Certificate } from '@sigstore/core';
import type { Identity } from '../model/identity.ts';
import { getExtension } from './fulcio-extensions.ts';
import { BundleRefusal } from './refusal.ts';
import { parseWorkflowUri } from './workflow-uri.ts';

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
export const GITLAB_ISSUER = 'https://gitlab.com';

/** GitHub Actions' issuer, or that of one enterprise, which has the enterprise's name appended. */
export function isGithubIssuer(issuer: string): boolean {
  const enterprise = issuer.startsWith(`${GITHUB_ISSUER}/`) ? issuer.slice(GITHUB_ISSUER.length + 1) : '';
  return issuer === GITHUB_ISSUER || /^[A-Za-z0-9-]+$/.test(enterprise);
}

/** GeneralName tags (RFC 5280 section 4.2.1.6). */
const OTHER_NAME = 0;
const EMAIL = 1;
const URI = 6;
/** Fulcio's user names that are no e-mail addresses. */
const OTHER_NAME_OID = '1.3.6.1.4.1.57264.1.7';

/**
 * The identity that Fulcio put into a certificate. Extensions .1 to .6 are the old spelling of later ones; where a
 * certificate has both they must agree, since readers differ in which one they look at.
 * @param extensions as `decodeFulcioExtensions` gives them
 * @throws BundleRefusal where the issuer is missing, two extensions disagree, or there is not exactly one SAN
 */
export function readIdentity(certificate: X509Certificate, extensions: ReadonlyMap<string, string>): Identity {
  const get = (name: Parameters<typeof getExtension>[1]): string | undefined => getExtension(extensions, name);
  const issuer = agreeing('issuer', get('issuer'), get('issuerV1'));
  if (issuer === undefined) throw new BundleRefusal('identity', 'the certificate names no issuer of the identity');
  const san = readSubjectAlternativeName(certificate);
  const repository = readRepository(issuer, get('repositoryUri'), get('repositoryV1'));
  return {
    issuer,
    san: san.name,
    sanType: san.type,
    repository,
    repositoryId: get('repositoryId'),
    ownerId: get('ownerId'),
    workflow: readWorkflow(repository, get('buildConfigUri') ?? san.name),
    ref: agreeing('ref', get('ref'), get('refV1')),
    commit: agreeing('commit', get('commit'), get('commitV1')),
    trigger: agreeing('trigger', get('trigger'), get('triggerV1')),
    runnerEnvironment: get('runnerEnvironment'),
    runUrl: get('runUri'),
    visibility: get('visibility'),
  };
}

function agreeing(what: string, ...values: readonly (string | undefined)[]): string | undefined {
  const [first, ...rest] = values.filter((value) => value !== undefined);
  const other = rest.find((value) => value !== first);
  if (other !== undefined) throw new BundleRefusal('identity', `it names two values of ${what}: ${first} and ${other}`);
  return first;
}

/** The old extension holds `owner/name` alone, which is a whole URL only where the issuer tells the server. */
function readRepository(issuer: string, uri: string | undefined, ownerAndName: string | undefined): string | undefined {
  if (ownerAndName === undefined) return uri;
  if (isGithubIssuer(issuer)) return agreeing('repository', uri, `https://github.com/${ownerAndName}`);
  if (uri?.endsWith(`/${ownerAndName}`) === false) return agreeing('repository', uri, ownerAndName);
  return uri;
}

/** Path of the workflow within the repository itself; a reusable workflow of another repository is only in the SAN. */
function readWorkflow(repository: string | undefined, uri: string): string | undefined {
  const workflow = parseWorkflowUri(uri);
  return workflow !== undefined && workflow.repository === repository ? workflow.path : undefined;
}

function readSubjectAlternativeName(certificate: X509Certificate): { name: string; type: Identity['sanType'] } {
  const extension = certificate.extSubjectAltName;
  const [name, ...more] = extension?.valueObj.subs[0]?.subs ?? [];
  if (extension === undefined || name === undefined || more.length > 0) {
    throw new BundleRefusal('identity', 'the certificate does not have exactly one subject alternative name');
  }
  if (name.tag.isContextSpecific(URI)) return { name: decodeIa5(name.value), type: 'uri' };
  if (name.tag.isContextSpecific(EMAIL)) return { name: decodeIa5(name.value), type: 'email' };
  const other = name.tag.isContextSpecific(OTHER_NAME) ? extension.otherName(OTHER_NAME_OID) : undefined;
  if (other === undefined) throw new BundleRefusal('identity', 'its subject alternative name is of an unknown type');
  return { name: other, type: 'other' };
}

/** IA5String: printable ASCII only, since a decoder that drops the eighth bit could make one name look like another. */
function decodeIa5(bytes: Buffer): string {
  if (bytes.length === 0 || bytes.some((byte) => byte <= 0x20 || byte >= 0x7f)) {
    throw new BundleRefusal('identity', 'its subject alternative name is not printable ASCII');
  }
  return bytes.toString('latin1');
}
