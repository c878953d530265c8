import {
  GRADES,
  type Finding,
  type TrustSummary,
  type Undecided,
  type Verification,
  type WaivedFinding,
} from '@lockseal/core';
import type { Report } from '../model.ts';
import { evidenceJson } from './evidence.ts';
import { jsonText, type JsonInput } from './text.ts';

/** Names the shape; schema/report-v1.json defines it. A change that could break a reader gets a new name. */
export const REPORT_SCHEMA = 'https://lockseal.dev/schema/report/v1';

/** The report for programs. Same report, same bytes; texts are untrusted and unchanged. */
export function renderJson(report: Report): string {
  const { tool, verification, verdict, findings, undecided, warnings, durationMs } = report;
  const document: JsonInput = {
    schema: REPORT_SCHEMA,
    tool: { name: tool.name, version: tool.version },
    verdict,
    verifiedAt: verification.verifiedAt,
    durationMs: Math.round(durationMs),
    lockfile: lockfileJson(verification),
    counts: countsJson(verification),
    packageSet: { sha256: verification.packageSet.sha256, packages: verification.packageSet.packages },
    trust: trustJson(verification.trust),
    policy: policyJson(report.policy),
    baseline: verification.baseline?.origin,
    evidencePack: packJson(report.evidencePack),
    warnings,
    findings: findings.map(findingJson),
    waived: report.waived?.map(waivedJson),
    undecided: undecided.map(undecidedJson),
    evidence: verification.evidence.map(evidenceJson),
  };
  return jsonText(document, 2);
}

function lockfileJson({ lockfile }: Verification): JsonInput {
  const { path, format, formatVersion, sha256, sha512 } = lockfile;
  return { path, format, formatVersion, sha256, sha512 };
}

function countsJson({ counts }: Verification): JsonInput {
  const classes = Object.entries(counts.classes).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    entries: counts.entries,
    artifacts: counts.artifacts,
    classes: Object.fromEntries(classes),
    grades: Object.fromEntries(GRADES.map((grade) => [grade, counts.grades[grade]])),
  };
}

function trustJson({ root, keys }: TrustSummary): JsonInput {
  return {
    root: { origin: root.origin, sha256: root.sha256, asOf: root.asOf },
    keys: keys.map(({ registry, origin, keyids }) => ({ registry, origin, keyids })),
  };
}

function findingJson(finding: Finding): JsonInput {
  const { code, level, rule, subject, entry, path, position, file, dependency, expected, found, detail, fix } = finding;
  const where = { position: place(position), file };
  return { code, level, rule, subject, entry, path, ...where, dependency, expected, found, detail, fix };
}

function waivedJson({ finding, reason, who, expires }: WaivedFinding): JsonInput {
  return { finding: findingJson(finding), reason, who, expires };
}

function policyJson(policy: Report['policy']): JsonInput {
  return policy && { name: policy.name, sha256: policy.sha256, origin: policy.origin };
}

function packJson(pack: Report['evidencePack']): JsonInput {
  return pack && { sha256: pack.sha256, pinned: pack.isPinned };
}

function undecidedJson({ subject, entry, path, position, check, error, reason, fix }: Undecided): JsonInput {
  return { subject, entry, path, position: place(position), check, error, reason, fix };
}

function place(position: Finding['position']): JsonInput {
  return position === undefined ? undefined : { line: position.line, column: position.column };
}
