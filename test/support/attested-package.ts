import assert from 'node:assert/strict';
import {
  attestationKeys,
  checkAttestations,
  createBundleVerifier,
  parseTrustedRoot,
  type AttestationChecks,
  type BundleVerifier,
  type FindingCode,
  type RawAttestation,
} from '@lockseal/core';
import {
  createSigstore,
  type BundleJson,
  type ProvenanceOptions,
  type RegistryKeyPair,
  type SigstoreBox,
  type Statement,
} from '@lockseal/testkit';
import { readKeysTarget, rootBytes } from './bundles.ts';

export const SLSA_V1 = 'https://slsa.dev/provenance/v1';
export const SLSA_V02 = 'https://slsa.dev/provenance/v0.2';

/** The package that all attestations are about, unless they say otherwise. */
export const artifact = { name: '@acme/widgets', version: '1.2.3', sha512: 'ab'.repeat(64) };
/** When everything is signed. */
export const at: Date = new Date('2026-03-04T05:06:07.000Z');

/** A Sigstore in a box with one registry key, and core's checks against it. */
export interface AttestedPackageBox {
  readonly box: SigstoreBox;
  readonly registryKey: RegistryKeyPair;
  readonly verifier: BundleVerifier;
  readonly check: (...raws: readonly RawAttestation[]) => AttestationChecks;
  readonly provenance: (options?: Partial<ProvenanceOptions>) => BundleJson;
  readonly publish: (edit?: (statement: Statement) => unknown) => BundleJson;
}

export async function createAttestedPackage(): Promise<AttestedPackageBox> {
  const box = await createSigstore({ clock: () => at });
  const registryKey = box.addRegistryKey();
  const verifier = verifierOf(box);
  return {
    box,
    registryKey,
    verifier,
    check: (...raws) => checkAttestations(raws, artifact, artifact.sha512, verifier),
    provenance: (options = {}) => box.provenance({ ...artifact, ...options }),
    publish: (edit) => box.publishAttestation({ ...artifact, registryKey, ...(edit && { edit }) }),
  };
}

/** A verifier that trusts the box, with the keys that it lists by now. */
export function verifierOf(box: SigstoreBox): BundleVerifier {
  return createBundleVerifier(parseTrustedRoot(rootBytes(box)), attestationKeys(readKeysTarget(box.keysTarget())));
}

export function served(predicateType: string, bundle: unknown): RawAttestation {
  return { predicateType, bundle, digest: 'digest' };
}

export function assertInvalid(
  result: AttestationChecks['provenance' | 'publishAttestation'],
  code: FindingCode,
  reason: RegExp,
): void {
  assert.ok(result.status === 'invalid', `it is ${result.status}`);
  assert.equal(result.code, code, result.reason);
  assert.match(result.reason, reason);
}

/** The statement with one member of its predicate replaced; the path is dotted, numbers index lists. */
export function withPredicate(statement: Statement, path: string, value: unknown): unknown {
  const copy = structuredClone(statement) as { predicate: Record<string, unknown> };
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let node = copy.predicate;
  for (const key of keys) node = node[key] as Record<string, unknown>;
  assert.ok(last in node, `the predicate has no ${path} to replace`);
  node[last] = value;
  return copy;
}
