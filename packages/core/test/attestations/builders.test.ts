import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GITHUB_ISSUER, type Identity } from '@lockseal/core';
import type { PredicateKind } from '../../src/attestations/predicates/predicate-kind.ts';
import { SLSA_V02_GENERATOR } from '../../src/attestations/predicates/slsa-v02-generator.ts';
import { SLSA_V02_GITHUB } from '../../src/attestations/predicates/slsa-v02-github.ts';
import { SLSA_V02_GITLAB } from '../../src/attestations/predicates/slsa-v02-gitlab.ts';
import { SLSA_V1_GITHUB } from '../../src/attestations/predicates/slsa-v1-github.ts';

const generator = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows';
const delegator = `${generator}/delegator_lowperms-generic_slsa3.yml@refs/tags/v1.6.0`;
const builder = `${generator}/builder_nodejs_slsa3.yml@refs/tags/v1.6.0`;
const workflow = 'https://github.com/acme/widgets/.github/workflows/release.yml@refs/heads/main';
const runner = 'https://github.com/actions/runner';

function identity(more: Partial<Identity>): Identity {
  return {
    issuer: GITHUB_ISSUER,
    san: workflow,
    sanType: 'uri',
    repository: 'https://github.com/acme/widgets',
    repositoryId: undefined,
    ownerId: undefined,
    workflow: '.github/workflows/release.yml',
    ref: 'refs/heads/main',
    commit: undefined,
    trigger: undefined,
    runnerEnvironment: undefined,
    runUrl: undefined,
    visibility: undefined,
    ...more,
  };
}

interface Vector {
  readonly why: string;
  readonly kind: PredicateKind;
  readonly builder: string;
  readonly signer: Partial<Identity>;
  readonly accepted: boolean;
}

const vectors: readonly Vector[] = [
  {
    why: "npm's own version, before v2",
    kind: SLSA_V02_GITHUB,
    builder: 'https://github.com/npm/cli@9.4.2',
    signer: {},
    accepted: true,
  },
  {
    why: 'npm without version',
    kind: SLSA_V02_GITHUB,
    builder: 'https://github.com/npm/cli',
    signer: {},
    accepted: false,
  },
  {
    why: 'a path after the version',
    kind: SLSA_V02_GITHUB,
    builder: 'https://github.com/npm/cli@9.4.2/x',
    signer: {},
    accepted: false,
  },
  {
    why: "GitHub's runner",
    kind: SLSA_V02_GITHUB,
    builder: runner,
    signer: { runnerEnvironment: 'self-hosted' },
    accepted: true,
  },
  {
    why: 'the environment that the certificate names',
    kind: SLSA_V1_GITHUB,
    builder: `${runner}/self-hosted`,
    signer: { runnerEnvironment: 'self-hosted' },
    accepted: true,
  },
  {
    why: 'a hosted runner, claimed from a self-hosted one',
    kind: SLSA_V1_GITHUB,
    builder: `${runner}/github-hosted`,
    signer: { runnerEnvironment: 'self-hosted' },
    accepted: false,
  },
  {
    why: 'an environment, where an old certificate names none',
    kind: SLSA_V1_GITHUB,
    builder: `${runner}/github-hosted`,
    signer: {},
    accepted: true,
  },
  {
    why: 'an environment that nobody knows',
    kind: SLSA_V1_GITHUB,
    builder: `${runner}/undefined`,
    signer: {},
    accepted: false,
  },
  { why: 'the workflow that signs', kind: SLSA_V1_GITHUB, builder: workflow, signer: {}, accepted: true },
  { why: 'another workflow', kind: SLSA_V1_GITHUB, builder, signer: {}, accepted: false },
  {
    why: 'a delegated builder of the same release',
    kind: SLSA_V02_GENERATOR,
    builder,
    signer: { san: delegator },
    accepted: true,
  },
  {
    why: 'the delegator with more permissions',
    kind: SLSA_V02_GENERATOR,
    builder,
    signer: { san: delegator.replace('lowperms-', '') },
    accepted: true,
  },
  {
    why: 'a builder of another release',
    kind: SLSA_V02_GENERATOR,
    builder: builder.replace('1.6.0', '1.5.0'),
    signer: { san: delegator },
    accepted: false,
  },
  {
    why: 'a delegator from a branch, which anyone with write access can move',
    kind: SLSA_V02_GENERATOR,
    builder: builder.replace('tags/v1.6.0', 'heads/main'),
    signer: { san: delegator.replace('tags/v1.6.0', 'heads/main') },
    accepted: false,
  },
  {
    why: "a fork's delegator",
    kind: SLSA_V02_GENERATOR,
    builder,
    signer: { san: delegator.replace('slsa-framework', 'evil') },
    accepted: false,
  },
  {
    why: "a fork's builder",
    kind: SLSA_V02_GENERATOR,
    builder: builder.replace('slsa-framework', 'evil'),
    signer: { san: delegator },
    accepted: false,
  },
  {
    why: 'another workflow of the generator',
    kind: SLSA_V02_GENERATOR,
    builder,
    signer: { san: delegator.replace('delegator_lowperms-generic_slsa3', 'e2e') },
    accepted: false,
  },
  {
    why: 'a builder that is no workflow',
    kind: SLSA_V02_GENERATOR,
    builder: runner,
    signer: { san: delegator },
    accepted: false,
  },
  {
    why: "a runner of the project's own",
    kind: SLSA_V02_GITLAB,
    builder: 'https://gitlab.com/g/p/-/runners/12',
    signer: { repository: 'https://gitlab.com/g/p' },
    accepted: true,
  },
  {
    why: "another project's runner",
    kind: SLSA_V02_GITLAB,
    builder: 'https://gitlab.com/g/q/-/runners/12',
    signer: { repository: 'https://gitlab.com/g/p' },
    accepted: false,
  },
  {
    why: 'a runner without number',
    kind: SLSA_V02_GITLAB,
    builder: 'https://gitlab.com/g/p/-/runners/',
    signer: { repository: 'https://gitlab.com/g/p' },
    accepted: false,
  },
  {
    why: 'a runner of no repository',
    kind: SLSA_V02_GITLAB,
    builder: '/-/runners/12',
    signer: { repository: undefined },
    accepted: false,
  },
];

describe('builders', () => {
  for (const vector of vectors) {
    test(`${vector.accepted ? 'accepts' : 'refuses'} ${vector.why}`, () => {
      assert.equal(vector.kind.isBuilder(vector.builder, identity(vector.signer)), vector.accepted);
    });
  }
});
