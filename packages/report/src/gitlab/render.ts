import { FINDING_CODES, type FindingCode } from '@lockseal/core';
import { fingerprints } from '../fingerprint.ts';
import { itemsOf, itemText, type Item } from '../items.ts';
import { jsonText } from '../json/text.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';

type Severity = 'info' | 'minor' | 'major' | 'critical' | 'blocker';

/**
 * A GitLab Code Quality report: findings and undecided entries at lines of the lockfile. Warnings about the run have no
 * place in it. Same report, same bytes. https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function renderGitlab(report: Report): string {
  const items = itemsOf(report);
  const prints = fingerprints(items);
  const issues = items.map((item, index) => ({
    description: itemText(item).replaceAll('\n', ' | '),
    check_name: item.code,
    fingerprint: prints[index] ?? '',
    severity: severityOf(item),
    location: {
      // GitLab compares it with the paths of a diff, so it is no URI.
      path: sanitize(item.file ?? report.verification.lockfile.path, 1000).replace(/^(?:\.\/)+/, ''),
      lines: { begin: item.position?.line ?? 1 },
    },
  }));
  return jsonText(issues, 2);
}

function severityOf({ level, code }: Item): Severity {
  switch (level) {
    case 'error':
      return FINDING_CODES[code as FindingCode].contradicts ? 'blocker' : 'critical';
    case 'undecided':
      return 'major';
    case 'warn':
      return 'minor';
    case 'note':
      return 'info';
  }
}
