import type { CheckResult, Evidence, ProvenanceFacts } from '@lockseal/core';
import { ORIGINS } from '../origins.ts';

/** One line of the evidence on an entry; the text is untrusted, and empty lines are left out by the caller. */
export type Fact = readonly [label: string, text: string | undefined];

/** All that is known of an entry, for the part of the page that tells of it. */
export function factsOf(evidence: Evidence): readonly Fact[] {
  const { entry, purl, class: kind, grade, reason, sha512, signedDigest, checks } = evidence;
  return [
    ['entry', entry],
    ['package URL', purl],
    ['kind', kind],
    ['grade', `${grade}: ${reason}`],
    ['sha512', sha512],
    [
      'signed digest',
      signedDigest && checkText(signedDigest, (signed) => `sha512 ${signed.sha512} by ${signed.keyid}`),
    ],
    ['integrity', checkText(checks.integrity, ({ algorithm }) => algorithm)],
    ['registry', checkText(checks.registry, ({ url }) => url)],
    ['signature', checkText(checks.signature, ({ keyid, keyOrigin }) => `by ${keyid}, a key ${ORIGINS[keyOrigin]}`)],
    [
      'publish attestation',
      checkText(checks.publishAttestation, ({ keyid, loggedAt }) => `by ${keyid}, logged ${loggedAt ?? 'nowhere'}`),
    ],
    ['provenance', checkText(checks.provenance, ({ signedAt, builder }) => `signed ${signedAt} on ${builder}`)],
    ...(checks.provenance.status === 'verified' ? identityFacts(checks.provenance) : []),
    ['edges', checkText(checks.edges, ({ proof, compared }) => `${compared} compared with the ${proof}`)],
    ['tarball', checkText(checks.tarball, ({ size, files }) => `${size} bytes, ${files} files`)],
    ...publishedFacts(evidence),
    ['observed', observedText(evidence)],
  ];
}

function checkText<Verified extends object>(
  check: CheckResult<Verified>,
  verified: (facts: Verified) => string,
): string {
  switch (check.status) {
    case 'verified':
      return `verified: ${verified(check)}`;
    case 'invalid':
      return `invalid: ${check.code}: ${check.reason}`;
    case 'unavailable':
      return `could not look: ${check.error}: ${check.reason}`;
    case 'absent':
      return `absent: ${check.reason}`;
    case 'not-applicable':
      return `not applicable: ${check.reason}`;
  }
}

function identityFacts({ identity, logIndex, buildType }: ProvenanceFacts): Fact[] {
  const { issuer, san, repository, repositoryId, ownerId, workflow, ref, commit, trigger } = identity;
  return [
    ['identity', san],
    ['issuer', issuer],
    ['repository', ids(repository, [repositoryId, ownerId])],
    ['workflow', workflow],
    ['ref', ref],
    ['commit', commit],
    ['trigger', trigger],
    ['runner', identity.runnerEnvironment],
    ['run', identity.runUrl],
    ['build type', buildType],
    ['log index', logIndex],
  ];
}

function ids(repository: string | undefined, [id, owner]: readonly (string | undefined)[]): string | undefined {
  if (repository === undefined) return undefined;
  return `${repository} (id ${id ?? 'unknown'}, owner ${owner ?? 'unknown'})`;
}

function publishedFacts({ published, installScripts, reach, change, history }: Evidence): Fact[] {
  const scripts = installScripts?.names.length === 0 ? 'none' : installScripts?.names.join(', ');
  return [
    ['published', published?.publishedAt],
    ['publisher', published?.publisher],
    ['licence', published?.license],
    ['deprecated', published?.deprecated],
    ['install scripts', scripts],
    ['used as', reach === undefined ? undefined : `${reach.direct ? 'direct' : 'transitive'}, ${reach.kind}`],
    ['change', change],
    ['history', history && historyText(history)],
  ];
}

function historyText(history: NonNullable<Evidence['history']>): string {
  return checkText(history, ({ earlierVersions, earlierPublishers, previous }) => {
    const before = previous === undefined ? 'nothing to compare with' : `compared with ${previous.version}`;
    return `${earlierVersions} earlier versions by ${earlierPublishers.join(', ') || 'nobody known'}; ${before}`;
  });
}

function observedText({ observations }: Evidence): string | undefined {
  const codes = new Set(observations.map(({ code }) => code));
  return codes.size === 0 ? undefined : [...codes].join(', ');
}
