import type { EvidenceSource, RegistryKey } from '@lockseal/core';
import { keysDocument } from '../sigstore/registry-key.ts';
import { createEvidenceSource } from './evidence-source.ts';
import { createFaultTable, type Fault, type FaultMatch } from './faults.ts';
import { lockNpm, type NpmLockfile, type ProjectManifest } from './lockfile.ts';
import { writeProjectFiles } from './project.ts';
import type { Published, Shelf } from './published.ts';
import { serveRegistry, type RegistryServer } from './serve-registry.ts';

/** A registry that can be looked at, served and broken. */
export interface RegistryView {
  /** Everything published, grouped by name. */
  packages(): readonly Published[];
  find(name: string, version: string): Published | undefined;
  /** Makes matching answers go wrong, of all servers of this registry; returns a function that ends it. */
  fault(match: FaultMatch, fault: Fault): () => void;
  clearFaults(): void;
  /** Answers 401 to every request without this bearer token; undefined opens the registry again. */
  requireToken(token: string | undefined): void;
  /** package-lock.json of version 3 for a project, from what was published. */
  lockfile(format: 'npm-v3', project: ProjectManifest, options?: LockfileOptions): NpmLockfile;
  /** Writes package.json, package-lock.json and .npmrc for a project that installs from `options.registry`. */
  writeProject(directory: string, project: ProjectManifest, options?: LockfileOptions): Promise<NpmLockfile>;
  /** The same evidence without HTTP (and without faults), through the port of `@lockseal/core`. */
  evidenceSource(): EvidenceSource;
  serve(): Promise<RegistryServer>;
}

export interface LockfileOptions {
  /** Base URL for `resolved`, with a trailing slash. Default: npm's public registry. */
  readonly registry?: string;
}

/** @param keys the keys in force, asked for at each request; with none, `/-/npm/v1/keys` answers 404 */
export function createRegistryView(shelf: Shelf, keys: () => readonly RegistryKey[]): RegistryView {
  const faults = createFaultTable();
  let token: string | undefined;
  const lockfile = (project: ProjectManifest, options: LockfileOptions = {}): NpmLockfile =>
    lockNpm(shelf, project, registryOf(options));
  return {
    packages: () => shelf.all(),
    find: (name, version) => shelf.get(name, version),
    fault: (match, fault) => faults.add(match, fault),
    clearFaults: () => faults.clear(),
    requireToken(required) {
      token = required;
    },
    lockfile: (_format, project, options) => lockfile(project, options),
    async writeProject(directory, project, options = {}) {
      const locked = lockfile(project, options);
      await writeProjectFiles(directory, { project, lockfile: locked, registry: registryOf(options), token });
      return locked;
    },
    evidenceSource: () => createEvidenceSource(shelf, keys),
    serve: () => {
      const document = (): object | undefined => (keys().length === 0 ? undefined : keysDocument(keys()));
      return serveRegistry({ shelf, faults, keys: document, token: () => token });
    },
  };
}

function registryOf(options: LockfileOptions): string {
  return options.registry ?? 'https://registry.npmjs.org/';
}
