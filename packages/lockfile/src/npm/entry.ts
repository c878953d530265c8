import { NO_FLAGS, type EntryFlags, type Patch, type Position } from '@lockseal/core';
import type { StringMember } from '../json/fields.ts';
import type { Location } from './location.ts';

/** What both sections of an npm lockfile say of an entry, and what they are compared by. */
export interface TreeEntry {
  readonly location: Location;
  /** The real name, if the section says so: `name`, or the target of a v1 alias. */
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** `resolved`, or what stands in its place in the `version` of a v1 entry (a path or URL). */
  readonly resolved: string | undefined;
  readonly integrity: string | undefined;
  readonly link: boolean;
  readonly position: Position;
}

/** One entry of either section, its fields read and type-checked, nothing decided. */
export interface NpmEntry extends TreeEntry {
  readonly inBundle: boolean;
  readonly bundles: readonly string[];
  readonly dependencies: NpmDependencies;
  readonly flags: EntryFlags;
  readonly hasInstallScript: boolean | undefined;
  readonly deprecated: string | undefined;
  readonly patch: Patch | undefined;
  /** Selector of the package extension that was applied, if one was. */
  readonly extension: string | undefined;
}

export interface NpmDependencies {
  readonly prod: readonly StringMember[];
  readonly dev: readonly StringMember[];
  readonly optional: readonly StringMember[];
  readonly peer: readonly StringMember[];
  readonly optionalPeers: ReadonlySet<string>;
}

export const NO_NAMES: ReadonlySet<string> = new Set();

/** The real name of an entry. */
export function realName(entry: TreeEntry): string {
  return entry.name ?? entry.location.name;
}

/** Most entries have no flags at all, and share that. */
export function flagsOf(dev: boolean, optional: boolean, peer: boolean): EntryFlags {
  return dev || optional || peer ? { ...NO_FLAGS, dev, optional, peer } : NO_FLAGS;
}
