import path from 'node:path';
import {
  LocksealError,
  verifyLockfile,
  type Lockfile,
  type Project,
  type RegistryMap,
  type Verification,
  type VerifyInput,
} from '@lockseal/core';
import { bindToProject, readLockfile } from '@lockseal/lockfile';
import { boundHeap } from './evidence/bound-heap.ts';
import { openEvidence, type Evidence } from './evidence/open-evidence.ts';
import type { EvidenceOptions } from './evidence/options.ts';
import type { Console } from './io/console.ts';
import { findLockfile, readLockfileBytes } from './io/find-lockfile.ts';
import { createProjectFiles } from './io/project-files.ts';
import { requireAnswered } from './pack/require-answered.ts';
import { lookAround } from './io/surroundings.ts';

/** A lockfile on disk, read and verified. */
export interface VerifiedFile {
  /** Absolute path. */
  readonly file: string;
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
  readonly registries: RegistryMap;
  readonly verification: Verification;
  readonly warnings: readonly string[];
  /** The evidence pack that answered, if one did. */
  readonly evidencePack?: Evidence['pack'];
  /** What it was verified with. */
  readonly trust: Pick<Evidence, 'trustedRoot' | 'keys'>;
}

/**
 * Verifies the lockfile that a path means: reads it and its project, opens the evidence, checks everything.
 * @param compare what the lockfile is compared with and what need not be looked at, once the trust material is there
 * @throws LocksealError for whatever could not be decided; ERR_INTERRUPTED when the run was aborted
 */
export async function verifyFile(
  target: string,
  options: EvidenceOptions,
  console: Console,
  onProgress?: (done: number, total: number) => void,
  compare?: (
    file: string,
    evidence: Evidence,
  ) => Promise<Partial<Pick<VerifyInput, 'baseline' | 'history' | 'contents' | 'covered' | 'source'>>>,
): Promise<VerifiedFile> {
  boundHeap();
  const file = await findLockfile(path.resolve(console.cwd, target));
  const directory = path.dirname(file);
  const shown = path.relative(console.cwd, file);
  const read = readLockfile(shown.startsWith('..') ? file : shown, await readLockfileBytes(file));
  const { lockfile: bound, project } = await bindToProject(read, directory, createProjectFiles(directory));
  const lockfile = await withBypasses(bound, file, console);
  const evidence = await openEvidence(options, { directory, format: lockfile.format }, console);
  try {
    const verification = await verifyLockfile({
      ...evidence,
      lockfile,
      project,
      clock: console,
      tarballs: options.tarballs,
      onProgress,
      ...(await compare?.(file, evidence)),
    });
    requireAnswered(evidence.pack);
    if (console.signal.aborted) throw new LocksealError('ERR_INTERRUPTED', 'The run was interrupted.');
    const { registries, warnings, trustedRoot, keys, pack: evidencePack } = evidence;
    return { file, lockfile, project, registries, verification, warnings, trust: { trustedRoot, keys }, evidencePack };
  } finally {
    evidence.close();
  }
}

/** Settings beside the lockfile that make the package manager go by something else are facts about the lockfile. */
async function withBypasses(lockfile: Lockfile, file: string, console: Console): Promise<Lockfile> {
  const { bypasses } = await lookAround(file, console);
  const observations = bypasses.map((bypass) => ({
    code: 'installer-bypass' as const,
    found: `${bypass.setting} in ${bypass.file}`,
  }));
  return { ...lockfile, observations: [...lockfile.observations, ...observations] };
}
