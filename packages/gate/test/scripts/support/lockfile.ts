import { NO_FLAGS, type Edge, type EdgeKind, type LockedPackage } from '@lockseal/core';

/** A published entry, `name@1.0.0`, whose id is its name. */
export function lockedPackage(name: string, more: Partial<LockedPackage> = {}): LockedPackage {
  return {
    id: name,
    name,
    version: '1.0.0',
    aliases: [],
    source: { type: 'registry', url: undefined, namedRegistry: undefined },
    pin: { kind: 'none' },
    edges: [],
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
    ...more,
  };
}

export function edgeTo(id: string, kind: EdgeKind = 'prod'): Edge {
  return { name: id, kind, spec: undefined, target: { type: 'entry', id }, position: undefined };
}
