import type { Identity } from '../../model/identity.ts';
import { parseWorkflowUri } from '../../sigstore/workflow-uri.ts';
import { textOf } from './claims.ts';
import { SLSA_V02, type PredicateKind } from './predicate-kind.ts';
import { readGithubV02 } from './slsa-v02-github.ts';

const GENERATOR = 'https://github.com/slsa-framework/slsa-github-generator';
const DELEGATOR = /^\.github\/workflows\/delegator_(?:lowperms-)?generic_slsa3\.yml$/;
const BUILDER = /^\.github\/workflows\/builder_[a-z0-9_-]+\.yml$/;
const RELEASE = /^refs\/tags\/v\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?$/;

/**
 * SLSA 0.2 provenance of slsa-github-generator's delegated builders. The certificate is the delegator's, a reusable
 * workflow of the generator's own repository; it vouches for the builder that it was called by, of the same release.
 * https://github.com/slsa-framework/slsa-github-generator/blob/main/BYOB.md
 */
export const SLSA_V02_GENERATOR: PredicateKind = {
  predicateType: SLSA_V02,
  buildTypes: [`${GENERATOR}/delegator-generic@v0`],
  issuer: 'github',
  read: (predicate, buildType) => ({
    buildType,
    builder: textOf(predicate.member('builder').member('id')),
    claims: readGithubV02(predicate),
  }),
  isBuilder: isDelegatedBuilder,
};

function isDelegatedBuilder(builder: string, identity: Identity): boolean {
  const delegator = parseWorkflowUri(identity.san);
  const delegated = parseWorkflowUri(builder);
  if (delegator === undefined || delegated === undefined) return false;
  return (
    delegator.repository === GENERATOR &&
    delegated.repository === GENERATOR &&
    DELEGATOR.test(delegator.path) &&
    BUILDER.test(delegated.path) &&
    RELEASE.test(delegator.ref) &&
    delegated.ref === delegator.ref
  );
}
