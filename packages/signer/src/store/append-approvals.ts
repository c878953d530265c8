import { canonicalize, type Json } from '@lockseal/core';
import type { BundleJson } from '../sign/sign-statements.ts';
import { editApprovals } from './edit-approvals.ts';

/**
 * Adds bundles to a file of approvals, which is made where there is none. What was there stays, byte by byte, and of two
 * who add at once neither is lost.
 * @throws LocksealError as `editApprovals`
 */
export async function appendApprovals(file: string, bundles: readonly BundleJson[]): Promise<void> {
  const added = bundles.map((bundle) => `${canonicalize(bundle as Json)}\n`).join('');
  await editApprovals(file, (before) => Buffer.concat([before, Buffer.from(added)]));
}
