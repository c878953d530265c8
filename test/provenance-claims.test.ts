// Provenance predicates that disagree with the certificate that signed them, member by member.
import { describe, test } from 'node:test';
import { type Statement } from '@lockseal/testkit';
import {
  assertInvalid,
  createAttestedPackage,
  served,
  SLSA_V02,
  SLSA_V1,
  withPredicate,
} from './support/attested-package.ts';

const { check, provenance } = await createAttestedPackage();

describe('the predicate against the certificate', () => {
  const commit = 'f'.repeat(40);
  const v1 = 'buildDefinition.';
  const vectors: readonly { readonly path: string; readonly value: string; readonly reason: RegExp }[] = [
    {
      path: `${v1}externalParameters.workflow.repository`,
      value: 'https://github.com/evil/widgets',
      reason:
        /repository is https:\/\/github\.com\/evil\/widgets, the certificate says https:\/\/github\.com\/acme\/widgets/,
    },
    {
      path: `${v1}externalParameters.workflow.repository`,
      value: 'https://github.com/Acme/widgets',
      reason: /repository is https:\/\/github\.com\/Acme/,
    },
    {
      path: `${v1}externalParameters.workflow.ref`,
      value: 'refs/heads/evil',
      reason: /workflow ref is refs\/heads\/evil/,
    },
    {
      path: `${v1}externalParameters.workflow.path`,
      value: '.github/workflows/evil.yml',
      reason: /workflow is \.github\/workflows\/evil\.yml/,
    },
    { path: `${v1}internalParameters.github.event_name`, value: 'pull_request', reason: /trigger is pull_request/ },
    { path: `${v1}internalParameters.github.repository_id`, value: '1', reason: /repository id is 1/ },
    { path: `${v1}internalParameters.github.repository_owner_id`, value: '1', reason: /owner id is 1/ },
    {
      path: `${v1}resolvedDependencies.0.uri`,
      value: 'git+https://github.com/evil/widgets@refs/heads/main',
      reason: /repository is https:\/\/github\.com\/evil/,
    },
    {
      path: `${v1}resolvedDependencies.0.uri`,
      value: 'git+https://github.com@evil.example/acme/widgets',
      reason: /repository is https:\/\/github\.com,/,
    },
    {
      path: `${v1}resolvedDependencies.0.uri`,
      value: 'git+https://github.com/acme/widgets@refs/heads/evil',
      reason: /the ref is refs\/heads\/evil/,
    },
    { path: `${v1}resolvedDependencies.0.digest.gitCommit`, value: commit, reason: /the commit is ffff/ },
    {
      path: 'runDetails.builder.id',
      value: 'https://github.com/actions/runner/self-hosted',
      reason: /builder is .*self-hosted/,
    },
    {
      path: 'runDetails.builder.id',
      value: 'https://example.com/builder',
      reason: /builder is https:\/\/example\.com/,
    },
    {
      path: 'runDetails.metadata.invocationId',
      value: 'https://github.com/acme/widgets/actions/runs/1/attempts/1',
      reason: /the run is .*runs\/1\//,
    },
  ];
  for (const { path, value, reason } of vectors) {
    test(`SLSA 1: ${path} is ${value}`, () => {
      const bundle = provenance({ edit: (s) => withPredicate(s, path, value) });
      assertInvalid(check(served(SLSA_V1, bundle)).provenance, 'provenance-inconsistent', reason);
    });
  }

  const v02: readonly { readonly path: string; readonly value: string; readonly about: string }[] = [
    {
      path: 'invocation.configSource.uri',
      value: 'git+https://github.com/evil/widgets@refs/heads/main',
      about: 'repository',
    },
    { path: 'invocation.configSource.digest.sha1', value: commit, about: 'commit' },
    { path: 'invocation.configSource.entryPoint', value: '.github/workflows/evil.yml', about: 'workflow' },
    {
      path: 'invocation.configSource.entryPoint',
      value: 'evil/widgets/.github/workflows/release.yml@refs/heads/main',
      about: 'repository',
    },
    { path: 'invocation.environment.GITHUB_EVENT_NAME', value: 'pull_request', about: 'trigger' },
    { path: 'invocation.environment.GITHUB_REF', value: 'refs/heads/evil', about: 'ref' },
    { path: 'invocation.environment.GITHUB_REPOSITORY', value: 'evil/widgets', about: 'repository' },
    { path: 'invocation.environment.GITHUB_REPOSITORY_ID', value: '1', about: 'repository id' },
    { path: 'invocation.environment.GITHUB_REPOSITORY_OWNER_ID', value: '1', about: 'owner id' },
    { path: 'invocation.environment.GITHUB_RUN_ID', value: '1', about: 'run' },
    { path: 'invocation.environment.GITHUB_SHA', value: commit, about: 'commit' },
    {
      path: 'invocation.environment.GITHUB_WORKFLOW_REF',
      value: 'acme/widgets/.github/workflows/release.yml@refs/heads/evil',
      about: 'workflow ref',
    },
    { path: 'invocation.environment.GITHUB_WORKFLOW_SHA', value: commit, about: 'workflow commit' },
    { path: 'materials.0.uri', value: 'git+https://github.com/evil/widgets', about: 'repository' },
    { path: 'materials.0.digest.sha1', value: commit, about: 'commit' },
    { path: 'metadata.buildInvocationId', value: '1-1', about: 'run' },
  ];
  for (const { path, value, about } of v02) {
    test(`SLSA 0.2 of npm: ${path} is ${value}`, () => {
      const bundle = provenance({ predicate: 'slsa-v0.2-npm', edit: (s) => withPredicate(s, path, value) });
      assertInvalid(
        check(served(SLSA_V02, bundle)).provenance,
        'provenance-inconsistent',
        new RegExp(`says that the ${about} is`),
      );
    });
  }

  const gitlab: readonly { readonly path: string; readonly value: string; readonly reason: RegExp }[] = [
    {
      path: 'invocation.configSource.uri',
      value: 'git+https://gitlab.com/evil/widgets',
      reason: /repository is https:\/\/gitlab\.com\/evil/,
    },
    { path: 'invocation.configSource.digest.sha1', value: commit, reason: /commit is ffff/ },
    { path: 'invocation.parameters.CI_PROJECT_ID', value: '1', reason: /repository id is 1/ },
    { path: 'invocation.parameters.CI_COMMIT_REF_NAME', value: 'evil', reason: /ref name is evil/ },
    { path: 'invocation.parameters.CI_CONFIG_PATH', value: 'evil.yml', reason: /workflow is evil\.yml/ },
    {
      path: 'invocation.parameters.CI_JOB_URL',
      value: 'https://gitlab.com/acme/widgets/-/jobs/1',
      reason: /run is .*jobs\/1,/,
    },
    {
      path: 'builder.id',
      value: 'https://gitlab.com/evil/widgets/-/runners/1',
      reason: /builder is https:\/\/gitlab\.com\/evil/,
    },
  ];
  for (const { path, value, reason } of gitlab) {
    test(`SLSA 0.2 of GitLab: ${path} is ${value}`, () => {
      const bundle = provenance({ predicate: 'slsa-v0.2-gitlab', edit: (s) => withPredicate(s, path, value) });
      assertInvalid(check(served(SLSA_V02, bundle)).provenance, 'provenance-inconsistent', reason);
    });
  }

  test('a GitHub predicate under a GitLab certificate', () => {
    const claims = { issuer: 'https://gitlab.com', issuerV1: 'https://gitlab.com', repositoryV1: undefined };
    const bundle = provenance({ claims });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-inconsistent',
      /cannot be by an identity of https:\/\/gitlab\.com/,
    );
  });

  test('a certificate that names no commit backs no provenance', () => {
    const bundle = provenance({ claims: { commitV1: undefined, sourceRepositoryDigest: undefined } });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-inconsistent',
      /the certificate names no commit/,
    );
  });

  test('a predicate without a source', () => {
    const bundle = provenance({ edit: (s) => withPredicate(s, 'buildDefinition.resolvedDependencies', []) });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-inconsistent',
      /the predicate names no commit/,
    );
  });

  test('a predicate that is not as its build type prescribes', () => {
    const bundle = provenance({ edit: (s) => withPredicate(s, 'buildDefinition.externalParameters', {}) });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-invalid',
      /externalParameters\.workflow is missing/,
    );
  });

  test('a build type that nobody has taught us is not evidence either way', () => {
    const bundle = provenance({
      edit: (s) => withPredicate(s, 'buildDefinition.buildType', 'https://example.com/build/v1'),
    });
    assertInvalid(
      check(served(SLSA_V1, bundle)).provenance,
      'provenance-unsupported',
      /builds of type https:\/\/example\.com\/build\/v1/,
    );
  });

  test("a generator's build type under a certificate that is not the generator's", () => {
    const buildType = 'https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0';
    const edit = (s: Statement): unknown => withPredicate(s, 'buildType', buildType);
    const bundle = provenance({ predicate: 'slsa-v0.2-npm', edit });
    assertInvalid(
      check(served(SLSA_V02, bundle)).provenance,
      'provenance-inconsistent',
      /^the builder is https:\/\/github\.com\/actions\/runner/,
    );
  });
});
