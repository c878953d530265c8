import { realpath } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {
  gateEnvironment,
  holdVariables,
  namesPnpmStore,
  namesYarnGlobal,
  pathOutside,
  variablesOfSecrets,
  writeYarnGuard,
  type GuardedCommand,
  type RunFolder,
} from '@lockseal/gate';
import type { GoodBasis } from '../gate/basis.ts';
import type { OpenedGate } from '../gate/open.ts';
import type { Console } from '../io/console.ts';
import type { ChosenCommand } from './choose-command.ts';
import type { InstallArgs } from './options.ts';

export interface CommandOfRun {
  readonly guarded: GuardedCommand;
  /** Names of variables that are not passed on. */
  readonly heldVariables: readonly string[];
}

/** The chosen command with the gate as its only way out, and without what it must not have. */
export async function commandOfRun(
  args: Pick<InstallArgs, 'keptVariables' | 'json'>,
  parts: {
    readonly basis: Pick<GoodBasis, 'place'>;
    readonly chosen: ChosenCommand;
    readonly gate: OpenedGate;
    readonly folder: RunFolder;
  },
  console: Console,
): Promise<CommandOfRun> {
  const { basis, chosen, gate, folder } = parts;
  const named = new Set([...folder.named, ...chosen.settings.flatMap(variablesOfSecrets)]);
  const { env: left, held } = holdVariables(console.env, named, args.keptVariables);
  const access = { ...folder.authorities, proxyUrl: gate.gate.proxyUrl };
  const { pnpmStore, yarnGlobal } = folder.places;
  const cwd = chosen.manager === undefined ? console.cwd : path.dirname(basis.place.file);
  const isBerry = chosen.manager?.family === 'yarn-berry';
  const places = {
    ...folder.places,
    pnpmStore: namesPnpmStore(chosen.settings) ? undefined : pnpmStore,
    yarnGlobal: namesYarnGlobal(chosen.settings) ? undefined : yarnGlobal,
    yarnGuard: isBerry ? await writeYarnGuard(folder.directory, await realpath(cwd)) : undefined,
  };
  const searchPath = await pathOutside(left['PATH'] ?? '', basis.place.root);
  const env = { ...left, ...gateEnvironment(access, places, chosen.families), PATH: searchPath };
  const output = args.json ? 'stderr' : 'stdout';
  const guarded = { command: chosen.words, cwd, env, folder: folder.directory, signals: process, output } as const;
  return { guarded, heldVariables: held };
}
