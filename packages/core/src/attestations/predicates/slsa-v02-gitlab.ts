import type { JsonNode } from '../../json-node.ts';
import type { Identity } from '../../model/identity.ts';
import { claim, claimMaterials, claimSource, textOf, type Claim } from './claims.ts';
import { SLSA_V02, type PredicateKind } from './predicate-kind.ts';

const MAX_MATERIALS = 256;

/**
 * SLSA 0.2 provenance as `npm publish --provenance` writes it on GitLab CI.
 * https://github.com/npm/cli/blob/latest/workspaces/libnpmpublish/lib/provenance.js
 */
export const SLSA_V02_GITLAB: PredicateKind = {
  predicateType: SLSA_V02,
  buildTypes: ['https://github.com/npm/cli/gitlab/v0alpha1', 'https://github.com/npm/cli/gitlab/v1alpha1'],
  issuer: 'gitlab',
  read: (predicate, buildType) => ({
    buildType,
    builder: textOf(predicate.member('builder').member('id')),
    claims: readGitlab(predicate),
  }),
  isBuilder: isProjectRunner,
};

/** `<project URL>/-/runners/<number>`. */
function isProjectRunner(builder: string, { repository }: Identity): boolean {
  const prefix = `${repository ?? ''}/-/runners/`;
  return repository !== undefined && builder.startsWith(prefix) && /^\d+$/.test(builder.slice(prefix.length));
}

function readGitlab(predicate: JsonNode): Claim[] {
  const invocation = predicate.member('invocation');
  const source = invocation.member('configSource');
  return [
    ...claimSource(source.member('uri')),
    ...claim('commit', source.member('digest').member('sha1')),
    ...readVariables(invocation.optional('parameters')),
    ...claimMaterials(predicate.member('materials').list(MAX_MATERIALS), 'sha1'),
    ...claim('run', predicate.optional('metadata')?.optional('buildInvocationId')),
  ];
}

/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
function readVariables(variables: JsonNode | undefined): Claim[] {
  return [
    ...claim('repository', variables?.optional('CI_PROJECT_URL')),
    ...claim('repository id', variables?.optional('CI_PROJECT_ID')),
    ...claim('owner id', variables?.optional('CI_PROJECT_NAMESPACE_ID')),
    ...claim('ref name', variables?.optional('CI_COMMIT_REF_NAME')),
    ...claim('commit', variables?.optional('CI_COMMIT_SHA')),
    ...claim('workflow', variables?.optional('CI_CONFIG_PATH')),
    ...claim('trigger', variables?.optional('CI_PIPELINE_SOURCE')),
    ...claim('run', variables?.optional('CI_JOB_URL')),
  ];
}
