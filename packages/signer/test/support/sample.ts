// An approval to sign, to damage and to enforce: two packages, one lockfile, fixed times.
import { createHash } from 'node:crypto';
import {
  packageSet,
  parseApprovalPolicy,
  type ApprovalPolicy,
  type Evidence,
  type LockedPackage,
  type Lockfile,
  type PackageSet,
  type Verification,
} from '@lockseal/core';
import { evidenceOf, locked, verificationOf } from '../../../../test/support/verification.ts';
import {
  buildApprovalStatement,
  generateKey,
  loadPrivateKey,
  type ApprovalInput,
  type ApprovalStatement,
  type Signer,
} from '../../src/index.ts';

export const REPOSITORY = 'https://github.com/example/shop';
export const POLICY_DIGEST = '11'.repeat(32);
export const APPROVED_AT = new Date('2026-06-01T12:00:00Z');
const EXPIRES_AT = new Date('2026-09-01T12:00:00Z');
export const NOW = new Date('2026-06-02T12:00:00Z');

export function digests(text: string): { path: string; sha256: string; sha512: string } {
  const hash = (algorithm: string): string => createHash(algorithm).update(text).digest('hex');
  return { path: 'package-lock.json', sha256: hash('sha256'), sha512: hash('sha512') };
}

export interface Sample {
  readonly verification: Verification;
  readonly packageSet: PackageSet;
}

/** The verification of a lockfile with these packages. */
export function sample(
  text: string = 'lockfile',
  names: readonly string[] = ['ms', '@scope/tool'],
  changes: Partial<Evidence> = {},
): Sample {
  const entries = names.map((name, index) => locked(name, '1.0.0', index + 1));
  const evidence = entries.map((entry) =>
    evidenceOf(entry, { purl: purlOf(entry), sha512: sha512Of(entry), ...changes }),
  );
  return sampleOf(text, entries, evidence);
}

/** The same where the lockfile binds `ms` to nothing, and the registry signs this sha512 for it. */
export function unboundSample(signed: string = SIGNED, changes: Partial<Evidence> = {}): Sample {
  const entries = ['ms', '@scope/tool'].map((name, index) => locked(name, '1.0.0', index + 1));
  const signedDigest = { status: 'verified', sha512: signed, keyid: 'SHA256:one', keyOrigin: 'tuf' } as const;
  const open: Partial<Evidence> = { grade: 'unprovable', sha512: undefined, signedDigest, ...changes };
  const evidence = entries.map((entry) => {
    const bound = { purl: purlOf(entry), sha512: sha512Of(entry) };
    return evidenceOf(entry, entry.name === 'ms' ? { ...bound, ...open } : bound);
  });
  return sampleOf('lockfile', entries, evidence);
}

/** Lower-case hex sha512 that the registry signs for `ms`. */
export const SIGNED: string = '5e'.repeat(64);

function sampleOf(text: string, entries: readonly LockedPackage[], evidence: readonly Evidence[]): Sample {
  const bound = new Map(evidence.map((each) => [each.entry, each.sha512]));
  const set = packageSet(lockfileOf(entries), ({ id }) => bound.get(id));
  const { sha256, sha512 } = digests(text);
  const verification = verificationOf(evidence, {
    lockfile: { path: 'package-lock.json', format: 'npm', formatVersion: '3', sha256, sha512 },
    packageSet: { sha256: set.sha256, packages: set.document.packages.length },
  });
  return { verification, packageSet: set };
}

function purlOf({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function sha512Of({ name }: LockedPackage): string {
  return createHash('sha512').update(name).digest('hex');
}

function lockfileOf(entries: readonly LockedPackage[]): Lockfile {
  return {
    path: 'package-lock.json',
    format: 'npm',
    formatVersion: '3',
    bytes: { length: 0, sha256: '', sha512: '' },
    entries,
    importers: [],
    descriptors: new Map(),
    claims: { overrides: new Map(), packageExtensions: [], patches: new Map(), catalogs: new Map() },
    observations: [],
  };
}

export function approvalInput(changes: Partial<ApprovalInput> = {}): ApprovalInput {
  return {
    ...sample(),
    path: 'package-lock.json',
    policy: { name: 'lockseal.yaml', sha256: POLICY_DIGEST },
    waivers: [],
    findings: [],
    lockseal: '1.0.0',
    approvedAt: APPROVED_AT,
    expiresAt: EXPIRES_AT,
    sequence: 1,
    previous: null,
    source: { repository: REPOSITORY, ref: 'refs/heads/main', commit: 'c0ffee'.padEnd(40, '0') },
    role: 'security',
    comment: '',
    ...changes,
  };
}

export function approval(changes: Partial<ApprovalInput> = {}): ApprovalStatement {
  return buildApprovalStatement(approvalInput(changes));
}

export interface Person {
  readonly name: string;
  readonly signer: Signer;
  readonly publicKey: string;
}

export function person(name: string, algorithm: 'P-256' | 'P-384' | 'Ed25519' = 'P-256'): Person {
  const key = generateKey(algorithm);
  return { name, signer: loadPrivateKey(key.privateKey, 'a test'), publicKey: key.publicKey };
}

/** A policy of one role `security` with these people, changed at the top level. */
export function policyOf(people: readonly Person[], changes: Readonly<Record<string, unknown>> = {}): ApprovalPolicy {
  return parseApprovalPolicy({
    roles: {
      security: { threshold: 1, approvers: people.map(({ name, publicKey }) => ({ name, keys: [publicKey] })) },
    },
    maxAge: 'P7D',
    repository: REPOSITORY,
    allowUntimestamped: true,
    ...changes,
  });
}
