import { baseline } from './baseline.ts';
import { declaredChanges } from './declared-changes.ts';
import { deprecated } from './deprecated.ts';
import { dormantRevived } from './dormant-revived.ts';
import { edgeForged } from './edge-forged.ts';
import { evidence } from './evidence.ts';
import { exoticDependency } from './exotic-dependency.ts';
import { identityDrift } from './identity-drift.ts';
import { identity } from './identity.ts';
import { installScripts } from './install-scripts.ts';
import { installerBypass } from './installer-bypass.ts';
import { integrity } from './integrity.ts';
import { lockfileForm } from './lockfile-form.ts';
import { manifestMismatch } from './manifest-mismatch.ts';
import { policyFile } from './policy-file.ts';
import { provenanceDowngrade } from './provenance-downgrade.ts';
import { provenance } from './provenance.ts';
import { publishAttestation } from './publish-attestation.ts';
import { publisherChange } from './publisher-change.ts';
import { registrySignature } from './registry-signature.ts';
import { releaseAge } from './release-age.ts';
import { shadowingLockfile } from './shadowing-lockfile.ts';
import { source } from './source.ts';
import { tarballDelta } from './tarball-delta.ts';
import { tarball } from './tarball.ts';
import { trust } from './trust.ts';
import { urlMismatch } from './url-mismatch.ts';
import { vanished } from './vanished.ts';
import { youngNewDependency } from './young-new-dependency.ts';
import type { FindingCode } from '@lockseal/core';
import type { Rule } from './rule.ts';

/** Every built-in rule; in the order in which documentation lists them. */
export const RULES: readonly Rule[] = [
  baseline,
  declaredChanges,
  deprecated,
  dormantRevived,
  edgeForged,
  evidence,
  exoticDependency,
  identityDrift,
  identity,
  installScripts,
  installerBypass,
  integrity,
  lockfileForm,
  manifestMismatch,
  policyFile,
  provenanceDowngrade,
  provenance,
  publishAttestation,
  publisherChange,
  registrySignature,
  releaseAge,
  shadowingLockfile,
  source,
  tarballDelta,
  tarball,
  trust,
  urlMismatch,
  vanished,
  youngNewDependency,
];

const BY_NAME: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.name, rule]));
const BY_CODE: ReadonlyMap<FindingCode, Rule> = new Map(
  RULES.flatMap((rule) => rule.codes.map((code) => [code, rule])),
);

export const RULE_NAMES: readonly string[] = RULES.map(({ name }) => name);

export function ruleNamed(name: string): Rule | undefined {
  return BY_NAME.get(name);
}

/** The rule that a code belongs to; undefined for the codes of approvals and of custom rules. */
export function ruleOf(code: FindingCode): Rule | undefined {
  return BY_CODE.get(code);
}
