import { cp, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { openAudits } from './audits.ts';
import { approvedProject, evidenceAndVerdicts } from './lockseal-states.ts';
import { inProject, type Setting } from './lockseal.ts';
import type { Contender } from './measure.ts';
import * as names from './names.ts';
import { startServer } from './server.ts';
import { benchWorld } from './world.ts';

const FROM_SOURCE = '--conditions=@lockseal/source';
/** Beyond this many packages the loop and the audits take minutes a run, and tell nothing new. */
const MOST_FOR_OTHERS = 2000;

/** Everything that is measured at one size, ready to run: world, server, projects and filled caches. */
export interface Field {
  readonly contenders: readonly Contender[];
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** @param wants whether a contender of this name is to be measured: what nobody needs is not prepared */
export async function openField(packages: number, wants: (name: string) => boolean): Promise<Field> {
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
    const others = packages > MOST_FOR_OTHERS ? undefined : await openAudits(setting, wants);
    const all = [...floors(setting, packages), ...ours, ...(others?.contenders ?? [])];
    return { contenders: all.filter(({ name }) => wants(name)), notes: others?.notes ?? [], close };
  } catch (error) {
    await close();
    throw error;
  }
}

function floors({ world, scratch }: Setting, packages: number): Contender[] {
  const here = { cwd: scratch };
  const poolOfAllCores = { UV_THREADPOOL_SIZE: String(availableParallelism()) };
  const stock = { name: names.STOCK, args: [FROM_SOURCE, script('stock.ts'), world], ...here };
  return [
    { name: names.EMPTY, args: ['-e', '0'], ...here },
    { name: names.BARE, args: [script('bare.ts'), String(packages)], ...here, env: poolOfAllCores },
    ...(packages > MOST_FOR_OTHERS ? [] : [stock]),
  ];
}

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}

/** Every run that would change a cache gets a copy of its own. */
async function openOurs(setting: Setting, packages: number, wants: (name: string) => boolean): Promise<Contender[]> {
  const verify = inProject(setting, setting.world);
  const states = await evidenceAndVerdicts(setting, packages, wants);
  const used = path.join(setting.scratch, 'used');
  const copyOf = (state: string | undefined) => async (): Promise<void> => {
    await rm(used, { recursive: true, force: true });
    if (state !== undefined) await cp(state, used, { recursive: true });
  };
  const offline = ['--offline'];
  const { evidence, decided, oneLess, tenthLess } = states;
  const list = [
    verify(names.COLD, used, { args: offline, prepare: copyOf(evidence) }),
    verify(names.COLD_HTTP, used, { prepare: copyOf(undefined) }),
    verify(names.WARM, decided, { args: offline }),
    verify(names.WARM_HTTP, used, { prepare: copyOf(decided) }),
    verify(names.ONE_CHANGED, used, { args: offline, prepare: copyOf(oneLess) }),
    verify(names.TENTH_CHANGED, used, { args: offline, prepare: copyOf(tenthLess) }),
  ];
  if (!wants(names.ENFORCE)) return list;
  return [...list, await approvedProject(setting, decided)];
}
