// Makes the vectors of the format anew, with new keys: `make-vectors.ts [name…]`, without a name all of them. What each is there for, it says itself.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { canonicalize, type FindingCode, type Json } from '@lockseal/core';
import { emailIdentity } from '@lockseal/testkit';
import { buildRevocation, buildVsa, type ApprovalInput, type InTotoStatement } from '../../src/index.ts';
import { box, fileOf, signed } from './files.ts';
import {
  approval,
  APPROVED_AT,
  digests,
  NOW,
  person,
  REPOSITORY,
  sample,
  SIGNED,
  unboundSample,
  type Person,
} from './sample.ts';

interface Vector {
  readonly name: string;
  readonly why: string;
  readonly bundles: readonly object[];
  readonly expect: 'approved' | readonly (FindingCode | `ERR_${string}`)[];
  readonly baseline?: readonly object[];
  readonly trustedRoot?: object;
  readonly lockfile?: string;
  readonly policy?: object;
  readonly edit?: (lines: Buffer) => Buffer;
  readonly now?: Date;
  /** What the statement of the first line binds each package to, by purl; or that its packages cannot be read. */
  readonly binds?: Readonly<Record<string, object | null>> | 'ERR_STATEMENT';
}

const directory = path.join(import.meta.dirname, '..', 'vectors');
const ISSUER = 'https://accounts.example.com';
const people = { ana: person('ana'), ben: person('ben', 'P-384'), cleo: person('cleo', 'Ed25519'), eve: person('eve') };
const { ana, ben, cleo, eve } = people;

function policyWith(changes: object = {}): object {
  const list = (who: Person): object => ({ name: who.name, keys: [who.publicKey] });
  const dora = { name: 'dora', identities: [{ issuer: ISSUER, san: 'dora@example.com' }] };
  return {
    approvals: {
      repository: REPOSITORY,
      maxAge: 'P7D',
      allowUntimestamped: true,
      roles: { security: { threshold: 1, approvers: [list(ana), list(ben), list(cleo), dora] } },
      ...changes,
    },
  };
}

const plain = policyWith();
const digestOf = (policy: object): string => createHash('sha256').update(textOf(policy)).digest('hex');
const textOf = (policy: object): string => `${JSON.stringify(policy, null, 2)}\n`;

function statement(changes: Partial<ApprovalInput> = {}, policy: object = plain): InTotoStatement<object> {
  return approval({ policy: { name: 'policy.json', sha256: digestOf(policy) }, ...changes });
}

const by = (who: Person, changes: Partial<ApprovalInput> = {}, policy: object = plain): Promise<object> =>
  signed(statement(changes, policy), who.signer);

async function revocation(who: Person): Promise<object> {
  const source = { repository: REPOSITORY, ref: null, commit: null };
  const packageSet = sample().packageSet.sha256;
  const lockfile = digests('lockfile');
  return signed(
    buildRevocation({
      lockfile,
      packageSet,
      sequence: 1,
      revokedAt: NOW,
      reason: 'stolen account',
      source,
      role: 'security',
    }),
    who.signer,
  );
}

function tamper(bundle: object, edit: (copy: Record<string, Record<string, unknown>>) => void): object {
  const copy = structuredClone(bundle) as Record<string, Record<string, unknown>>;
  edit(copy);
  return copy;
}

const edited = (bundle: object, change: (statement: Record<string, unknown>) => void): object =>
  tamper(bundle, ({ dsseEnvelope }) => {
    const value = JSON.parse(Buffer.from(String(dsseEnvelope?.['payload']), 'base64').toString()) as Record<
      string,
      unknown
    >;
    change(value);
    if (dsseEnvelope !== undefined)
      dsseEnvelope['payload'] = Buffer.from(canonicalize(value as Json)).toString('base64');
  });

async function keyless(): Promise<readonly Vector[]> {
  const sigstore = await box(APPROVED_AT);
  const trustedRoot = sigstore.trustedRoot;
  const policy = policyWith({ allowUntimestamped: false });
  const sign = (email: string, log: 'rekor-v1-dsse' | 'rekor-v2'): object =>
    sigstore.signStatement(
      statement({}, policy),
      { type: 'certificate', identity: emailIdentity(email, ISSUER) },
      { log },
    );
  const [first, second] = [sign('dora@example.com', 'rekor-v1-dsse'), sign('dora@example.com', 'rekor-v2')];
  const without = (bundle: object, member: string): object =>
    tamper(bundle, ({ verificationMaterial = {} }) => void delete verificationMaterial[member]);
  const short: readonly FindingCode[] = ['approvers-too-few'];
  return [
    {
      name: 'keyless-rekor1',
      why: 'An identity, with a log entry that promises its time.',
      bundles: [first],
      expect: 'approved',
      trustedRoot,
      policy,
    },
    {
      name: 'keyless-rekor2',
      why: 'An identity, with a log entry and a timestamp.',
      bundles: [second],
      expect: 'approved',
      trustedRoot,
      policy,
    },
    {
      name: 'keyless-stranger',
      why: 'A genuine certificate of somebody else.',
      bundles: [sign('eve@example.com', 'rekor-v2')],
      expect: ['approval-signer-unknown', ...short],
      trustedRoot,
      policy,
    },
    {
      name: 'keyless-no-log',
      why: 'The log entry was removed.',
      bundles: [without(first, 'tlogEntries')],
      expect: ['approval-bundle-invalid', ...short],
      trustedRoot,
      policy,
    },
    {
      name: 'keyless-no-time',
      why: 'The timestamp was removed, and Rekor 2 promises no time.',
      bundles: [without(second, 'timestampVerificationData')],
      expect: ['approval-bundle-invalid', ...short],
      trustedRoot,
      policy,
    },
    {
      name: 'keyless-other-instance',
      why: 'Signed by another Sigstore instance than the trusted one.',
      bundles: [second],
      expect: ['approval-bundle-invalid', ...short],
      trustedRoot: (await box(APPROVED_AT)).trustedRoot,
      policy,
    },
  ];
}

async function keyed(): Promise<readonly Vector[]> {
  const short: readonly FindingCode[] = ['approvers-too-few'];
  const other = 'https://github.com/example/fork';
  const fork = { repository: other, ref: 'refs/heads/main', commit: null };
  const genuine = await by(ana);
  const two = policyWith({
    roles: {
      security: {
        threshold: 2,
        approvers: [
          { name: 'ana', keys: [ana.publicKey, eve.publicKey] },
          { name: 'ben', keys: [ben.publicKey] },
        ],
      },
    },
  });
  const unaccepted = policyWith({ allowUntimestamped: false });
  return [
    { name: 'key-p256', why: 'A P-256 key.', bundles: [genuine], expect: 'approved' },
    {
      name: 'key-p384-sha256',
      why: 'A P-384 key, over sha256 as the format has it.',
      bundles: [await by(ben)],
      expect: 'approved',
    },
    { name: 'key-ed25519', why: 'An Ed25519 key.', bundles: [await by(cleo)], expect: 'approved' },
    {
      name: 'with-summary',
      why: 'The verification summary beside it is no approval and does no harm.',
      bundles: [genuine, await signed(buildVsa(approval()), ana.signer)],
      expect: 'approved',
    },
    {
      name: 'beside-a-stranger',
      why: 'The line of a stranger spoils nothing.',
      bundles: [await by(eve), genuine],
      expect: 'approved',
    },
    {
      name: 'two-of-two',
      why: 'Two people who approved the same.',
      bundles: [await by(ana, {}, two), await by(ben, {}, two)],
      expect: 'approved',
      policy: two,
    },
    {
      name: 'renewed-after-revocation',
      why: 'A higher sequence than the one that was revoked.',
      bundles: [genuine, await revocation(ben), await by(ana, { sequence: 2 })],
      expect: 'approved',
    },
    {
      name: 'unknown-member',
      why: 'Members that the format does not define are ignored.',
      bundles: [await signed({ ...statement(), predicate: { ...statement().predicate, extra: 1 } }, ana.signer)],
      expect: 'approved',
    },
    { name: 'empty', why: 'No line at all.', bundles: [], expect: ['approval-missing'] },
    {
      name: 'other-bytes',
      why: 'One byte of the lockfile differs.',
      bundles: [genuine],
      lockfile: 'lockfilf',
      expect: ['approval-other-lockfile'],
    },
    {
      name: 'other-signer',
      why: 'A key that the policy does not list.',
      bundles: [await by(eve)],
      expect: ['approval-signer-unknown', ...short],
    },
    {
      name: 'other-role',
      why: 'An approver signs for a role that is not theirs.',
      bundles: [await by(ana, { role: 'release' })],
      expect: ['approval-role-unfit', ...short],
    },
    {
      name: 'other-policy',
      why: 'Given under another policy.',
      bundles: [await by(ana, {}, two)],
      expect: ['approval-other-policy', ...short],
    },
    {
      name: 'other-repository',
      why: 'Given in a fork.',
      bundles: [await by(ana, { source: fork })],
      expect: ['approval-other-repository', ...short],
    },
    {
      name: 'other-path',
      why: 'Given for a lockfile at another path.',
      bundles: [await by(ana, { path: 'apps/a/package-lock.json' })],
      expect: ['approval-other-path', ...short],
    },
    {
      name: 'expired',
      why: 'After expiresAt.',
      bundles: [await by(ana, { expiresAt: new Date('2026-06-02T00:00:00Z') })],
      expect: ['approval-expired', ...short],
    },
    {
      name: 'too-old',
      why: 'Older than maxAge.',
      bundles: [genuine],
      now: new Date('2026-06-20T00:00:00Z'),
      expect: ['approval-too-old', ...short],
    },
    {
      name: 'from-the-future',
      why: 'More than five minutes ahead of the clock.',
      bundles: [genuine],
      now: new Date('2026-06-01T11:54:00Z'),
      expect: ['approval-from-future', ...short],
    },
    {
      name: 'untimestamped',
      why: 'A key without trusted time, where the policy demands one.',
      bundles: [await by(ana, {}, unaccepted)],
      policy: unaccepted,
      expect: ['approval-untimestamped', ...short],
    },
    {
      name: 'revoked',
      why: 'An approver took it back.',
      bundles: [genuine, await revocation(ben)],
      expect: ['approval-revoked', ...short],
    },
    {
      name: 'revoked-by-a-stranger',
      why: 'A stranger cannot take anything back.',
      bundles: [genuine, await revocation(eve)],
      expect: 'approved',
    },
    {
      name: 'revoked-in-the-baseline',
      why: 'The revocation was removed here; the baseline still has it.',
      bundles: [genuine],
      baseline: [genuine, await revocation(ben)],
      expect: ['approval-revoked', ...short],
    },
    {
      name: 'replayed',
      why: 'The baseline was approved with a higher sequence.',
      bundles: [genuine],
      baseline: [await by(ben, { ...sample('newer'), sequence: 2 })],
      expect: ['approval-replayed', ...short],
    },
    { name: 'one-of-two', why: 'Two are needed.', bundles: [await by(ana, {}, two)], policy: two, expect: short },
    {
      name: 'one-twice',
      why: 'Two keys of one person count once.',
      bundles: [await by(ana, {}, two), await by(eve, {}, two)],
      policy: two,
      expect: ['approver-repeated', ...short],
    },
    {
      name: 'forged',
      why: 'The digests of the subject were exchanged under a genuine signature.',
      bundles: [
        edited(await by(ana, sample('older')), (value) => {
          const { path: name, ...digest } = digests('lockfile');
          (value['subject'] as object[])[0] = { name, digest };
        }),
      ],
      expect: ['approval-signature-invalid', ...short],
    },
    {
      name: 'no-sequence',
      why: 'An approver signed a predicate without sequence.',
      bundles: [await signed(removeSequence(), ana.signer)],
      expect: ['approval-malformed', 'approval-missing'],
    },
    {
      name: 'garbage-line',
      why: 'A line that is no JSON spoils the whole file.',
      bundles: [genuine],
      edit: (lines) => Buffer.concat([lines, Buffer.from('garbage\n')]),
      expect: ['ERR_APPROVALS_SYNTAX'],
    },
    {
      name: 'merge-conflict',
      why: 'An unfinished merge.',
      bundles: [genuine],
      edit: (lines) => Buffer.concat([Buffer.from('<<<<<<< HEAD\n'), lines]),
      expect: ['ERR_APPROVALS_CONFLICT'],
    },
    { name: 'line-twice', why: 'One line twice.', bundles: [genuine, genuine], expect: ['ERR_APPROVALS_DUPLICATE'] },
    {
      name: 'cut-off',
      why: 'The last line has no line feed.',
      bundles: [genuine],
      edit: (lines) => lines.subarray(0, -1),
      expect: ['ERR_APPROVALS_SYNTAX'],
    },
  ];
}

/** Packages that the lockfile does not bind, and what the registry signs of them. */
async function signedDigests(): Promise<readonly Vector[]> {
  const [open, bound] = ['pkg:npm/ms@1.0.0', 'pkg:npm/%40scope/tool@1.0.0'] as const;
  const mark = { sha512: SIGNED, source: 'registry-signature' };
  const binds = { [open]: mark, [bound]: { sha512: createHash('sha512').update('@scope/tool').digest('hex') } };
  const genuine = await by(ana, unboundSample());
  const two = policyWith({
    roles: {
      security: {
        threshold: 2,
        approvers: [ana, ben].map(({ name, publicKey }) => ({ name, keys: [publicKey] })),
      },
    },
  });
  /** Signed by an approver all the same. */
  const wrong = (change: (row: Row, predicate: Row) => void): Promise<object> => {
    const value = JSON.parse(JSON.stringify(statement(unboundSample()))) as InTotoStatement<Row>;
    const { packages } = value.predicate['packageSet'] as { packages: Row[] };
    change(packages.find(({ purl }) => purl === open) ?? {}, value.predicate);
    return signed(value, ana.signer);
  };
  return [
    {
      name: 'signed-digest',
      why: 'The lockfile binds a package to nothing, and the approval binds it to what the registry signed.',
      bundles: [genuine],
      expect: 'approved',
      binds,
    },
    {
      name: 'signed-digest-edited',
      why: 'The marked digest was exchanged under a genuine signature.',
      bundles: [edited(genuine, (value) => replaceSigned(value, '6f'.repeat(64)))],
      expect: ['approval-signature-invalid', 'approvers-too-few'],
    },
    {
      name: 'signed-digests-disagree',
      why: 'The registry signed other bytes for the second approver than for the first.',
      bundles: [await by(ana, unboundSample(), two), await by(ben, unboundSample('6f'.repeat(64)), two)],
      policy: two,
      expect: ['approvers-disagree'],
    },
    {
      name: 'signed-digest-unknown-source',
      why: 'Who signed it is nobody that this format knows.',
      bundles: [await wrong((row) => void (row['signedDigest'] = { ...mark, source: 'hearsay' }))],
      expect: 'approved',
      binds: 'ERR_STATEMENT',
    },
    {
      name: 'signed-digest-beside-a-digest',
      why: 'What the lockfile binds takes no other digest.',
      bundles: [await signed(markBound(statement(sample()) as InTotoStatement<Row>, mark), ana.signer)],
      expect: 'approved',
      binds: 'ERR_STATEMENT',
    },
    {
      name: 'signed-digest-uncounted',
      why: 'There is one more than the statement says.',
      bundles: [await wrong((_, predicate) => void delete predicate['signedDigests'])],
      expect: 'approved',
      binds: 'ERR_STATEMENT',
    },
    {
      name: 'unbound',
      why: 'Nothing binds the package, and the registry signs nothing: it may be approved, and stays bound to nothing.',
      bundles: [await by(ana, unboundSample(SIGNED, { signedDigest: { status: 'absent', reason: 'no signature' } }))],
      expect: 'approved',
      binds: { ...binds, [open]: null },
    },
  ];
}

type Row = Record<string, unknown>;

function replaceSigned(value: Row, sha512: string): void {
  const { packageSet } = value['predicate'] as { packageSet: { packages: Row[] } };
  for (const row of packageSet.packages)
    if ('signedDigest' in row) row['signedDigest'] = { ...(row['signedDigest'] as Row), sha512 };
}

function markBound(value: InTotoStatement<Row>, mark: object): InTotoStatement<Row> {
  const copy = JSON.parse(JSON.stringify(value)) as InTotoStatement<Row>;
  const [first] = (copy.predicate['packageSet'] as { packages: Row[] }).packages;
  if (first !== undefined) first['signedDigest'] = mark;
  copy.predicate['signedDigests'] = 1;
  return copy;
}

function removeSequence(): InTotoStatement<object> {
  const { sequence: _, ...predicate } = statement().predicate as Record<string, unknown>;
  return { ...statement(), predicate };
}

function write(vector: Vector): void {
  const folder = path.join(directory, vector.name);
  const put = (name: string, data: string | Uint8Array): void => fs.writeFileSync(path.join(folder, name), data);
  const lines = vector.bundles.length === 0 ? Buffer.alloc(0) : fileOf(...vector.bundles);
  fs.mkdirSync(folder, { recursive: true });
  put('lockfile', vector.lockfile ?? 'lockfile');
  put('approvals.jsonl', vector.edit?.(lines) ?? lines);
  put('policy.json', textOf(vector.policy ?? plain));
  if (vector.trustedRoot !== undefined) put('trusted_root.json', `${JSON.stringify(vector.trustedRoot)}\n`);
  if (vector.baseline !== undefined) put('baseline.jsonl', fileOf(...vector.baseline));
  const { why, expect, binds } = vector;
  const place = { path: 'package-lock.json', repository: REPOSITORY, ref: 'refs/heads/main' };
  put(
    'case.json',
    `${JSON.stringify({ why, ...place, now: (vector.now ?? NOW).toISOString(), expect, binds }, null, 2)}\n`,
  );
}

const wanted = new Set(process.argv.slice(2));
const isWanted = (name: string): boolean => wanted.size === 0 || wanted.has(name);
for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
  if (entry.isDirectory() && isWanted(entry.name)) fs.rmSync(path.join(directory, entry.name), { recursive: true });
}
for (const vector of [...(await keyed()), ...(await signedDigests()), ...(await keyless())]) {
  if (isWanted(vector.name)) write(vector);
}
