import type { JsonNode } from '../../json-node.ts';
import type { Identity } from '../../model/identity.ts';
import { claim, claimGithubWorkflowRef, claimMaterials, claimSource, textOf, type Claim } from './claims.ts';
import { isGithubRunner, SLSA_V02, type PredicateKind } from './predicate-kind.ts';

const RUNNER_BUILD_TYPE = 'https://github.com/npm/cli/gha/v2';
const MAX_MATERIALS = 256;

/**
 * SLSA 0.2 provenance as `npm publish --provenance` wrote it on GitHub Actions until npm 9.8.
 * https://github.com/npm/cli/blob/v9.7.0/workspaces/libnpmpublish/lib/provenance.js
 */
export const SLSA_V02_GITHUB: PredicateKind = {
  predicateType: SLSA_V02,
  buildTypes: ['https://github.com/npm/cli/gha@v0', 'https://github.com/npm/cli/gha@v1', RUNNER_BUILD_TYPE],
  issuer: 'github',
  read: (predicate, buildType) => ({
    buildType,
    builder: textOf(predicate.member('builder').member('id')),
    claims: readGithubV02(predicate),
  }),
  isBuilder: isNpmBuilder,
};

/** Before v2 the builder is the npm that wrote the predicate, which no certificate can speak for. */
function isNpmBuilder(builder: string, identity: Identity): boolean {
  return isGithubRunner(builder, identity) || /^https:\/\/github\.com\/npm\/cli@\d+\.\d+\.\d+[\w.+-]*$/.test(builder);
}

/** The claims of a SLSA 0.2 predicate whose environment holds GitHub's variables. */
export function readGithubV02(predicate: JsonNode): Claim[] {
  const invocation = predicate.member('invocation');
  const source = invocation.member('configSource');
  return [
    ...claimSource(source.member('uri')),
    ...claim('commit', source.member('digest').member('sha1')),
    ...claimEntryPoint(source.member('entryPoint')),
    ...readEnvironment(invocation.optional('environment')),
    ...claimMaterials(predicate.member('materials').list(MAX_MATERIALS), 'sha1'),
    ...claimRun(predicate),
  ];
}

/** The path of the workflow; in old versions with repository and ref around it, or the workflow's name instead. */
function claimEntryPoint(node: JsonNode): Claim[] {
  const text = textOf(node);
  if (text.startsWith('.github/')) return claim('workflow', node);
  return text.includes('/') ? claimGithubWorkflowRef(node) : claim('workflow name', node);
}

function readEnvironment(environment: JsonNode | undefined): Claim[] {
  if (environment === undefined) return [];
  const repository = environment.optional('GITHUB_REPOSITORY');
  const named: Claim[] =
    repository === undefined
      ? []
      : [{ about: 'repository', value: `https://github.com/${textOf(repository)}`, at: repository.path }];
  return [
    ...named,
    ...claim('repository id', environment.optional('GITHUB_REPOSITORY_ID')),
    ...claim('owner id', environment.optional('GITHUB_REPOSITORY_OWNER_ID')),
    ...claim('ref', environment.optional('GITHUB_REF')),
    ...claim('commit', environment.optional('GITHUB_SHA')),
    ...claim('trigger', environment.optional('GITHUB_EVENT_NAME')),
    ...claimGithubWorkflowRef(environment.optional('GITHUB_WORKFLOW_REF')),
    ...claim('workflow commit', environment.optional('GITHUB_WORKFLOW_SHA')),
  ];
}

/** `<run id>-<attempt>`, in the metadata and once more in the environment. */
function claimRun(predicate: JsonNode): Claim[] {
  const environment = predicate.member('invocation').optional('environment');
  const [repository, run, attempt] = ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT'].map((name) =>
    environment?.optional(name),
  );
  const invocation = predicate.optional('metadata')?.optional('buildInvocationId');
  if (repository === undefined || run === undefined || attempt === undefined) return [];
  const base = `https://github.com/${textOf(repository)}/actions/runs`;
  const claims: Claim[] = [{ about: 'run', value: `${base}/${textOf(run)}/attempts/${textOf(attempt)}`, at: run.path }];
  if (invocation !== undefined) {
    const value = textOf(invocation).replace(/^(\d+)-(\d+)$/, `${base}/$1/attempts/$2`);
    claims.push({ about: 'run', value, at: invocation.path });
  }
  return claims;
}
