// Bundles as lines of a file of approvals.
import { canonicalize, type Json } from '@lockseal/core';
import { createSigstore, type SigstoreBox } from '@lockseal/testkit';
import {
  parseApprovals,
  signStatements,
  type InTotoStatement,
  type Signer,
  type StoredBundle,
} from '../../src/index.ts';

const NO_SERVICES = { log: undefined, timestampAuthority: undefined };

export async function signed(statement: InTotoStatement<object>, signer: Signer): Promise<object> {
  const [bundle] = await signStatements([statement], { kind: 'key', signer, services: NO_SERVICES });
  if (bundle === undefined) throw new Error('nothing was signed');
  return bundle;
}

export function fileOf(...bundles: readonly object[]): Buffer {
  return Buffer.from(bundles.map((bundle) => `${canonicalize(bundle as Json)}\n`).join(''));
}

export function stored(...bundles: readonly object[]): readonly StoredBundle[] {
  return parseApprovals(fileOf(...bundles), 'test.approvals.jsonl');
}

export function box(at: Date): Promise<SigstoreBox> {
  return createSigstore({ clock: () => at });
}
