import { Unreadable } from './disk.ts';
import { join } from './layout.ts';
import type { Run } from './run.ts';

/** Yarn's Plug'n'Play unpacks packages there, which are compared by themselves. */
const UNPLUGGED = '.yarn/unplugged';

/**
 * `node_modules` folders among the project's own files, where no manager puts any: modules beside them would load from
 * there before anything that was compared. The folders of importers are left out here, and those that the caller names.
 */
export function tellStrays(run: Run, homes: ReadonlySet<string>, ignored: ReadonlySet<string>): void {
  const waiting = [''];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    for (const { name, type } of foldersIn(run, place)) {
      const below = join(place, name);
      if (ignored.has(below) || name === '.git' || below === UNPLUGGED) continue;
      if (name !== 'node_modules') {
        if (type === 'folder') waiting.push(below);
      } else if (!homes.has(place)) {
        run.told.differ(undefined, { kind: 'extra', thing: 'folder', place: below, found: 'a node_modules folder' });
      }
    }
  }
}

function foldersIn(run: Run, place: string): readonly { readonly name: string; readonly type: string }[] {
  try {
    return run.disk.items(place).filter(({ name, type }) => type === 'folder' || name === 'node_modules');
  } catch (error) {
    // Folders that this user cannot list hold no modules for this user either.
    if (error instanceof Unreadable) return [];
    throw error;
  }
}
