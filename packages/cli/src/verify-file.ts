import path from 'node:path';
import {
  keepVerification,
  LocksealError,
  verifyLockfile,
  type Lockfile,
  type Project,
  type RegistryMap,
  type Verification,
  type VerifyInput,
} from '@lockseal/core';
import { bindToProject, dependencySteps, readLockfile } from '@lockseal/lockfile';
import { shownPath } from './approval/place.ts';
import { tuneEngine } from './evidence/tune-engine.ts';
import { openEvidence, type Evidence } from './evidence/open-evidence.ts';
import type { EvidenceOptions } from './evidence/options.ts';
import { recordQuestions } from './io/asked-files.ts';
import { bypassesOf } from './io/bypasses-of.ts';
import type { Console } from './io/console.ts';
import { findLockfile, readLockfileBytes } from './io/find-lockfile.ts';
import { createProjectFiles } from './io/project-files.ts';
import { requireAnswered } from './pack/require-answered.ts';
import { contextOf, nameOfRun, type Basis } from './recall-file.ts';

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

/** What the lockfile is compared with, what need not be looked at, and whether the next run may go by this one. */
export type Comparing = Partial<
  Pick<VerifyInput, 'baseline' | 'history' | 'contents' | 'covered' | 'source'> & { readonly keeps: boolean }
>;

/**
 * Verifies the lockfile that a path means: reads it and its project, opens the evidence, checks everything.
 * @param compare asked once the trust material is there
 * @throws LocksealError for whatever could not be decided; ERR_INTERRUPTED when the run was aborted
 */
export async function verifyFile(
  target: string,
  options: EvidenceOptions,
  console: Console,
  onProgress?: (done: number, total: number) => void,
  compare?: (file: string, evidence: Evidence) => Promise<Comparing>,
): Promise<VerifiedFile> {
  tuneEngine();
  const file = await findLockfile(path.resolve(console.cwd, target));
  const { lockfile, project, basis } = await readProject(file, console);
  const directory = path.dirname(file);
  const evidence = await openEvidence(options, { directory, format: lockfile.format }, console);
  try {
    const { keeps = false, ...comparing } = (await compare?.(file, evidence)) ?? {};
    const verification = await verifyLockfile({
      ...evidence,
      lockfile,
      project,
      clock: console,
      tarballs: options.tarballs,
      onProgress,
      ...comparing,
    });
    requireAnswered(evidence.pack);
    if (console.signal.aborted) throw new LocksealError('ERR_INTERRUPTED', 'The run was interrupted.');
    const { registries, warnings, trustedRoot, keys, pack: evidencePack, source } = evidence;
    if (keeps && source.settled !== undefined) {
      const { baseline, contents = 'none' } = comparing;
      const keepable = { lockfile, verification, steps: dependencySteps(lockfile), basis: JSON.stringify(basis) };
      const context = contextOf(evidence, options, { baseline, contents });
      await keepVerification(source.settled, nameOfRun(file, options, console), keepable, context);
    }
    return { file, lockfile, project, registries, verification, warnings, trust: { trustedRoot, keys }, evidencePack };
  } finally {
    evidence.close();
  }
}

interface ReadProject extends Pick<VerifiedFile, 'lockfile' | 'project'> {
  readonly basis: Basis;
}

async function readProject(file: string, console: Console): Promise<ReadProject> {
  const directory = path.dirname(file);
  const read = readLockfile(shownPath(file, console), await readLockfileBytes(file));
  const { files, questions } = recordQuestions(createProjectFiles(directory));
  const { lockfile, project } = await bindToProject(read, directory, files);
  const bypasses = await bypassesOf(file, console);
  const basis = { format: lockfile.format, sha512: lockfile.bytes.sha512, bypasses, questions };
  return { lockfile: withBypasses(lockfile, bypasses), project, basis };
}

/** Settings beside the lockfile that make the package manager go by something else are facts about the lockfile. */
function withBypasses(lockfile: Lockfile, bypasses: readonly string[]): Lockfile {
  const observations = bypasses.map((found) => ({ code: 'installer-bypass' as const, found }));
  return { ...lockfile, observations: [...lockfile.observations, ...observations] };
}
