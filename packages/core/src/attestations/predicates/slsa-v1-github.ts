import type { JsonNode } from '../../json-node.ts';
import type { Identity } from '../../model/identity.ts';
import { claim, claimMaterials, textOf, type Claim } from './claims.ts';
import { isGithubRunner, SLSA_V1, type PredicateKind } from './predicate-kind.ts';

const MAX_DEPENDENCIES = 4096;

/**
 * SLSA 1 provenance of a GitHub Actions workflow, as npm (since 9.8) and actions/attest-build-provenance write it.
 * npm names GitHub's runner as the builder; the action names the workflow that signed.
 * https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1
 * https://actions.github.io/buildtypes/workflow/v1
 */
export const SLSA_V1_GITHUB: PredicateKind = {
  predicateType: SLSA_V1,
  buildTypes: [
    'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
    'https://actions.github.io/buildtypes/workflow/v1',
  ],
  issuer: 'github',
  read: (predicate, buildType) => ({
    buildType,
    builder: textOf(predicate.member('runDetails').member('builder').member('id')),
    claims: readGithubV1(predicate),
  }),
  isBuilder: (builder, identity: Identity) => builder === identity.san || isGithubRunner(builder, identity),
};

function readGithubV1(predicate: JsonNode): Claim[] {
  const definition = predicate.member('buildDefinition');
  const workflow = definition.member('externalParameters').member('workflow');
  const github = definition.optional('internalParameters')?.optional('github');
  return [
    ...claim('repository', workflow.member('repository')),
    ...claim('workflow', workflow.member('path')),
    ...claim('workflow ref', workflow.member('ref')),
    ...claim('trigger', github?.optional('event_name')),
    ...claim('repository id', github?.optional('repository_id')),
    ...claim('owner id', github?.optional('repository_owner_id')),
    ...claim('runner environment', github?.optional('runner_environment')),
    ...claimMaterials(definition.member('resolvedDependencies').list(MAX_DEPENDENCIES), 'gitCommit'),
    ...claim('run', predicate.member('runDetails').optional('metadata')?.optional('invocationId')),
  ];
}
