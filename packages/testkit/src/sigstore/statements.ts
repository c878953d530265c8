import { toPurl } from '@lockseal/core';
import { pathOf, type Build } from './identity.ts';

/** An in-toto statement as npm's tools write it: plain JSON, members in their order. */
export interface Statement {
  readonly _type: string;
  readonly subject: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: unknown;
}

export interface StatementSubject {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
}

/** One published tarball. */
export interface Artifact {
  readonly name: string;
  readonly version: string;
  /** Lower-case hex. */
  readonly sha512: string;
}

export type PredicateKind = 'slsa-v1' | 'slsa-v0.2-npm' | 'slsa-v0.2-gitlab';

const STATEMENT_V01 = 'https://in-toto.io/Statement/v0.1';
const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';
export const PUBLISH_PREDICATE = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';

export function subjectOf(artifact: Artifact): StatementSubject {
  return { name: toPurl(artifact.name, artifact.version), digest: { sha512: artifact.sha512 } };
}

/** What the registry signs when it takes a package in. */
export function publishStatement(artifact: Artifact, registry: string): Statement {
  return {
    _type: STATEMENT_V01,
    subject: [subjectOf(artifact)],
    predicateType: PUBLISH_PREDICATE,
    predicate: { name: artifact.name, version: artifact.version, registry },
  };
}

/** What `npm publish --provenance` signs. */
export function provenanceStatement(artifact: Artifact, build: Build, kind: PredicateKind): Statement {
  const subject = [subjectOf(artifact)];
  switch (kind) {
    case 'slsa-v1':
      return {
        _type: STATEMENT_V1,
        subject,
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: slsaV1(build),
      };
    case 'slsa-v0.2-npm':
      return { ...statementV02(subject), predicate: slsaV02Npm(build) };
    case 'slsa-v0.2-gitlab':
      return { ...statementV02(subject), predicate: slsaV02Gitlab(build) };
  }
}

function statementV02(subject: readonly StatementSubject[]): Omit<Statement, 'predicate'> {
  return { _type: STATEMENT_V01, subject, predicateType: 'https://slsa.dev/provenance/v0.2' };
}

function slsaV1(build: Build): unknown {
  return {
    buildDefinition: {
      buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
      externalParameters: {
        workflow: { ref: build.ref, repository: build.repository, path: build.workflow },
      },
      internalParameters: {
        github: {
          event_name: build.trigger,
          repository_id: build.repositoryId,
          repository_owner_id: build.ownerId,
        },
      },
      resolvedDependencies: [{ uri: `git+${build.repository}@${build.ref}`, digest: { gitCommit: build.commit } }],
    },
    runDetails: {
      builder: { id: `https://github.com/actions/runner/${build.runnerEnvironment}` },
      metadata: { invocationId: build.runUrl },
    },
  };
}

function slsaV02Npm(build: Build): unknown {
  const uri = `git+${build.repository}@${build.ref}`;
  const digest = { sha1: build.commit };
  const { run, attempt } = runOf(build);
  return {
    buildType: 'https://github.com/npm/cli/gha/v2',
    builder: { id: 'https://github.com/actions/runner' },
    invocation: {
      configSource: { uri, digest, entryPoint: build.workflow },
      parameters: {},
      environment: {
        GITHUB_EVENT_NAME: build.trigger,
        GITHUB_REF: build.ref,
        GITHUB_REPOSITORY: pathOf(build.repository),
        GITHUB_REPOSITORY_ID: build.repositoryId,
        GITHUB_REPOSITORY_OWNER_ID: build.ownerId,
        GITHUB_RUN_ATTEMPT: attempt,
        GITHUB_RUN_ID: run,
        GITHUB_SHA: build.commit,
        GITHUB_WORKFLOW_REF: `${pathOf(build.repository)}/${build.workflow}@${build.ref}`,
        GITHUB_WORKFLOW_SHA: build.commit,
      },
    },
    metadata: {
      buildInvocationId: `${run}-${attempt}`,
      completeness: { parameters: false, environment: false, materials: false },
      reproducible: false,
    },
    materials: [{ uri, digest }],
  };
}

function slsaV02Gitlab(build: Build): unknown {
  const uri = `git+${build.repository}`;
  const digest = { sha1: build.commit };
  const job = build.runUrl.slice(build.runUrl.lastIndexOf('/') + 1);
  return {
    buildType: 'https://github.com/npm/cli/gitlab/v0alpha1',
    builder: { id: `${build.repository}/-/runners/12270807` },
    invocation: {
      configSource: { uri, digest, entryPoint: 'publish' },
      parameters: gitlabParameters(build, job),
      environment: {
        name: '1-blue.saas-linux-small-amd64.runners-manager.gitlab.com/default',
        architecture: 'linux/amd64',
        server: new URL(build.repository).origin,
        project: pathOf(build.repository),
        job: { id: job },
        pipeline: { id: '900000001', ref: build.workflow },
      },
    },
    metadata: {
      buildInvocationId: build.runUrl,
      completeness: { parameters: true, environment: true, materials: false },
      reproducible: false,
    },
    materials: [{ uri, digest }],
  };
}

/** The variables of a GitLab job that tell what was built; npm copies some fifty, most of them constants. */
function gitlabParameters(build: Build, job: string): Readonly<Record<string, string>> {
  const branch = build.ref.replace(/^refs\/(?:heads|tags)\//, '');
  return {
    CI: 'true',
    CI_COMMIT_REF_NAME: branch,
    CI_COMMIT_REF_PROTECTED: 'true',
    CI_COMMIT_SHA: build.commit,
    CI_CONFIG_PATH: build.workflow,
    CI_DEFAULT_BRANCH: 'main',
    CI_JOB_ID: job,
    CI_JOB_NAME: 'publish',
    CI_JOB_URL: build.runUrl,
    CI_PIPELINE_ID: '900000001',
    CI_PIPELINE_SOURCE: build.trigger,
    CI_PROJECT_ID: build.repositoryId,
    CI_PROJECT_NAMESPACE_ID: build.ownerId,
    CI_PROJECT_PATH: pathOf(build.repository),
    CI_PROJECT_URL: build.repository,
    CI_PROJECT_VISIBILITY: build.visibility,
    CI_SERVER_URL: new URL(build.repository).origin,
  };
}

function runOf(build: Build): { readonly run: string; readonly attempt: string } {
  const match = /\/runs\/(\d+)\/attempts\/(\d+)$/.exec(build.runUrl);
  return { run: match?.[1] ?? '7000000001', attempt: match?.[2] ?? '1' };
}
