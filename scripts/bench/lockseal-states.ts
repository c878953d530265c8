import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createSigstore } from '@lockseal/testkit';
import { environmentOf, inProject, PROGRAM, trustOf, type Setting } from './lockseal.ts';
import { measure, type Contender } from './measure.ts';
import { ENFORCE, ONE_CHANGED, TENTH_CHANGED } from './names.ts';

const LOCKFILE = 'package-lock.json';

/** Folders of caches, each in one state; never to be run on, save `decided`, which a run does not change. */
export interface States {
  /** All evidence, and nothing that follows from it. */
  readonly evidence: string;
  /** All evidence and everything that follows from it. */
  readonly decided: string;
  /** The same of a lockfile that lacked the last package, or the last tenth. */
  readonly oneLess: Less | undefined;
  readonly tenthLess: Less | undefined;
}

/** A project whose lockfile has got more packages since its cache was filled. */
export interface Less {
  readonly project: string;
  readonly cache: string;
}

export async function evidenceAndVerdicts(
  setting: Setting,
  packages: number,
  wants: (name: string) => boolean,
): Promise<States> {
  const { world, scratch } = setting;
  const evidence = await gatherEvidence(setting);
  const decide = async (name: string, project: string): Promise<string> => {
    const cache = path.join(scratch, name);
    await cp(evidence, cache, { recursive: true });
    await tolerateFindings(measure(inProject(setting, project)(name, cache, { args: ['--offline'] })));
    return cache;
  };
  const decideLess = async (name: string, fewer: number): Promise<Less> => {
    const project = await projectWithout(setting, fewer);
    const cache = await decide(name, project);
    await cp(path.join(world, LOCKFILE), path.join(project, LOCKFILE));
    return { project, cache };
  };
  return {
    evidence,
    decided: await decide('decided', world),
    oneLess: wants(ONE_CHANGED) ? await decideLess('one-less', 1) : undefined,
    tenthLess: wants(TENTH_CHANGED) ? await decideLess('tenth-less', Math.ceil(packages / 10)) : undefined,
  };
}

/** Under a root that has signed none of it: what is found invalid is not remembered. */
async function gatherEvidence(setting: Setting): Promise<string> {
  const root = path.join(setting.scratch, 'unrelated_root.json');
  await writeFile(root, JSON.stringify((await createSigstore()).trustedRoot));
  const evidence = path.join(setting.scratch, 'evidence');
  await tolerateFindings(measure(inProject(setting, setting.world)('gather evidence', evidence, { root })));
  return evidence;
}

/** A root that has signed nothing, or a lockfile without its last packages: findings are what is to be expected. */
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
