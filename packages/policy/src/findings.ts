import { toSpec, type Evidence, type Finding, type Level, type EntryOutline, type Observation } from '@lockseal/core';
import { fixFor } from './fix.ts';
import type { Facts } from './rules/rule.ts';

/** What somebody objects to, and at which level. */
export interface Judged {
  readonly observation: Observation;
  readonly level: Level;
  readonly rule: string | undefined;
  /** Instead of the fix of the code. */
  readonly fix?: string | undefined;
}

/** A finding, told so that a reader finds the place, the way to it, and what to do. */
export function toFinding(
  { observation, level, rule, fix }: Judged,
  evidence: Evidence | undefined,
  facts: Facts,
): Finding {
  const { code, entry: id, dependency, expected, found, detail } = observation;
  const entry = id === undefined ? undefined : facts.describe(id);
  // Told by the observation: the check itself names the URL where that is wrong, too.
  const told = [evidence?.checks.registry, ...(evidence?.observations ?? [])];
  const isDigestDisputed = told.some(
    (each) => each !== undefined && 'code' in each && each.code === 'integrity-mismatch',
  );
  return {
    code,
    level,
    subject: subjectOf(observation, entry),
    entry: id,
    path: pathOf(observation, facts),
    position: observation.position ?? entry?.position,
    dependency,
    expected,
    found,
    detail,
    fix:
      fix ??
      fixFor(observation, {
        entry,
        lockfile: facts.verification.lockfile,
        isDigestDisputed,
        signedDigest: evidence?.signedDigest,
      }),
    ...(rule === undefined ? {} : { rule }),
  };
}

function subjectOf({ importer }: Observation, entry: EntryOutline | undefined): string {
  return entry === undefined ? (importer ?? 'lockfile') : toSpec(entry.name, entry.version);
}

function pathOf({ entry, importer }: Observation, facts: Facts): readonly string[] | undefined {
  if (entry !== undefined) return facts.pathTo(entry);
  return importer === undefined ? undefined : [importer];
}
