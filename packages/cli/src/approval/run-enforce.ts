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

/** Decides offline whether the lockfile is approved, and says so. */
export async function runEnforce(args: EnforceArgs, console: Console): Promise<ExitCode> {
  const file = await findLockfile(path.resolve(console.cwd, args.target));
  const place = await placeOf(file, await readLockfileBytes(file));
  const input = await gather(args, place, console);
  const verdict = args.artifact === undefined ? enforceApproval(input) : await enforceRelease(input, args.artifact);
  if (!(args.quiet && verdict.approved)) {
    const { renderVerdict, renderVerdictJson } = await import('./render-verdict.ts');
    const shown = { file: shownPath(file, console), lockfile: place.lockfile, verdict };
    console.stdout.write(args.json ? renderVerdictJson(shown) : renderVerdict(shown));
  }
  return verdict.approved ? EXIT.good : EXIT.findings;
}

async function gather(args: EnforceArgs, place: Place, console: Console): Promise<EnforceInput> {
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
    packageSet: needsSet ? await digestOfSet(place, console) : undefined,
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
async function digestOfSet(place: Place, console: Console): Promise<string> {
  const { lockedPackageSet } = await import('./locked-package-set.ts');
  return lockedPackageSet(place.file, console);
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
