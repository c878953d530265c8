// Holds enforcement to the vectors of the format (see vectors/README.md).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { LocksealError, parseApprovalPolicy, parseTrustedRoot } from '@lockseal/core';
import { enforceApproval, parseApprovals, readApprovedPackages } from '../src/index.ts';

interface Case {
  readonly why: string;
  readonly path: string;
  readonly repository: string;
  readonly ref: string;
  readonly now: string;
  readonly expect: 'approved' | readonly string[];
  readonly binds?: Readonly<Record<string, unknown>> | string;
}

const directory = path.join(import.meta.dirname, 'vectors');
const names = fs
  .readdirSync(directory, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function come(name: string): 'approved' | readonly string[] {
  const read = (file: string): Buffer => fs.readFileSync(path.join(directory, name, file));
  const has = (file: string): boolean => fs.existsSync(path.join(directory, name, file));
  const vector: Case = JSON.parse(read('case.json').toString());
  const hash = (algorithm: string, bytes: Buffer): string => createHash(algorithm).update(bytes).digest('hex');
  const lockfile = read('lockfile');
  try {
    const verdict = enforceApproval({
      lockfile: { path: vector.path, sha256: hash('sha256', lockfile), sha512: hash('sha512', lockfile) },
      packageSet: undefined,
      approvals: parseApprovals(read('approvals.jsonl'), 'approvals.jsonl'),
      baseline: has('baseline.jsonl') ? parseApprovals(read('baseline.jsonl'), 'baseline.jsonl') : undefined,
      policy: parseApprovalPolicy(JSON.parse(read('policy.json').toString()).approvals),
      policyDigest: hash('sha256', read('policy.json')),
      trustedRoot: () => parseTrustedRoot(read('trusted_root.json')),
      now: new Date(vector.now),
      context: { repository: vector.repository, ref: vector.ref },
      surroundings: { shadowing: [], bypasses: [] },
    });
    return verdict.approved ? 'approved' : verdict.failures.map(({ code }) => code);
  } catch (thrown) {
    if (thrown instanceof LocksealError) return [thrown.code];
    throw thrown;
  }
}

/** What the approval in the first line binds each package to. */
function bindings(name: string): unknown {
  const file = path.join(directory, name, 'approvals.jsonl');
  const [first] = parseApprovals(fs.readFileSync(file), file);
  assert.ok(first !== undefined);
  try {
    const packages = readApprovedPackages(first.payload);
    return Object.fromEntries(packages.map(({ purl, digest, signedDigest }) => [purl, digest ?? signedDigest ?? null]));
  } catch (thrown) {
    if (thrown instanceof LocksealError) return thrown.code;
    throw thrown;
  }
}

describe('the vectors of the format', () => {
  test('are there, and more of them fail than pass', () => {
    const passing = names.filter((name) => come(name) === 'approved');
    assert.ok(names.length > 30 && passing.length * 2 < names.length, `${passing.length} of ${names.length} pass`);
  });

  for (const name of names) {
    const { why, expect, binds }: Case = JSON.parse(fs.readFileSync(path.join(directory, name, 'case.json'), 'utf8'));
    test(`${name}: ${why}`, () => {
      assert.deepEqual(come(name), expect);
      if (binds !== undefined) assert.deepEqual(bindings(name), binds);
    });
  }
});
