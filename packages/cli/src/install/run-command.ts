import { runGuarded, type Ended, type GuardedCommand } from '@lockseal/gate';
import type { Console } from '../io/console.ts';
import { requireVersion, type ChosenCommand } from './choose-command.ts';

/**
 * Runs the chosen command to its end. Yarn 1 and Yarn 2 share a name, and to ask for a version takes as long as to start:
 * either refuses by itself to install a lockfile of the other. Yarn 2 and later do not know `--ignore-scripts`, which the
 * frozen mode of Yarn 1 has, and Yarn 1 ends at once with the `.yarnrc` of the home that it gets (`makeRunFolder`). So a
 * version is asked for when the command has failed, to tell why.
 * @throws LocksealError ERR_MANAGER where it cannot be started, or was the other one
 */
export async function runCommand(
  chosen: ChosenCommand,
  guarded: GuardedCommand,
  { signal }: Pick<Console, 'signal'>,
): Promise<Ended> {
  const ended = await runGuarded(guarded);
  const hasFailed = ended.by === 'exit' && ended.code !== 0;
  if (hasFailed && !signal.aborted) await requireVersion(chosen, guarded.cwd, guarded.env);
  return ended;
}
