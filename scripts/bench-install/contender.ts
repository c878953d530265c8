// One package manager in one project, run plainly and through the gate.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { driverOf } from '../../test/managers/support/drivers.ts';
import { PROGRAMS } from '../../test/managers/support/gated.ts';
import type { Manager } from '../../test/managers/support/managers.ts';
import {
  approve,
  approveSigned,
  environmentOf,
  REPOSITORY,
  TIMEOUT,
  writePolicy,
  YARNRC,
  type Cli,
} from '../../test/managers/support/real-project.ts';
import { spawned } from '../../test/managers/support/spawned.ts';
import { writeStarter } from '../../test/managers/support/starter.ts';

const LOCKSEAL = path.resolve(import.meta.dirname, '../../packages/cli/dist/package/dist/program/lockseal.cjs');

export type Way = 'plain' | 'gate';

export interface Contender {
  readonly manager: Manager;
  /** Packages that the lockfile puts on disk here. */
  readonly packages: number;
  /** Installs into an empty folder. @returns milliseconds */
  install(way: Way, isCold: boolean): Promise<number>;
}

/** @param folder empty; each contender has its own */
export async function openContender(
  manager: Manager,
  command: readonly [string, ...string[]],
  manifest: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<Contender> {
  const project = path.join(folder, 'project');
  const homes: Readonly<Record<Way, string>> = { plain: path.join(folder, 'plain'), gate: path.join(folder, 'gate') };
  const bin = path.join(folder, 'bin');
  const aside = path.join(folder, 'aside');
  for (const each of [project, bin, aside, ...Object.values(homes)]) fs.mkdirSync(each);
  const name = PROGRAMS.get(manager.family) ?? assert.fail();
  writeStarter(path.join(bin, name), command);
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest, null, 2));
  if (manager.family === 'yarn-berry') fs.writeFileSync(path.join(project, '.yarnrc.yml'), YARNRC);
  const run = async (way: Way, program: readonly [string, ...string[]]): Promise<string> => {
    const { exitCode, output } = await spawned(program, {
      cwd: project,
      env: environmentOf(bin, homes[way]),
      timeout: TIMEOUT,
    });
    assert.equal(exitCode, 0, `${manager.id}: ${program.join(' ')}\n${output}`);
    return output;
  };
  const { lock, frozen } = driverOf(manager);
  assert.ok(!('unavailable' in frozen));
  await run('plain', [...command, ...lock]);
  const cli: Cli = (...args) => run('gate', [process.execPath, LOCKSEAL, ...args]);
  await writePolicy(project, cli);
  // Yarn Berry pins nothing for platforms, so that such packages are approved by what a registry signs.
  await (manager.family === 'yarn-berry' ? approveSigned(project, cli) : approve(cli));
  const gated = [process.execPath, LOCKSEAL, 'install', '--json', `--repository=${REPOSITORY}`] as const;
  const [first] = /"packages": (\d+)/.exec(await run('gate', gated))?.slice(1) ?? [];
  return {
    manager,
    packages: Number(first),
    install: async (way, isCold) => {
      const gone = fs.mkdtempSync(path.join(aside, `${way}-`));
      for (const name of ['node_modules', '.yarn']) moveInto(gone, path.join(project, name));
      if (isCold) {
        moveInto(gone, homes[way]);
        fs.mkdirSync(homes[way]);
      }
      spawnSync('sync');
      const begun = process.hrtime.bigint();
      await run(way, way === 'plain' ? [...command, ...frozen] : gated);
      return Number(process.hrtime.bigint() - begun) / 1e6;
    },
  };
}

/**
 * What an earlier run has made is put aside, not deleted: for minutes ext4 looks for places among what was just deleted, and an
 * install takes three times as long, so that nothing is left of the difference. Nor is it to wait for what others have written.
 */
function moveInto(folder: string, file: string): void {
  if (fs.existsSync(file)) fs.renameSync(file, path.join(folder, path.basename(file)));
}
