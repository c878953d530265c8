import { hash } from 'node:crypto';
import path from 'node:path';
import {
  LocksealError,
  openVerification,
  type Baseline,
  type KeptVerification,
  type LockfileFormat,
  type SettledVerification,
  type VerificationContext,
} from '@lockseal/core';
import { pathsAlong } from '@lockseal/lockfile';
import { shownPath } from './approval/place.ts';
import { boundHeap } from './evidence/bound-heap.ts';
import { openGround, openKept, type Ground } from './evidence/open-ground.ts';
import type { EvidenceOptions } from './evidence/options.ts';
import { tuneEngine } from './evidence/tune-engine.ts';
import { isAnsweredAlike, type FileQuestion } from './io/asked-files.ts';
import { bypassesOf } from './io/bypasses-of.ts';
import type { Console } from './io/console.ts';
import { readLockfileBytes } from './io/find-lockfile.ts';
import { createProjectFiles } from './io/project-files.ts';
import type { Judgeable } from './policy/judge-outlines.ts';

/** Everything that lockfile and project are made from, as text that the next run compares. */
export interface Basis {
  readonly format: LockfileFormat;
  /** Lower-case hex, of the lockfile. */
  readonly sha512: string;
  readonly bypasses: readonly string[];
  readonly questions: readonly FileQuestion[];
}

/** Young generation, in bytes, for what is read in one go and lives on; at twice that 10,000 packages take 30 MiB more. */
const ENOUGH_TO_READ = 4 * 1024 * 1024;

/** What the run compares with. */
export interface Comparison {
  readonly baseline: Baseline | undefined;
  readonly contents: 'none' | 'changed';
}

/** What a lockfile's verification is kept by: those for which the command line says another thing stand side by side. */
export function nameOfRun(file: string, options: EvidenceOptions, console: Console): string {
  const { registry, mirrors, attestationsRegistry, trustedRootFile, registryKeysFile, tufMirror, tarballs } = options;
  const told = [registry, mirrors, attestationsRegistry, trustedRootFile, registryKeysFile, tufMirror, tarballs];
  return JSON.stringify([file, shownPath(file, console), ...told]);
}

/**
 * What the last run has found out about a lockfile, where everything is still the same that it follows from: nothing is
 * parsed, and no code for it loaded.
 * @param file absolute path
 * @param compare asked once the trust material is there
 * @returns undefined: it has to be verified
 * @throws LocksealError as `verifyFile`
 */
export async function recallFile(
  file: string,
  options: EvidenceOptions,
  console: Console,
  compare: (rootBytes: Uint8Array) => Promise<Comparison>,
): Promise<Judgeable | undefined> {
  const warnings: string[] = [];
  const directory = path.dirname(file);
  const kept =
    options.pack === undefined
      ? await openKept(options, directory, console, (told) => void warnings.push(told))
      : undefined;
  if (kept === undefined) return undefined;
  tuneEngine();
  try {
    const known = openVerification(kept.settled, nameOfRun(file, options, console));
    const basis = known && (JSON.parse(known.basis) as Basis);
    if (known === undefined || basis === undefined || !(await isSame(basis, file, console))) return undefined;
    boundHeap(ENOUGH_TO_READ);
    const ground = await openGround(options, { directory, format: basis.format }, console, kept);
    const settled = await restore(known, ground, options, compare).finally(() => ground.close());
    warnings.unshift(...ground.warnings);
    if (console.signal.aborted) throw new LocksealError('ERR_INTERRUPTED', 'The run was interrupted.');
    return settled && { ...toJudgeable(settled, ground, console), warnings };
  } finally {
    kept.cache.close();
  }
}

async function restore(
  known: KeptVerification,
  ground: Ground,
  options: EvidenceOptions,
  compare: (rootBytes: Uint8Array) => Promise<Comparison>,
): Promise<SettledVerification | undefined> {
  return known.restore(contextOf(ground, options, await compare(ground.rootBytes)));
}

/** A file that cannot be read any more is for the verification to tell of. */
async function isSame({ sha512, bypasses, questions }: Basis, file: string, console: Console): Promise<boolean> {
  const directory = path.dirname(file);
  try {
    if (hash('sha512', await readLockfileBytes(file)) !== sha512) return false;
    if (JSON.stringify(await bypassesOf(file, console)) !== JSON.stringify(bypasses)) return false;
    return await isAnsweredAlike(questions, createProjectFiles(directory));
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Everything that a verification follows from beside its basis and the answers in the cache. */
export function contextOf(
  { source, registries, trust }: Pick<Ground, 'source' | 'registries' | 'trust'>,
  { tarballs }: EvidenceOptions,
  { baseline, contents }: Comparison,
): VerificationContext {
  return { source, registries, tarballs, trustedRoot: trust.sha256, baseline, contents };
}

/** What is of this moment is told as it is now. */
function toJudgeable(
  { verification, entries, steps }: SettledVerification,
  { trust: root }: Ground,
  console: Console,
): Omit<Judgeable, 'warnings'> {
  const trust = { ...verification.trust, root };
  const verifiedAt = new Date(console.now()).toISOString();
  return { verification: { ...verification, trust, verifiedAt }, entries, pathTo: pathsAlong(entries, () => steps) };
}
