// A project on disk, as npm or pnpm would have installed it, and what its lockfile says.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import {
  NO_FLAGS,
  type Edge,
  type EdgeKind,
  type LockedPackage,
  type Lockfile,
  type LockfileFormat,
} from '@lockseal/core';
import { compareInstalled, type ApprovedArtifact, type InstalledReport, type InstalledRequest } from '@lockseal/gate';
import type { Packed } from './packages.ts';

export interface Disk {
  /** Absolute, without any link on the way. */
  readonly root: string;
  write(file: string, content: string | Uint8Array): void;
  link(file: string, target: string): void;
  at(file: string): string;
}

export function openDisk(t: TestContext): Disk {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-installed-')));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const at = (file: string): string => path.join(root, file);
  const parent = (file: string): string => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    return at(file);
  };
  return {
    root,
    at,
    write: (file, content) => fs.writeFileSync(parent(file), content),
    link: (file, target) => fs.symlinkSync(target, parent(file)),
  };
}

/** `name -> id` or `name -> [id, kind]`; an id that begins with `importer:` is a workspace's path. */
export type Edges = Readonly<Record<string, string | readonly [id: string, kind: EdgeKind]>>;

function edgesOf(edges: Edges): readonly Edge[] {
  return Object.entries(edges).map(([name, target]) => {
    const [id, kind] = typeof target === 'string' ? ([target, 'prod'] as const) : target;
    const isImporter = id.startsWith('importer:');
    return {
      name,
      kind,
      spec: undefined,
      target: isImporter ? { type: 'importer', path: id.slice('importer:'.length) } : { type: 'entry', id },
      position: undefined,
    };
  });
}

export type EntryFacts = Partial<Omit<LockedPackage, 'edges' | 'flags'>> & {
  readonly edges?: Edges;
  readonly flags?: Partial<LockedPackage['flags']>;
};

export function entryOf(id: string, of: Packed | undefined, facts: EntryFacts = {}): LockedPackage {
  const { edges = {}, flags = {}, ...rest } = facts;
  return {
    id,
    name: of?.name ?? id,
    version: of?.version,
    aliases: [],
    source: { type: 'registry', url: undefined, namedRegistry: undefined },
    pin: { kind: 'none' },
    edges: edgesOf(edges),
    flags: { ...NO_FLAGS, ...flags },
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: undefined,
    ...rest,
  };
}

export function lockfileOf(
  format: LockfileFormat,
  entries: readonly LockedPackage[],
  importers: Readonly<Record<string, Edges>>,
): Lockfile {
  return {
    path: 'lockfile',
    format,
    formatVersion: '1',
    bytes: { length: 0, sha256: '', sha512: '' },
    entries,
    importers: Object.entries(importers).map(([home, edges]) => ({
      path: home,
      edges: edgesOf(edges),
      position: undefined,
    })),
    descriptors: new Map(),
    claims: { overrides: new Map(), packageExtensions: [], patches: new Map(), catalogs: new Map() },
    observations: [],
  };
}

/** The artifacts of entries, by id, and their lists. */
export function approvalOf(packed: Readonly<Record<string, Packed>>): Pick<InstalledRequest, 'artifacts' | 'fileList'> {
  const lists = new Map(Object.values(packed).map(({ sha512, list }) => [sha512, list]));
  const artifacts = Object.entries(packed).map(([id, { name, version, sha512 }]): ApprovedArtifact => ({
    name,
    version,
    purl: `pkg:npm/${name}@${version}`,
    registry: undefined,
    lockedUrl: undefined,
    sha512,
    entries: [id],
    path: ['.', `${name}@${version}`],
  }));
  return { artifacts, fileList: async ({ sha512 }) => lists.get(sha512) ?? [] };
}

export type Comparison = (change?: Partial<InstalledRequest>) => Promise<InstalledReport>;

export function comparisonOf(request: InstalledRequest): Comparison {
  return async (change = {}) => compareInstalled({ ...request, ...change });
}

/** `kind thing place/file` of every difference, and `? place` of what could not be decided. */
export function toldOf({ differences, undecided }: InstalledReport): readonly string[] {
  return [
    ...differences.map(
      ({ kind, thing, place, file }) => `${kind} ${thing} ${file === undefined ? place : `${place}/${file}`}`,
    ),
    ...undecided.map(({ place }) => `? ${place}`),
  ];
}
