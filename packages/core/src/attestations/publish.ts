import { ShapeError } from '../json-node.ts';
import type { CheckResult } from '../model/evidence.ts';
import { PUBLIC_REGISTRY, type RawAttestation, type RegistryKey } from '../ports.ts';
import type { BundleKey } from '../sigstore/bundle-keys.ts';
import type { AttestationVerifier, KeyLack } from '../sigstore/create-verifiers.ts';
import type { Statement } from '../statement.ts';
import { openAttestation, type AttestedPackage, type OpenedAttestation } from './open-attestation.ts';

export const PUBLISH_PREDICATE = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';
const MAX_TEXT = 4096;

export type PublishCheck = CheckResult<{
  readonly keyid: string;
  readonly loggedAt: string | undefined;
  readonly digest: string;
}>;

/** The registry's keys that may sign publish attestations, as a bundle verifier takes them. */
export function attestationKeys(keys: readonly RegistryKey[]): BundleKey[] {
  return keys
    .filter(({ usages }) => usages.includes('npm:attestations'))
    .map(({ keyid, spki, validFrom, validUntil }) => ({ hint: keyid, spki, validFrom, validUntil }));
}

/**
 * The registry's own word that it took this version in with these bytes: signed by one of its keys for attestations,
 * valid when it was logged, and saying so of this name, version and registry. Where the keys could not be had it is
 * undecided, unless it would be invalid whoever signed it.
 * https://github.com/npm/attestation/tree/main/specs/publish/v0.1
 * @param verifier made with `attestationKeys`
 * @param registry base URL of the registry that must have signed
 */
export function checkPublishAttestation(
  raw: RawAttestation,
  pkg: AttestedPackage,
  sha512: string,
  verifier: AttestationVerifier,
  registry: string = PUBLIC_REGISTRY,
): PublishCheck {
  return judgePublish(openAttestation(raw, pkg, sha512, verifier), raw, pkg, registry);
}

/** `checkPublishAttestation` of an attestation that was opened already. */
export function judgePublish(
  opened: OpenedAttestation,
  raw: RawAttestation,
  pkg: AttestedPackage,
  registry: string,
): PublishCheck {
  if (opened.status === 'refused') return invalid(opened.reason);
  const { statement } = opened;
  if (statement.predicateType !== PUBLISH_PREDICATE)
    return invalid(`its predicate is of type ${statement.predicateType}`);
  const difference = findDifference(statement, pkg, registry);
  if (opened.status === 'undecided') return difference === undefined ? undecided(opened.lack) : invalid(difference);
  const { signer, signedAt } = opened.bundle;
  if (signer.kind !== 'key') return invalid("it is signed with a certificate, not with one of the registry's keys");
  if (difference !== undefined) return invalid(difference);
  return { status: 'verified', keyid: signer.keyid, loggedAt: signedAt, digest: raw.digest };
}

function findDifference(
  { predicate }: Statement,
  { name, version }: AttestedPackage,
  registry: string,
): string | undefined {
  const expected = { name, version, registry: registry.replace(/\/$/, '') };
  try {
    for (const [member, value] of Object.entries(expected)) {
      const found = predicate.member(member).text(MAX_TEXT);
      if (found !== value) return `its predicate names the ${member} ${found}, not ${value}`;
    }
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ShapeError) return `in its statement, ${thrown.message}`;
    throw thrown;
  }
}

/** Never as good as none: it may be forged. */
function undecided({ error, reason }: KeyLack): PublishCheck {
  const told = `it is served, and the keys that it must be signed with could not be had: ${reason}`;
  return { status: 'unavailable', error, reason: told, served: true };
}

function invalid(reason: string): PublishCheck {
  return { status: 'invalid', code: 'publish-attestation-invalid', reason };
}
