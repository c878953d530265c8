import type { Identity } from '@lockseal/core';
import type { JsonInput } from './text.ts';

export function identityJson(identity: Identity): JsonInput {
  const { issuer, san, sanType, repository, repositoryId, ownerId, workflow, ref, commit } = identity;
  const { trigger, runnerEnvironment, runUrl, visibility } = identity;
  return {
    issuer,
    san,
    sanType,
    repository,
    repositoryId,
    ownerId,
    workflow,
    ref,
    commit,
    trigger,
    runnerEnvironment,
    runUrl,
    visibility,
  };
}
