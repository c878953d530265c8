// Reports to render: one with something of everything, and the two shortest.
import type { Evidence, Finding, LockedPackage, Observation } from '@lockseal/core';
import type { InspectedAttestation, Report } from '@lockseal/report';
import { evidenceOf, locked, provenance, signedChecks, verificationOf } from '../../../test/support/verification.ts';

const express = locked('express', '4.21.2', 20);
const debug = locked('debug', '2.6.9', 41);
const ms = locked('ms', '2.0.0', 58);
const old = Array.from({ length: 7 }, (_, index) => locked(`old-${index + 1}`, `0.${index}.0`, 100 + 10 * index));

/** A locked digest as npm writes it. */
const sri = (letter: string): string => `sha512-${letter.repeat(86)}==`;
const unavailable = { status: 'unavailable', error: 'ERR_TIMEOUT', reason: 'no answer within 30 s' } as const;

const swapped: Observation = { code: 'integrity-mismatch', expected: sri('A'), found: sri('B') };
const forged: Observation = {
  code: 'edge-forged',
  dependency: 'ms',
  position: { line: 47, column: 9 },
  expected: 'ms@2.0.0',
  found: 'npm:msx@2.0.0',
  detail: 'The manifest in the tarball of debug@2.6.9 asks for "ms" under its own name.',
};

function evidence(): Evidence[] {
  return [
    evidenceOf(express, {
      grade: 'proven',
      reason: 'provenance',
      checks: signedChecks({
        publishAttestation: {
          status: 'verified',
          keyid: 'SHA256:example',
          loggedAt: '2026-10-01T12:00:05.000Z',
          digest: 'ef'.repeat(32),
        },
        provenance: { status: 'verified', ...provenance },
        edges: { status: 'verified', proof: 'tarball', compared: 31 },
        tarball: { status: 'verified', size: 221_000, files: 16, scripts: [] },
      }),
    }),
    evidenceOf(debug, {
      grade: 'contradicted',
      reason: 'integrity-mismatch',
      checks: signedChecks({
        registry: { status: 'invalid', code: 'integrity-mismatch', reason: 'the registry publishes another digest' },
      }),
      observations: [swapped, forged],
    }),
    evidenceOf(ms, {
      grade: 'unprovable',
      reason: 'the registry did not answer',
      sha512: undefined,
      checks: signedChecks({ registry: unavailable, signature: unavailable, edges: unavailable }),
    }),
    ...old.map((entry) => evidenceOf(entry, { grade: 'unsigned', observations: [{ code: 'signature-missing' }] })),
  ];
}

function finding(
  observation: Observation,
  { id, name, version, position }: LockedPackage,
  rest: Pick<Finding, 'level' | 'fix'> & Pick<Partial<Finding>, 'path'>,
): Finding {
  return {
    code: observation.code,
    level: rest.level,
    subject: `${name}@${version}`,
    entry: id,
    path: rest.path,
    position: observation.position ?? position,
    dependency: observation.dependency,
    expected: observation.expected,
    found: observation.found,
    detail: observation.detail,
    fix: rest.fix,
  };
}

const path = ['.', 'express@4.21.2', 'debug@2.6.9'];

/** Errors, warnings, more notes of one code than are shown, an undecided entry and a warning about the run. */
export const rich: Report = {
  tool: { name: 'lockseal', version: '1.2.3' },
  verification: verificationOf(evidence()),
  verdict: 'findings',
  findings: [
    finding(forged, debug, {
      level: 'error',
      path,
      fix: 'Restore the edge at package-lock.json:47:9 from the last good commit; if it is meant, declare it under "overrides" in package.json.',
    }),
    finding(swapped, debug, {
      level: 'error',
      path,
      fix: 'Restore the entry at package-lock.json:41:5 from the last good commit, or delete it and run `npm install --package-lock-only`.',
    }),
    {
      code: 'attestations-withheld',
      level: 'warn',
      subject: 'ms@2.0.0',
      entry: ms.id,
      path: [...path, 'ms@2.0.0'],
      position: ms.position,
      dependency: undefined,
      expected: undefined,
      found: undefined,
      detail: undefined,
      fix: 'Ask your mirror to pass them on.',
    },
    ...old.map((entry) =>
      finding({ code: 'signature-missing' }, entry, {
        level: 'note',
        path: ['.', `${entry.name}@${entry.version}`],
        fix: 'Nothing to mend for an old version; else ask the registry.',
      }),
    ),
  ],
  undecided: [
    {
      subject: 'ms@2.0.0',
      entry: ms.id,
      path: [...path, 'ms@2.0.0'],
      position: ms.position,
      check: 'registry',
      error: 'ERR_TIMEOUT',
      reason: 'no answer within 30 s',
      fix: 'Run again when the registry answers.',
    },
  ],
  warnings: ['The trusted root could not be refreshed; the embedded one is in use.'],
  durationMs: 3210,
};

export const good: Report = {
  ...rich,
  verification: verificationOf(evidence().slice(0, 1)),
  verdict: 'good',
  findings: [],
  undecided: [],
  warnings: [],
  durationMs: 87,
};

export const undecided: Report = { ...rich, verdict: 'undecided', findings: [], warnings: [] };

/** A lockfile without any entry, and a root and keys of which next to nothing is known. */
export const empty: Report = {
  ...good,
  verification: verificationOf([], {
    trust: { root: { origin: 'file', sha256: '67'.repeat(32), asOf: undefined }, keys: [] },
  }),
};

export const verifiedAttestation: InspectedAttestation = {
  source: 'example-tool@1.0.0',
  digest: provenance.digest,
  check: {
    status: 'verified',
    checked: [
      'certificate chain to the Fulcio root',
      'signed certificate timestamp',
      'inclusion in the transparency log',
    ],
  },
  signer: { type: 'identity', identity: provenance.identity },
  signedAt: provenance.signedAt,
  timeSource: 'log',
  logIndex: provenance.logIndex,
  statement: {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'pkg:npm/example-tool@1.0.0', digest: { sha512: 'ab'.repeat(64) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: provenance.buildType,
        externalParameters: {
          workflow: {
            ref: 'refs/tags/v1.0.0',
            repository: 'https://github.com/example/tool',
            path: '.github/workflows/release.yml',
          },
        },
        internalParameters: { github: { event_name: 'push' } },
        resolvedDependencies: [
          {
            uri: 'git+https://github.com/example/tool@refs/tags/v1.0.0',
            digest: { gitCommit: provenance.identity.commit ?? '' },
          },
        ],
      },
      runDetails: {
        builder: { id: provenance.builder },
        metadata: { invocationId: provenance.identity.runUrl ?? '' },
      },
    },
  },
};

/** SLSA v0.2, signed by nobody we know. */
export const unverifiedAttestation: InspectedAttestation = {
  source: 'evidence/tool.sigstore.json',
  digest: undefined,
  check: {
    status: 'unverified',
    code: 'provenance-invalid',
    reason: 'no subject of the statement has the locked digest',
  },
  signer: { type: 'unknown' },
  signedAt: undefined,
  timeSource: undefined,
  logIndex: undefined,
  statement: {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [
      { name: 'pkg:npm/other@1.0.0', digest: { sha512: 'cd'.repeat(64) } },
      { name: 'without-digest' },
      'not an object',
    ],
    predicateType: 'https://slsa.dev/provenance/v0.2',
    predicate: {
      builder: { id: 'https://github.com/actions/runner' },
      buildType: 'https://github.com/npm/cli/gha@v1',
      invocation: {
        configSource: {
          uri: 'git+https://github.com/example/other',
          digest: { sha1: 'beef'.padEnd(40, '0') },
          entryPoint: '.github/workflows/publish.yml',
        },
        environment: { GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_NAME: 'workflow_dispatch' },
      },
      metadata: { buildInvocationId: '42-1' },
    },
  },
};

export const keyAttestation: InspectedAttestation = {
  ...verifiedAttestation,
  check: { status: 'verified', checked: ['signature by a registry key of usage npm:attestations'] },
  signer: { type: 'key', keyid: 'SHA256:example', origin: 'embedded' },
  statement: {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [{ name: 'pkg:npm/example-tool@1.0.0', digest: { sha512: 'ab'.repeat(64) } }],
    predicateType: 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1',
    predicate: { name: 'example-tool', version: '1.0.0', registry: 'https://registry.npmjs.org' },
  },
};
