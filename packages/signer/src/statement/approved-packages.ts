import type { CarriedOrigin, Evidence, Grade, PackageSet, PackageSetEntry } from '@lockseal/core';
import { GRADES } from '@lockseal/core';
import { reachTexts, toRequirements } from '../carry/recorded.ts';
import { REGISTRY_SIGNATURE, type ApprovedIdentity, type ApprovedPackage, type PackageRecord } from './types.ts';

/**
 * The package set with what verification found out about each artifact. Where several entries of the lockfile are one
 * artifact, the weakest grade counts; an artifact that no evidence speaks of is `unprovable`.
 */
export function approvedPackages(set: PackageSet, evidence: readonly Evidence[]): readonly ApprovedPackage[] {
  const find = evidenceFinder(evidence);
  const origins = originsOf(evidence);
  return set.document.packages.map((row) => describe(row, find(row), origins));
}

/** Finds what there is about an artifact, by any of its entries. */
function evidenceFinder(evidence: readonly Evidence[]): (row: PackageSetEntry) => readonly Evidence[] {
  const byArtifact = new Map<string, Evidence[]>();
  for (const each of evidence) {
    for (const key of [keyOf(each.purl, each.sha512), keyOf(nameOf(each.purl), each.sha512)]) {
      byArtifact.set(key, [...(byArtifact.get(key) ?? []), each]);
    }
  }
  return (row) => evidenceFor(row, byArtifact);
}

/** The approvals from which evidence was carried, each once, by rising sequence. */
export function originsOf(evidence: readonly Evidence[]): readonly CarriedOrigin[] {
  const origins = new Map(
    evidence.flatMap(({ carried }) => (carried ? [[carried.origin.sha256, carried.origin]] : [])),
  );
  return [...origins.values()].toSorted((a, b) => a.sequence - b.sequence || (a.sha256 < b.sha256 ? -1 : 1));
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

function describe(
  row: PackageSetEntry,
  evidence: readonly Evidence[],
  origins: readonly CarriedOrigin[],
): ApprovedPackage {
  const grade = evidence.map((each) => each.grade).reduce<Grade | undefined>(weaker, undefined) ?? 'unprovable';
  const identity = evidence.map(identityOf).find((found) => found !== undefined);
  const scripts = evidence.map(scriptsOf).find((found) => found !== undefined);
  return {
    ...row,
    grade,
    ...(identity === undefined ? {} : { identity }),
    ...(scripts === undefined ? {} : { scripts }),
    ...originFor(evidence, origins),
    ...signedDigestFor(row, evidence),
  };
}

/** Where the lockfile binds nothing, what the registry signs; of entries that are one artifact all must say the same. */
function signedDigestFor(
  { digest, source }: PackageSetEntry,
  evidence: readonly Evidence[],
): Pick<ApprovedPackage, 'signedDigest'> {
  if (digest !== null || source !== 'registry') return {};
  const [sha512, ...others] = new Set(evidence.filter((each) => each.class === 'registry').map(signedSha512));
  return sha512 === undefined || others.length > 0 ? {} : { signedDigest: { sha512, source: REGISTRY_SIGNATURE } };
}

/** Lower-case hex. What speaks against a package leaves nothing to be bound to. */
export function signedSha512({ grade, signedDigest }: Evidence): string | undefined {
  return grade !== 'contradicted' && signedDigest?.status === 'verified' ? signedDigest.sha512 : undefined;
}

/** For each package of the set what a later approval needs to know; of what proved nothing it looks again anyway. */
export function packageRecords(set: PackageSet, evidence: readonly Evidence[]): readonly (PackageRecord | null)[] {
  const find = evidenceFinder(evidence);
  return set.document.packages.map((row) => recordFor(find(row)));
}

function recordFor(evidence: readonly Evidence[]): PackageRecord | null {
  const requires = evidence.find((each) => each.requires !== undefined)?.requires;
  const isProved = evidence.every(({ grade }) => grade !== 'unprovable' && grade !== 'contradicted');
  if (requires === undefined || !isProved) return null;
  const reach = reachTexts(evidence.flatMap((each) => each.reach ?? []));
  const isUsual = reach.length === 1 && reach[0] === 'prod';
  return { requires: toRequirements(requires), ...(isUsual ? {} : { reach }) };
}

function originFor(evidence: readonly Evidence[], origins: readonly CarriedOrigin[]): Pick<ApprovedPackage, 'carried'> {
  const found = evidence.find(({ carried }) => carried !== undefined)?.carried;
  return found === undefined ? {} : { carried: origins.findIndex(({ sha256 }) => sha256 === found.origin.sha256) };
}

function scriptsOf({ checks: { tarball }, carried }: Evidence): readonly string[] | undefined {
  return tarball.status === 'verified' ? tarball.scripts : carried?.scripts;
}

function weaker(a: Grade | undefined, b: Grade): Grade {
  return a !== undefined && GRADES.indexOf(a) > GRADES.indexOf(b) ? a : b;
}

export function identityOf({ checks: { provenance }, carried }: Evidence): ApprovedIdentity | undefined {
  if (provenance.status !== 'verified') return carried?.identity;
  const { issuer, repository, workflow } = provenance.identity;
  return { issuer, repository: repository ?? null, workflow: workflow ?? null };
}
