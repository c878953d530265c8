import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { LocksealError, STATEMENT_PAYLOAD_TYPE, type Evidence } from '@lockseal/core';
import {
  APPROVAL_PREDICATE,
  buildApprovalStatement,
  buildRelease,
  buildRevocation,
  buildVsa,
  encodeStatement,
  evidenceDigest,
  parseApprovalStatement,
  parseLocksealStatement,
  readApprovedPackages,
  resourceUri,
} from '../../src/index.ts';
import { provenance, signedChecks } from '../../../../test/support/verification.ts';
import {
  approval,
  approvalInput,
  APPROVED_AT,
  digests,
  POLICY_DIGEST,
  REPOSITORY,
  sample,
  SIGNED,
  unboundSample,
  type Sample,
} from '../support/sample.ts';

const source = { repository: REPOSITORY, ref: 'refs/heads/main', commit: 'c0ffee'.padEnd(40, '0') };

describe('an approval', () => {
  test('has two subjects, the bytes and the package set, and no package among them', () => {
    const { subject } = approval();
    const { path, ...digest } = digests('lockfile');
    assert.deepEqual(subject, [
      { name: path, digest },
      { name: 'package-set', digest: { sha256: sample().packageSet.sha256 } },
    ]);
  });

  test('is read back as it was written', () => {
    const parsed = parseApprovalStatement(encodeStatement(approval({ comment: 'looked at the diff', sequence: 7 })));
    assert.deepEqual(
      [parsed.sequence, parsed.role, parsed.comment, parsed.policy, parsed.source, parsed.approvedAt, parsed.previous],
      [
        7,
        'security',
        'looked at the diff',
        { name: 'lockseal.yaml', sha256: POLICY_DIGEST, demands: undefined },
        source,
        APPROVED_AT,
        null,
      ],
    );
    assert.equal(parsed.lockfile.sha512, digests('lockfile').sha512);
  });

  test('lists each package with digest, source and grade', () => {
    const packages = readApprovedPackages(encodeStatement(approval()));
    assert.deepEqual(
      packages.map(({ purl, source: from, grade }) => [purl, from, grade]),
      [
        ['pkg:npm/%40scope/tool@1.0.0', 'registry', 'signed'],
        ['pkg:npm/ms@1.0.0', 'registry', 'signed'],
      ],
    );
  });

  test('tells each builder once, and reads it back for each package', () => {
    const checks = { ...signedChecks(), provenance: { status: 'verified', ...provenance } as const };
    const statement = approval(sample('lockfile', ['a', 'b', 'c'], { checks }));
    const { issuer, repository, workflow } = provenance.identity;
    const identity = { issuer, repository, workflow };
    assert.deepEqual(statement.predicate.packageSet.identities, [identity]);
    assert.deepEqual(
      statement.predicate.packageSet.packages.map((each) => each.identity),
      [0, 0, 0],
    );
    const read = readApprovedPackages(encodeStatement(statement));
    assert.deepEqual(
      read.map((each) => each.identity),
      [identity, identity, identity],
    );
    const packageSet = { ...statement.predicate.packageSet, identities: [] };
    const predicate = { ...statement.predicate, packageSet };
    assert.throws(
      () => readApprovedPackages(encodeStatement({ ...statement, predicate })),
      /identity is not in the list/,
    );
  });

  test('is canonical: the same approval is the same bytes', () => {
    const text = Buffer.from(encodeStatement(approval())).toString();
    assert.ok(
      text.startsWith('{"_type":"https://in-toto.io/Statement/v1","predicate":{"approvedAt":"2026-06-01T12:00:00Z"'),
    );
    assert.deepEqual(encodeStatement(approval()), encodeStatement(approval()));
  });

  test('names the evidence pack that it was verified with, and only then; approvers agree with and without', () => {
    const [plain, packed] = [approval(), approval({ evidencePack: 'ef'.repeat(32) })];
    assert.deepEqual(packed.predicate.evidence.pack, { digest: { sha256: 'ef'.repeat(32) } });
    assert.equal(Object.hasOwn(plain.predicate.evidence, 'pack'), false);
    const [a, b] = [plain, packed].map((each) => parseApprovalStatement(encodeStatement(each)));
    assert.equal(a?.evidence, b?.evidence);
  });

  test('is not built over a package set that was not verified', () => {
    assert.throws(
      () => buildApprovalStatement({ ...approvalInput(), packageSet: sample('x', ['ms']).packageSet }),
      RangeError,
    );
  });

  test('is not built to be expired from the beginning', () => {
    assert.throws(() => buildApprovalStatement(approvalInput({ expiresAt: APPROVED_AT })), RangeError);
  });
});

describe('of what the lockfile does not bind', () => {
  const bindings = (of: Sample): unknown =>
    readApprovedPackages(encodeStatement(approval(of))).map(
      ({ digest, signedDigest }) => digest ?? signedDigest ?? null,
    );
  const tool = { sha512: createHash('sha512').update('@scope/tool').digest('hex') };
  const mark = { sha512: SIGNED, source: 'registry-signature' };
  const entry = unboundSample().verification.evidence[0]!;
  const noneFor: readonly (readonly [why: string, changes: Partial<Evidence>])[] = [
    ['nothing is signed', { signedDigest: { status: 'absent', reason: 'no signature' } }],
    ['nobody looked', { signedDigest: undefined }],
    ['a signature is wrong', { signedDigest: { status: 'invalid', code: 'signature-invalid', reason: 'forged' } }],
    ['something speaks against it', { grade: 'contradicted' }],
    ['no registry serves it', { class: 'tarball' }],
  ];

  test('an approval has what the registry signed, marked, and not in the package set', () => {
    const of = unboundSample();
    assert.deepEqual(bindings(of), [tool, mark]);
    assert.equal(approval(of).predicate.signedDigests, 1);
    assert.equal(parseApprovalStatement(encodeStatement(approval(of))).signedDigests, 1);
    const unsigned = unboundSample(SIGNED, { signedDigest: undefined });
    assert.deepEqual(approval(of).subject, approval(unsigned).subject);
  });

  for (const [why, changes] of noneFor) {
    test(`it has nothing where ${why}`, () => {
      const of = unboundSample(SIGNED, changes);
      assert.deepEqual(bindings(of), [tool, null]);
      assert.ok(!('signedDigests' in approval(of).predicate));
    });
  }

  test('it has nothing where two entries of one artifact are told apart', () => {
    const of = unboundSample();
    const { evidence } = of.verification;
    const other = { ...entry, entry: 'elsewhere', signedDigest: { ...entry.signedDigest!, sha512: 'f0'.repeat(64) } };
    const verification = { ...of.verification, evidence: [...evidence, other as Evidence] };
    assert.deepEqual(bindings({ ...of, verification }), [tool, null]);
  });

  test('approvers agree only on the same', () => {
    const digest = (of: Sample): string => evidenceDigest(of.verification.evidence);
    assert.equal(digest(unboundSample()), digest(unboundSample()));
    assert.notEqual(digest(unboundSample()), digest(unboundSample('f0'.repeat(64))));
    assert.notEqual(digest(unboundSample()), digest(unboundSample(SIGNED, { signedDigest: undefined })));
  });
});

describe('a statement that is no well-formed approval', () => {
  type Tree = Record<string, unknown>;
  const at = (tree: Tree, path: string): Tree => path.split('.').reduce((node, key) => node[key] as Tree, tree);
  const without =
    (path: string) =>
    (statement: Tree): void => {
      const parts = path.split('.');
      const last = parts.pop() ?? '';
      delete (parts.length === 0 ? statement : at(statement, parts.join('.')))[last];
    };
  const set =
    (path: string, value: unknown) =>
    (statement: Tree): void => {
      const parts = path.split('.');
      const last = parts.pop() ?? '';
      (parts.length === 0 ? statement : at(statement, parts.join('.')))[last] = value;
    };
  const required = [
    'lockfile',
    'counts',
    'packageSet',
    'policy',
    'waivers',
    'findings',
    'verifier',
    'trustedRoot',
    'evidence',
  ];
  const timed = ['approvedAt', 'expiresAt', 'sequence', 'previous', 'carried', 'source', 'approver'];
  const cases: readonly (readonly [why: string, edit: (statement: Tree) => void, reason: RegExp])[] = [
    ...[...required, ...timed].map(
      (name) => [`${name} is missing`, without(`predicate.${name}`), new RegExp(name)] as const,
    ),
    ['Statement v0.1', set('_type', 'https://in-toto.io/Statement/v0.1'), /v0\.1/],
    ['another predicate type', set('predicateType', 'https://example.com/v1'), /none that lockseal signs/],
    [
      'a later version of the predicate',
      set('predicateType', APPROVAL_PREDICATE.replace('v1', 'v2')),
      /none that lockseal/,
    ],
    ['no subject', set('subject', []), /subject/],
    [
      'a third subject, which any matcher would accept',
      (s) => void (s['subject'] as unknown[]).push({ name: 'x', digest: { sha256: '00'.repeat(32) } }),
      /nothing else/,
    ],
    ['a sha1 beside the digests', set('subject.0.digest.sha1', '00'), /besides/],
    ['the sha256 of the bytes is missing', without('subject.0.digest.sha256'), /sha256/],
    ['a digest in upper case', set('subject.0.digest.sha256', 'AB'.repeat(32)), /lower-case/],
    ['the second subject is something else', set('subject.1.name', 'other'), /package-set/],
    [
      'predicate and subject name different paths',
      set('predicate.lockfile.path', 'b/package-lock.json'),
      /lockfile\.path/,
    ],
    ['expires before it begins', set('predicate.expiresAt', '2026-01-01T00:00:00Z'), /expiresAt/],
    ['a time in a local zone', set('predicate.approvedAt', '2026-06-01T12:00:00+02:00'), /approvedAt/],
    ['sequence 0', set('predicate.sequence', 0), /sequence/],
    ['sequence as text', set('predicate.sequence', '1'), /sequence/],
    ['sequence that is no whole number', set('predicate.sequence', 1.5), /sequence/],
    [
      'a previous approval with a higher sequence',
      set('predicate.previous', { sha256: '00'.repeat(32), sequence: 9 }),
      /previous/,
    ],
    ['a policy without digest', set('predicate.policy.digest', {}), /sha256/],
    ['an empty role', set('predicate.approver.role', ''), /role/],
    ['a repository that is a number', set('predicate.source.repository', 7), /repository/],
    ['a repository that is left out instead of null', without('predicate.source.repository'), /repository/],
    ['a grade is not counted', without('predicate.counts.grades.unsigned'), /unsigned/],
    ['findings that are no list', set('predicate.findings', {}), /findings/],
  ];
  for (const [why, edit, reason] of cases) {
    test(why, () => {
      const statement = structuredClone(approval()) as unknown as Tree;
      edit(statement);
      const parsed = parseLocksealStatement(STATEMENT_PAYLOAD_TYPE, Buffer.from(JSON.stringify(statement)));
      assert.equal(parsed.kind, 'malformed');
      assert.match(parsed.kind === 'malformed' ? parsed.reason : '', reason);
    });
  }

  test('packages that are not the set of the second subject', () => {
    const statement = structuredClone(approval()) as unknown as Tree;
    (at(statement, 'predicate.packageSet')['packages'] as unknown[]).pop();
    const payload = Buffer.from(JSON.stringify(statement));
    assert.throws(
      () => readApprovedPackages(payload),
      (thrown) => thrown instanceof LocksealError && thrown.code === 'ERR_STATEMENT',
    );
  });

  test('another payload type', () => {
    assert.equal(parseLocksealStatement('text/plain', encodeStatement(approval())).kind, 'malformed');
  });

  test('a member twice', () => {
    const text = Buffer.from(encodeStatement(approval()))
      .toString()
      .replace('"sequence":1', '"sequence":1,"sequence":2');
    assert.equal(parseLocksealStatement(STATEMENT_PAYLOAD_TYPE, Buffer.from(text)).kind, 'malformed');
  });
});

describe('the statements beside it', () => {
  test('a summary in SLSA’s words has the same subjects and levels of our own prefix', () => {
    const vsa = buildVsa(approval());
    assert.deepEqual(vsa.subject, approval().subject);
    assert.equal(vsa.predicate.resourceUri, `git+${REPOSITORY}@${source.commit}#package-lock.json`);
    assert.deepEqual(vsa.predicate.dependencyLevels, { LOCKSEAL_SIGNED: 2 });
    assert.ok(vsa.predicate.verifiedLevels.every((level) => !level.startsWith('SLSA_')));
    assert.equal(parseLocksealStatement(STATEMENT_PAYLOAD_TYPE, encodeStatement(vsa)).kind, 'summary');
  });

  test('a lockfile in no repository gets a name that claims no place', () => {
    assert.equal(
      resourceUri({ repository: null, ref: null, commit: null }, 'a b/yarn.lock'),
      'urn:lockseal:lockfile:a%20b/yarn.lock',
    );
  });

  test('a revocation and a release are read back', () => {
    const lockfile = digests('lockfile');
    const packageSet = sample().packageSet.sha256;
    const revocation = buildRevocation({
      lockfile,
      packageSet,
      sequence: 3,
      revokedAt: APPROVED_AT,
      reason: 'why',
      source,
      role: 'security',
    });
    const read = parseLocksealStatement(STATEMENT_PAYLOAD_TYPE, encodeStatement(revocation));
    assert.ok(
      read.kind === 'revocation' && read.revocation.sequence === 3 && read.revocation.packageSet === packageSet,
    );
    const approved = { sha256: 'ab'.repeat(32), sequence: 3 };
    const release = buildRelease({
      artifacts: [{ ...digests('app'), path: 'app.tgz' }],
      lockfile,
      packageSet,
      approval: approved,
      sbom: null,
      releasedAt: APPROVED_AT,
      source,
      role: 'release',
    });
    const again = parseLocksealStatement(STATEMENT_PAYLOAD_TYPE, encodeStatement(release));
    assert.ok(again.kind === 'release', JSON.stringify(again));
    assert.deepEqual(
      [again.release.artifacts[0]?.path, again.release.approval, again.release.sbom],
      ['app.tgz', approved, null],
    );
  });
});

describe('the digest of the evidence', () => {
  const { evidence } = sample().verification;
  test('is the same in another order', () =>
    assert.equal(evidenceDigest(evidence.toReversed()), evidenceDigest(evidence)));
  test('does not depend on where a key came from', () => {
    const checks = {
      ...evidence[0]!.checks,
      signature: { status: 'verified', keyid: 'SHA256:example', keyOrigin: 'tuf' } as const,
    };
    assert.equal(evidenceDigest([{ ...evidence[0]!, checks }, evidence[1]!]), evidenceDigest(evidence));
  });
  test('is another one for another grade', () => {
    assert.notEqual(evidenceDigest([{ ...evidence[0]!, grade: 'unsigned' }, evidence[1]!]), evidenceDigest(evidence));
  });
});
