import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError, parseTrustedRoot, type TrustedRootMaterial } from '@lockseal/core/approval';
import { enforceApproval, enforceArtifact, type EnforceInput, type EnforceVerdict } from '@lockseal/signer/enforce';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { findLockfile, readLockfileBytes } from '../io/find-lockfile.ts';
import type { EnforceArgs } from './enforce-options.ts';
import { hashLockfile } from './hash.ts';
import { loadPolicy } from './load-policy.ts';
import { placeOf, shownPath, type Place } from './place.ts';
import { readApprovals, readBaseline } from './read-approvals.ts';
import { lookAround } from '../io/surroundings.ts';

/** A lockfile, by the bytes that were decided on, and what was decided. */
export interface Enforced {
  readonly place: Place;
  /** Of the lockfile. */
  readonly bytes: Uint8Array;
  readonly input: EnforceInput;
  readonly verdict: EnforceVerdict;
}

/** Decides offline whether the lockfile is approved, and says so. */
export async function runEnforce(args: EnforceArgs, console: Console): Promise<ExitCode> {
  const enforced = await enforceTarget(args, console);
  const { approved } = enforced.verdict;
  if (!(args.quiet && approved)) console.stdout.write(await renderEnforced(enforced, args.json, console));
  return approved ? EXIT.good : EXIT.findings;
}

/** Decides offline whether the lockfile is approved. */
export async function enforceTarget(args: EnforceArgs, console: Console): Promise<Enforced> {
  const file = await findLockfile(path.resolve(console.cwd, args.target));
  const bytes = await readLockfileBytes(file);
  const place = await placeOf(file, bytes);
  const input = await gather(args, place, bytes, console);
  const verdict = args.artifact === undefined ? enforceApproval(input) : await enforceRelease(input, args.artifact);
  return { place, bytes, input, verdict };
}

/** As `lockseal enforce` says it. */
export async function renderEnforced({ place, verdict }: Enforced, json: boolean, console: Console): Promise<string> {
  const { renderVerdict, renderVerdictJson } = await import('./render-verdict.ts');
  const shown = { file: shownPath(place.file, console), lockfile: place.lockfile, verdict };
  return json ? renderVerdictJson(shown) : renderVerdict(shown);
}

async function gather(args: EnforceArgs, place: Place, bytes: Uint8Array, console: Console): Promise<EnforceInput> {
  const [policy, approvals, surroundings, baseline] = await Promise.all([
    loadPolicy(args.policy, place),
    readApprovals(place),
    lookAround(place.file, console),
    args.baseline === undefined
      ? undefined
      : readBaseline(args.baseline, place, (given) => path.resolve(console.cwd, given)),
  ]);
  const needsSet = policy.approvals.subject === 'package-set';
  const root = await loadTrustedRoot(args.trustedRoot);
  return {
    lockfile: place.lockfile,
    packageSet: needsSet ? await digestOfSet(place, bytes, console) : undefined,
    approvals,
    baseline,
    policy: policy.approvals,
    policyDigest: policy.sha256,
    trustedRoot: root,
    now: new Date(console.now()),
    context: { repository: args.repository, ref: args.ref },
    surroundings,
  };
}

/** Read now, decoded only where a bundle needs it. */
async function loadTrustedRoot(file: string | undefined): Promise<() => TrustedRootMaterial> {
  if (file === undefined) {
    const { embeddedTrust } = await import('@lockseal/registry/embedded');
    return () => parseTrustedRoot(embeddedTrust().trustedRoot);
  }
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new LocksealError('ERR_TRUSTED_ROOT', 'The trusted root could not be read.', {
      file,
      found: cause.message,
      cause,
    });
  });
  return () => parseTrustedRoot(bytes);
}

/** Loaded only here: reading a lockfile costs more than all else, and most policies bind the bytes. */
async function digestOfSet(place: Place, bytes: Uint8Array, console: Console): Promise<string> {
  const { lockedPackageSet } = await import('./locked-package-set.ts');
  return lockedPackageSet(place.file, bytes, console);
}

async function enforceRelease(input: EnforceInput, artifact: string): Promise<EnforceVerdict> {
  const bytes = await readFile(artifact).catch((cause: Error) => {
    throw new LocksealError('ERR_USAGE', 'The artifact could not be read.', {
      file: artifact,
      found: cause.message,
      cause,
    });
  });
  return enforceArtifact(input, hashLockfile(path.basename(artifact), bytes));
}
