import type {
  CarriedEvidence,
  CheckResult,
  Evidence,
  HistoryFacts,
  InstallScripts,
  Observation,
  PreviousVersion,
  ProvenanceFacts,
  SignedDigest,
} from '@lockseal/core';
import { identityJson } from './identity.ts';
import type { JsonInput } from './text.ts';

/** Evidence on one entry, member by member: nothing enters a report that the schema does not name. */
export function evidenceJson(evidence: Evidence): JsonInput {
  const { entry, purl, class: kind, grade, reason, sha512, signedDigest, checks, observations } = evidence;
  return {
    entry,
    purl,
    class: kind,
    grade,
    reason,
    sha512,
    signedDigest: signedDigest && checkJson(signedDigest, signedDigestJson),
    checks: checksJson(checks),
    observations: observations.map(observationJson),
    ...policyFacts(evidence),
  };
}

function signedDigestJson({ sha512, keyid, keyOrigin }: SignedDigest): { readonly [key: string]: JsonInput } {
  return { sha512, keyid, keyOrigin };
}

/** What rules look at beside the checks; the registry's word where it is not said otherwise. */
function policyFacts({ published, installScripts, reach, change, history, carried }: Evidence): {
  readonly [key: string]: JsonInput;
} {
  return {
    published: published && {
      publishedAt: published.publishedAt,
      publisher: published.publisher,
      deprecated: published.deprecated,
      license: published.license,
    },
    installScripts: installScripts && scriptsJson(installScripts),
    reach: reach && { direct: reach.direct, kind: reach.kind },
    change,
    history: history && checkJson(history, historyJson),
    carried: carried && carriedJson(carried),
  };
}

/** Said of what nobody looked at again, so that no reader takes it for verified in this run. */
function carriedJson({ origin, identity, scripts }: CarriedEvidence): JsonInput {
  const { sha256, sequence, approvedAt } = origin;
  const by = identity && { issuer: identity.issuer, repository: identity.repository, workflow: identity.workflow };
  return { approval: { sha256, sequence, approvedAt }, identity: by, scripts };
}

function scriptsJson({ proof, names, sha256 }: InstallScripts): JsonInput {
  return { proof, names, sha256 };
}

function historyJson(facts: HistoryFacts): { readonly [key: string]: JsonInput } {
  const { publishedAt, firstPublishedAt, silence, earlierVersions, earlierPublishers, previous } = facts;
  const before = previous && previousJson(previous);
  const quiet = silence && { from: silence.from, to: silence.to };
  return { publishedAt, firstPublishedAt, silence: quiet, earlierVersions, earlierPublishers, previous: before };
}

function previousJson(previous: PreviousVersion): JsonInput {
  const { version, relation, publishedAt, publisher, provenance, installScripts, contents } = previous;
  return {
    version,
    relation,
    publishedAt,
    publisher,
    provenance: checkJson(provenance, provenanceJson),
    installScripts: installScripts && scriptsJson(installScripts),
    contents: contents && { files: contents.files, unpackedSize: contents.unpackedSize },
  };
}

function checksJson(checks: Evidence['checks']): JsonInput {
  return {
    integrity: checkJson(checks.integrity, ({ algorithm }) => ({ algorithm })),
    registry: checkJson(checks.registry, ({ url }) => ({ url })),
    signature: checkJson(checks.signature, ({ keyid, keyOrigin }) => ({ keyid, keyOrigin })),
    publishAttestation: checkJson(checks.publishAttestation, ({ keyid, loggedAt, digest }) => ({
      keyid,
      loggedAt,
      digest,
    })),
    provenance: checkJson(checks.provenance, provenanceJson),
    edges: checkJson(checks.edges, ({ proof, compared }) => ({ proof, compared })),
    tarball: checkJson(checks.tarball, ({ size, files, scripts }) => ({ size, files, scripts })),
  };
}

function checkJson<Verified extends object>(
  check: CheckResult<Verified>,
  verified: (facts: Verified) => { readonly [key: string]: JsonInput },
): JsonInput {
  switch (check.status) {
    case 'verified':
      return { status: check.status, ...verified(check) };
    case 'invalid':
      return { status: check.status, code: check.code, reason: check.reason };
    case 'unavailable':
      return { status: check.status, error: check.error, reason: check.reason };
    case 'absent':
    case 'not-applicable':
      return { status: check.status, reason: check.reason };
  }
}

function provenanceJson(facts: ProvenanceFacts): { readonly [key: string]: JsonInput } {
  const { identity, predicateType, buildType, builder, signedAt, logIndex, digest } = facts;
  return { identity: identityJson(identity), predicateType, buildType, builder, signedAt, logIndex, digest };
}

function observationJson(observation: Observation): JsonInput {
  const { code, importer, dependency, position, expected, found, detail } = observation;
  const place = position === undefined ? undefined : { line: position.line, column: position.column };
  return { code, importer, dependency, position: place, expected, found, detail };
}
