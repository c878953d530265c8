import { cp, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { openAudits } from './audits.ts';
import { approvedProject, evidenceAndVerdicts, type Less } from './lockseal-states.ts';
import { inProject, type Setting } from './lockseal.ts';
import type { Contender } from './measure.ts';
import * as names from './names.ts';
import { startServer } from './server.ts';
import { benchWorld } from './world.ts';

const FROM_SOURCE = '--conditions=@lockseal/source';
/** Beyond this many packages the loop and the audits take minutes a run, and tell nothing new. */
const MOST_FOR_OTHERS = 2000;
/** Beyond this many, what HTTP costs is known, and an approval is larger than the payload that a bundle may have. */
const MOST_BUT_LOCAL = 10_000;

const MOST_PACKAGES: ReadonlyMap<string, number> = new Map([
  ...[names.STOCK, names.NPM, names.PNPM, names.ONE_CHANGED, names.TENTH_CHANGED].map(
    (name) => [name, MOST_FOR_OTHERS] as const,
  ),
  ...[names.COLD_HTTP, names.WARM_HTTP, names.ENFORCE].map((name) => [name, MOST_BUT_LOCAL] as const),
]);

/** Everything that is measured at one size, ready to run: world, server, projects and filled caches. */
export interface Field {
  readonly contenders: readonly Contender[];
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** @param wants whether a contender of this name is to be measured: what nobody needs is not prepared */
export async function openField(packages: number, asksFor: (name: string) => boolean): Promise<Field> {
  const wants = (name: string): boolean => asksFor(name) && packages <= (MOST_PACKAGES.get(name) ?? Infinity);
  const world = await benchWorld(packages);
  const scratch = await mkdtemp(path.join(tmpdir(), 'lockseal-bench-'));
  const server = await startServer(world);
  const setting: Setting = { world, scratch, url: server.url };
  const close = async (): Promise<void> => {
    await server.close();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    const ours = await openOurs(setting, packages, wants);
    const others = await openAudits(setting, wants);
    const all = [...floors(setting, packages), ...ours, ...others.contenders];
    return { contenders: all.filter(({ name }) => wants(name)), notes: others.notes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function floors({ world, scratch }: Setting, packages: number): Contender[] {
  const here = { cwd: scratch };
  const poolOfAllCores = { UV_THREADPOOL_SIZE: String(availableParallelism()) };
  return [
    { name: names.EMPTY, args: ['-e', '0'], ...here },
    { name: names.BARE, args: [script('bare.ts'), String(packages)], ...here, env: poolOfAllCores },
    { name: names.STOCK, args: [FROM_SOURCE, script('stock.ts'), world], ...here, rounds: 2 },
  ];
}

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}

/** Every run that would change a cache gets a copy of its own. */
async function openOurs(setting: Setting, packages: number, wants: (name: string) => boolean): Promise<Contender[]> {
  const verify = inProject(setting, setting.world);
  const { evidence, decided, oneLess, tenthLess } = await evidenceAndVerdicts(setting, packages, wants);
  const used = path.join(setting.scratch, 'used');
  const copyOf = (state: string | undefined) => async (): Promise<void> => {
    await rm(used, { recursive: true, force: true });
    if (state !== undefined) await cp(state, used, { recursive: true });
  };
  const args = ['--offline'];
  const changed = (name: string, less: Less | undefined): Contender[] =>
    less === undefined ? [] : [inProject(setting, less.project)(name, used, { args, prepare: copyOf(less.cache) })];
  const list = [
    verify(names.COLD, used, { args, prepare: copyOf(evidence) }),
    verify(names.COLD_HTTP, used, { prepare: copyOf(undefined) }),
    verify(names.WARM, decided, { args }),
    verify(names.WARM_HTTP, used, { prepare: copyOf(decided) }),
    ...changed(names.ONE_CHANGED, oneLess),
    ...changed(names.TENTH_CHANGED, tenthLess),
  ];
  if (!wants(names.ENFORCE)) return list;
  return [...list, await approvedProject(setting, decided)];
}
