import type { CheckResult, Evidence, Finding, Identity } from '@lockseal/core';
import { count, hanging } from '../layout.ts';
import type { Report } from '../model.ts';
import { nameOf } from '../name-of.ts';
import { ORIGINS } from '../origins.ts';
import { sanitize } from '../sanitize.ts';
import type { HumanOptions } from './options.ts';

/** Every decision, one entry after the other: its grade and why, what was checked against which key, log or identity. */
export function decisionLines(report: Report, options: HumanOptions): string[] {
  if (!options.verbose) return [];
  const { evidence } = report.verification;
  const byEntry = Map.groupBy(report.findings, ({ entry }) => entry);
  const entries = evidence.flatMap((one) => entryLines(one, byEntry.get(one.entry) ?? [], options));
  return ['', options.style.paint('heading', `${count(evidence.length, 'decision')}`), ...entries];
}

function entryLines(evidence: Evidence, findings: readonly Finding[], { style, columns }: HumanOptions): string[] {
  const { grade, reason, entry } = evidence;
  const judged = findings.map(({ level, code }) => `${level} ${code}`);
  const rows = [
    ['grade', `${grade}: ${sanitize(reason, 500)}`],
    ...checkRows(evidence),
    ['policy', judged.length === 0 ? 'has nothing against it' : judged.join(', ')],
  ] as const;
  return [
    '',
    `${style.paint('name', nameOf(evidence))}  ${sanitize(entry, 300)}`,
    ...rows.flatMap(([label, text]) =>
      hanging(`  ${label.padEnd(11)} `, text, columns, (prefix) => style.paint('faint', prefix)),
    ),
  ];
}

type Row = readonly [label: string, text: string];

/** In the order in which the checks are made (docs/verification.md). */
function checkRows({ checks, carried }: Evidence): readonly Row[] {
  const { integrity, registry, signature, publishAttestation, provenance, edges, tarball } = checks;
  const vouched: readonly Row[] =
    carried === undefined
      ? []
      : [['carried', `sequence ${carried.origin.sequence}, approved ${carried.origin.approvedAt}`]];
  return [
    ...vouched,
    ['integrity', resultText(integrity, ({ algorithm }) => algorithm)],
    ['registry', resultText(registry, ({ url }) => `the same digest and URL: ${sanitize(url, 300)}`)],
    ['signature', resultText(signature, ({ keyid, keyOrigin }) => `key ${sanitize(keyid)} ${ORIGINS[keyOrigin]}`)],
    [
      'publish',
      resultText(publishAttestation, ({ keyid, loggedAt }) => {
        const when = loggedAt === undefined ? 'at a time that no log tells' : `logged ${loggedAt}`;
        return `key ${sanitize(keyid)}, ${when}`;
      }),
    ],
    [
      'provenance',
      resultText(provenance, ({ identity, signedAt, logIndex }) => {
        const log = logIndex === undefined ? 'no log entry' : `log entry ${sanitize(logIndex)}`;
        return `${identityText(identity)}; signed ${signedAt}, ${log}`;
      }),
    ],
    ['edges', resultText(edges, ({ compared, proof }) => `${count(compared, 'edge')} compared, by ${proof}`)],
    [
      'tarball',
      resultText(tarball, ({ size, files, scripts }) => {
        const run = scripts.length === 0 ? 'no install script' : scripts.map((name) => sanitize(name)).join(', ');
        return `${count(files, 'file')}, ${size} bytes, ${run}`;
      }),
    ],
  ];
}

function resultText<Verified extends object>(
  check: CheckResult<Verified>,
  verified: (facts: Verified) => string,
): string {
  switch (check.status) {
    case 'verified':
      return verified(check);
    case 'invalid':
      return `invalid, ${check.code}: ${sanitize(check.reason, 500)}`;
    case 'unavailable':
      return `could not be looked at, ${check.error}: ${sanitize(check.reason, 500)}`;
    case 'absent':
    case 'not-applicable':
      return `${check.status === 'absent' ? 'absent' : 'not applicable'}: ${sanitize(check.reason, 500)}`;
  }
}

function identityText({ repository, san, workflow, ref, trigger, runnerEnvironment }: Identity): string {
  const said = repository === undefined ? [san] : [repository, workflow, ref, trigger, runnerEnvironment];
  return said.flatMap((text) => (text === undefined ? [] : [sanitize(text, 300)])).join(', ');
}
