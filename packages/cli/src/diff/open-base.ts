import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError, type TrustedRootMaterial } from '@lockseal/core';
import { approvalsFileOf, parseApprovals, type StoredBundle } from '@lockseal/signer';
import { gitRoot, readAtRef, refuseAmbiguous } from '../approval/git.ts';
import { placeOf, relativePath, shownPath, type Place } from '../approval/place.ts';
import { readApprovals } from '../approval/read-approvals.ts';
import type { Console } from '../io/console.ts';
import { findLockfile, readLockfileBytes } from '../io/find-lockfile.ts';
import { LOCKFILES } from '../io/surroundings.ts';
import type { OpenedPolicy } from '../policy/open-policy.ts';
import { openApproved, type FoundApproval } from './approved-state.ts';
import { filesAtRef, listAtRef } from './files-at-ref.ts';
import { openBytes, openFile, type OpenedState } from './opened-state.ts';

export interface OpenedBase {
  readonly opened: OpenedState;
  readonly warnings: readonly string[];
}

interface BaseContext {
  /** Opened only where approvals are looked at: no other base needs one. */
  readonly openPolicy: () => Promise<OpenedPolicy>;
  readonly trustedRoot: TrustedRootMaterial;
  readonly console: Console;
}

const APPROVALS = /\.approvals\.jsonl$/;

/**
 * What a lockfile is compared with. Not named: the last approved state where there is one, else what HEAD has. Named: a
 * folder, a lockfile or a file of approvals where there is one of that name, else a git ref.
 * @param file absolute path of the lockfile
 * @throws LocksealError for a base that cannot be read
 */
export async function openBase(base: string | undefined, file: string, context: BaseContext): Promise<OpenedBase> {
  if (base === undefined) return openDefault(file, context);
  const given = path.resolve(context.console.cwd, base);
  const found = await stat(given).catch(() => undefined);
  if (found === undefined) return { opened: await openRef(base, file), warnings: [] };
  const root = await gitRoot(path.dirname(file));
  if (root !== undefined) await refuseAmbiguous(root, base, given);
  if (APPROVALS.test(given)) return openApprovals(given, file, context);
  const lockfile = await findLockfile(given);
  return { opened: await openFile(lockfile, shownPath(lockfile, context.console)), warnings: [] };
}

async function openDefault(file: string, context: BaseContext): Promise<OpenedBase> {
  const place = await placeOf(file, await readLockfileBytes(file));
  const approvals = await readApprovals(place);
  const none: FoundApproval = { opened: undefined, warnings: [] };
  const name = approvalsFileOf(file);
  const approved = approvals.length === 0 ? none : await readApproved(approvals, name, place, context);
  if (approved.opened !== undefined) return { opened: approved.opened, warnings: approved.warnings };
  if (place.isRepository) return { opened: await openRef('HEAD', file), warnings: approved.warnings };
  throw new LocksealError('ERR_USAGE', 'There is nothing to compare with: no approval, and no git repository.', {
    file,
    expected: 'a git ref, a lockfile, a folder or a file of approvals',
    hint: 'Name one: `lockseal diff <base>`.',
  });
}

async function openApprovals(given: string, file: string, context: BaseContext): Promise<OpenedBase> {
  const place = await placeOf(file, await readLockfileBytes(file));
  const approvals = parseApprovals(await readFile(given), given);
  const { opened, warnings } = await readApproved(approvals, given, place, context);
  if (opened !== undefined) return { opened, warnings };
  throw new LocksealError('ERR_CONFIG', `No approval in it holds for ${place.lockfile.path}.`, {
    file: given,
    found: warnings[0],
    hint: 'Give the policy that lists its approvers (--policy), or compare with a lockfile or git ref.',
  });
}

async function readApproved(
  approvals: readonly StoredBundle[],
  file: string,
  { lockfile }: Place,
  { openPolicy, trustedRoot, console }: BaseContext,
): Promise<FoundApproval> {
  const { policy, warnings } = await openPolicy();
  const found = openApproved(approvals, file, lockfile.path, { policy, trustedRoot, now: console.now() });
  return { ...found, warnings: [...warnings, ...found.warnings] };
}

/** The lockfile as it is at a ref; where it is not there, the one lockfile that lay in its folder. */
async function openRef(ref: string, file: string): Promise<OpenedState> {
  const root = await gitRoot(path.dirname(file));
  if (root === undefined) {
    throw new LocksealError('ERR_CONFIG', `There is no ${ref} here, and this is no git repository.`, {
      file,
      expected: 'a git ref, a lockfile, a folder or a file of approvals',
      found: ref,
    });
  }
  const name = await nameAtRef(root, ref, relativePath(root, file));
  const bytes = name === undefined ? undefined : await readAtRef(root, ref, name);
  if (name === undefined || bytes === undefined) return nothingAt(`${relativePath(root, file)} at ${ref}`);
  const directory = path.posix.dirname(name);
  const files = filesAtRef(root, ref, directory);
  return openBytes(bytes, { shown: name, origin: `${name} at ${ref}`, directory, files });
}

async function nameAtRef(root: string, ref: string, name: string): Promise<string | undefined> {
  if ((await readAtRef(root, ref, name)) !== undefined) return name;
  const folder = path.posix.dirname(name);
  const items = (await listAtRef(root, ref, folder)) ?? [];
  const others = items.filter(({ name: other, type }) => type === 'file' && LOCKFILES.includes(other));
  return others.length === 1 && others[0] !== undefined ? path.posix.join(folder, others[0].name) : undefined;
}

function nothingAt(what: string): OpenedState {
  const origin = `${what}, where there is none`;
  return {
    kind: 'nothing',
    state: { origin, format: undefined, formatVersion: undefined, artifacts: [], importers: [], bundled: new Set() },
  };
}
