import type { EntryFlags } from '@lockseal/core';
import type { InstallPlatform } from './run.ts';

/** Kinds of dependencies that the user told the manager to leave out. */
export type Omitted = ReadonlySet<'dev' | 'optional' | 'peer'>;

/** Whether a package is for this platform, as npm reads `os` and `cpu`: names, or names after `!`. */
export function isForPlatform({ os, cpu }: Pick<EntryFlags, 'os' | 'cpu'>, platform: InstallPlatform): boolean {
  return admits(os, platform.os) && admits(cpu, platform.cpu);
}

function admits(list: readonly string[], value: string): boolean {
  if (list.length === 0 || list.includes('any')) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((each) => each.startsWith('!'));
}
