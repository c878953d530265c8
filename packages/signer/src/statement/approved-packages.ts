import type { Evidence, Grade, PackageSet, PackageSetEntry } from '@lockseal/core';
import { GRADES } from '@lockseal/core';
import type { ApprovedIdentity, ApprovedPackage } from './types.ts';

/**
 * The package set with what verification found out about each artifact. Where several entries of the lockfile are one
 * artifact, the weakest grade counts; an artifact that no evidence speaks of is `unprovable`.
 */
export function approvedPackages(set: PackageSet, evidence: readonly Evidence[]): readonly ApprovedPackage[] {
  const byArtifact = new Map<string, Evidence[]>();
  for (const each of evidence) {
    for (const key of [keyOf(each.purl, each.sha512), keyOf(nameOf(each.purl), each.sha512)]) {
      byArtifact.set(key, [...(byArtifact.get(key) ?? []), each]);
    }
  }
  return set.document.packages.map((row) => describe(row, evidenceFor(row, byArtifact)));
}

/** Rows of git, file and tarball sources carry no version, so they are found by name. */
function evidenceFor(row: PackageSetEntry, known: ReadonlyMap<string, readonly Evidence[]>): readonly Evidence[] {
  const sha512 = row.digest !== null && 'sha512' in row.digest ? row.digest.sha512 : undefined;
  const purl = row.purl.split('?')[0] ?? '';
  return (
    known.get(keyOf(row.purl, sha512)) ?? known.get(keyOf(purl, sha512)) ?? known.get(keyOf(nameOf(purl), sha512)) ?? []
  );
}

function keyOf(purl: string, sha512: string | undefined): string {
  return `${purl}\n${sha512 ?? ''}`;
}

/** The purl without version and qualifiers. */
function nameOf(purl: string): string {
  const [path = ''] = purl.split('?');
  const at = path.lastIndexOf('@');
  return at > path.lastIndexOf('/') ? path.slice(0, at) : path;
}

function describe(row: PackageSetEntry, evidence: readonly Evidence[]): ApprovedPackage {
  const grade = evidence.map((each) => each.grade).reduce<Grade | undefined>(weaker, undefined) ?? 'unprovable';
  const identity = evidence.map(identityOf).find((found) => found !== undefined);
  const scripts = evidence
    .map(({ checks: { tarball } }) => tarball)
    .find((check) => check.status === 'verified')?.scripts;
  return {
    ...row,
    grade,
    ...(identity === undefined ? {} : { identity }),
    ...(scripts === undefined ? {} : { scripts }),
  };
}

function weaker(a: Grade | undefined, b: Grade): Grade {
  return a !== undefined && GRADES.indexOf(a) > GRADES.indexOf(b) ? a : b;
}

function identityOf({ checks: { provenance } }: Evidence): ApprovedIdentity | undefined {
  if (provenance.status !== 'verified') return undefined;
  const { issuer, repository, workflow } = provenance.identity;
  return { issuer, repository: repository ?? null, workflow: workflow ?? null };
}
