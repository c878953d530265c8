import type { DeclaredDependencies, Reach } from '@lockseal/core';
import type { ApprovedRequirements } from '../statement/types.ts';

/** What a manifest asks for, as approvals record it: empty members are left out. */
export function toRequirements(declared: DeclaredDependencies): ApprovedRequirements {
  const { dependencies, optionalDependencies, peerDependencies, optionalPeers, bundleDependencies, usesGyp } = declared;
  return {
    ...(dependencies.size === 0 ? {} : { dependencies: toObject(dependencies) }),
    ...(optionalDependencies.size === 0 ? {} : { optionalDependencies: toObject(optionalDependencies) }),
    ...(peerDependencies.size === 0 ? {} : { peerDependencies: toObject(peerDependencies) }),
    ...(optionalPeers.length === 0 ? {} : { optionalPeers }),
    ...(bundleDependencies.length === 0 ? {} : { bundleDependencies }),
    ...(usesGyp ? { usesGyp } : {}),
  };
}

export function fromRequirements(recorded: ApprovedRequirements): DeclaredDependencies {
  return {
    dependencies: toMap(recorded.dependencies),
    optionalDependencies: toMap(recorded.optionalDependencies),
    peerDependencies: toMap(recorded.peerDependencies),
    optionalPeers: recorded.optionalPeers ?? [],
    bundleDependencies: recorded.bundleDependencies ?? [],
    usesGyp: recorded.usesGyp ?? false,
  };
}

/** `prod`, `direct dev`…: how the project comes to the entries of an artifact, each way once, sorted. */
export function reachTexts(reach: readonly Reach[]): readonly string[] {
  return [...new Set(reach.map(({ direct, kind }) => (direct ? `direct ${kind}` : kind)))].sort();
}

function toObject(table: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries(table);
}

function toMap(table: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(table ?? {}));
}
