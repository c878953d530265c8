import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { environmentOf, inProject, PROGRAM, trustOf, type Setting } from './lockseal.ts';
import { measure, type Contender } from './measure.ts';
import { ENFORCE, ONE_CHANGED, TENTH_CHANGED } from './names.ts';

const LOCKFILE = 'package-lock.json';

/** Folders of caches, each in one state; never to be run on, save `decided`, which a run does not change. */
export interface States {
  /** All evidence and everything that follows from it under the root that is measured with; nothing under the other. */
  readonly decided: string;
  /** Those of a lockfile that lacked the last package, or the last tenth, under the other root. */
  readonly oneLess: Less | undefined;
  readonly tenthLess: Less | undefined;
}

/** A project whose lockfile has got more packages since its cache was filled. */
export interface Less {
  readonly project: string;
  readonly cache: string;
}

/** The same root in other bytes, of which a cache knows nothing. */
export const OTHER_ROOT = 'other_root.json';

export async function evidenceAndVerdicts(
  setting: Setting,
  packages: number,
  wants: (name: string) => boolean,
): Promise<States> {
  const { world, scratch } = setting;
  const decided = path.join(scratch, 'decided');
  await measure(inProject(setting, world)('gather evidence', decided, {}));
  const decideLess = async (fewer: number): Promise<Less> => {
    const cache = path.join(scratch, `cache-without-${fewer}`);
    await cp(decided, cache, { recursive: true });
    const project = await projectWithout(setting, fewer);
    const verify = inProject(setting, project)(cache, cache, { args: ['--offline'], root: OTHER_ROOT });
    await tolerateFindings(measure(verify));
    await cp(path.join(world, LOCKFILE), path.join(project, LOCKFILE));
    return { project, cache };
  };
  return {
    decided,
    oneLess: wants(ONE_CHANGED) ? await decideLess(1) : undefined,
    tenthLess: wants(TENTH_CHANGED) ? await decideLess(Math.ceil(packages / 10)) : undefined,
  };
}

/** A lockfile without its last packages has holes, which findings may say. */
async function tolerateFindings(run: Promise<unknown>): Promise<void> {
  await run.catch((thrown: unknown) => {
    if (!String(thrown).includes('ended with 1:')) throw thrown;
  });
}

interface Lockfile {
  readonly packages: Record<string, unknown>;
}

async function projectWithout({ world, scratch }: Setting, fewer: number): Promise<string> {
  const project = path.join(scratch, `without-${fewer}`);
  await cp(path.join(world, 'package.json'), path.join(project, 'package.json'));
  const lockfile = JSON.parse(await readFile(path.join(world, LOCKFILE), 'utf8')) as Lockfile;
  const kept = Object.entries(lockfile.packages).slice(0, -fewer);
  const shorter = JSON.stringify({ ...lockfile, packages: Object.fromEntries(kept) });
  await writeFile(path.join(project, LOCKFILE), shorter);
  return project;
}

/** `lockseal enforce` in a project whose lockfile one key has approved. */
export async function approvedProject(setting: Setting, cache: string): Promise<Contender> {
  const { world, scratch, url } = setting;
  const project = path.join(scratch, 'approved');
  await mkdir(path.join(project, '.git'), { recursive: true });
  for (const file of ['package.json', LOCKFILE]) await cp(path.join(world, file), path.join(project, file));
  const lockseal = (name: string, args: readonly string[]): Contender => ({
    name,
    args: [PROGRAM, ...args],
    cwd: project,
    env: environmentOf(setting),
  });
  const key = path.join(scratch, 'approver.pem');
  await measure(lockseal('make a key', ['trust', 'keygen', key]));
  const publicKey = JSON.stringify(await readFile(key.replace(/\.pem$/, '.pub.pem'), 'utf8'));
  await writeFile(
    path.join(project, 'lockseal.yaml'),
    `version: 1
approvals:
  allowAnyRepository: true
  allowUntimestamped: true
  roles: { security: { threshold: 1, approvers: [{ name: ana, keys: [${publicKey}] }] } }
`,
  );
  const evidence = ['--offline', '--registry', url, '--cache', cache, ...trustOf(setting)];
  await measure(lockseal('approve', ['approve', '--key', key, '--yes', ...evidence]));
  return lockseal(ENFORCE, ['enforce', ...trustOf(setting).slice(0, 2)]);
}
