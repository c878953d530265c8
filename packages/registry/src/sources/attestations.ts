import { hash } from 'node:crypto';
import {
  asLocksealError,
  canonicalize,
  toSpec,
  type AttestedPackage,
  type Fetched,
  type Json,
  type RawAttestation,
} from '@lockseal/core';
import { arrayOf, invalid, objectOf, parseJson, textOf } from './json.ts';

/** More attestations than that no registry keeps for one version. */
const MAX_ATTESTATIONS = 100;

/**
 * The answer of `/-/npm/v1/attestations/<name>@<version>`: `{attestations: [{predicateType, bundle}]}`. The bundles
 * themselves are not looked at here.
 * @throws LocksealError ERR_RESPONSE_INVALID
 */
export function parseAttestations(bytes: Uint8Array, what: string): readonly RawAttestation[] {
  const listed = arrayOf(objectOf(parseJson(bytes, what), what).get('attestations'), `attestations in ${what}`);
  if (listed.length > MAX_ATTESTATIONS) throw invalid(what, `lists over ${MAX_ATTESTATIONS} attestations`);
  return listed.map((item, index) => {
    const members = objectOf(item, `attestations[${index}] in ${what}`);
    const bundle = members.get('bundle');
    objectOf(bundle, `attestations[${index}].bundle in ${what}`);
    return {
      predicateType: textOf(members.get('predicateType'), `attestations[${index}].predicateType in ${what}`),
      bundle,
      digest: digestOf(bundle, `attestations[${index}].bundle in ${what}`),
    };
  });
}

/** What the registry's answer says, wherever it is read. Never throws for anything in it. */
export function readAttestations(bytes: Uint8Array, version: AttestedPackage): Fetched<readonly RawAttestation[]> {
  try {
    return { status: 'ok', value: parseAttestations(bytes, describe(version)) };
  } catch (thrown) {
    const { code, message } = asLocksealError(thrown);
    return { status: 'unavailable', error: code, reason: message };
  }
}

export function noAttestations(version: AttestedPackage): Fetched<never> {
  return { status: 'absent', reason: `the registry has none of ${describe(version)}` };
}

function describe({ name, version }: AttestedPackage): string {
  return `the attestations of ${toSpec(name, version)}`;
}

function digestOf(bundle: unknown, what: string): string {
  try {
    return hash('sha256', canonicalize(bundle as Json));
  } catch {
    throw invalid(what, 'has no canonical JSON');
  }
}
