import type { Finding } from '@lockseal/core';
import { installedFindings, type InstalledReport } from '@lockseal/gate';

/**
 * After a command of the user's own a package is missing which it did not install, on purpose or not; nobody but the user
 * knows, so it is told and is no error. A file that is missing in a package was left out by nobody.
 */
export function findingsOfOwnCommand(report: InstalledReport): readonly Finding[] {
  const leftOut = report.differences.filter(({ kind, thing }) => kind === 'missing' && thing === 'package');
  // What is not told could be anything.
  if (leftOut.length === 0 || report.untold > 0) return installedFindings(report);
  const others = report.differences.filter((each) => !leftOut.includes(each));
  return [
    ...installedFindings({ ...report, differences: others }),
    ...installedFindings({ ...report, differences: leftOut }).map(
      (finding) => ({ ...finding, level: 'note' }) as const,
    ),
  ];
}
