import type { Fields } from '../json/fields.ts';

/** The parts of a deno.lock, wherever its version keeps them. */
export interface DenoSections {
  readonly version: string;
  /** The table that holds `specifiers`, `npm` and `jsr`: the top level, or `packages` in version 3. */
  readonly packages: Fields | undefined;
  readonly remote: Fields | undefined;
  readonly workspace: Fields | undefined;
}

export function readSections(root: Fields): DenoSections {
  const version = root.value('version');
  if (version !== '3' && version !== '4' && version !== '5') {
    const found = typeof version === 'string' ? JSON.stringify(version) : `a ${typeof version}`;
    throw root.refuse('version', '"3", "4" or "5"', found, 'ERR_LOCKFILE_VERSION');
  }
  return {
    version,
    packages: version === '3' ? root.table('packages') : root,
    remote: root.table('remote'),
    workspace: root.table('workspace'),
  };
}
