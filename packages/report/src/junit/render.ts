import type { EntryId, Evidence, Finding, Undecided } from '@lockseal/core';
import { findingItem, itemText, placeOf, undecidedItem } from '../items.ts';
import type { Report } from '../model.ts';
import { nameOf } from '../name-of.ts';
import { sanitize } from '../sanitize.ts';
import { exceptionText, verdictText } from '../words.ts';
import { element, xmlText, type XmlNode } from './xml.ts';

/**
 * JUnit XML as continuous integration reads it: one test case an entry, failed by findings at error level, in error
 * when undecided; one more for what concerns the lockfile as a whole. Warnings and notes are output of the suite. Valid
 * by Ant's schema and by Jenkins's. Same report, same bytes.
 */
export function renderJunit(report: Report): string {
  const cases = casesOf(report);
  const counts = {
    tests: cases.length,
    failures: cases.filter(({ outcome }) => outcome === 'failure').length,
    errors: cases.filter(({ outcome }) => outcome === 'error').length,
  };
  const { lockfile, verifiedAt } = report.verification;
  const attributes = {
    id: '0',
    package: 'lockseal',
    name: spaced(sanitize(lockfile.path)),
    // Ant's schema knows no zone and no fraction: it is UTC.
    timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(verifiedAt)?.[0] ?? '1970-01-01T00:00:00',
    hostname: 'localhost',
    ...counts,
    time: (report.durationMs / 1000).toFixed(3),
  };
  const suite = element('testsuite', attributes, [
    element('properties', {}, propertiesOf(report)),
    ...cases.map(({ node }) => node),
    element('system-out', {}, [xmlText(outputOf(report))]),
    element('system-err', {}, [xmlText(report.warnings.map((text) => sanitize(text, 500)).join('\n'))]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', {}, [suite])}\n`;
}

interface Case {
  readonly outcome: 'failure' | 'error' | 'passed';
  readonly node: XmlNode;
}

/** Errors and undecided entries by entry; what is about no entry under undefined. */
interface Problems {
  readonly findings: ReadonlyMap<EntryId | undefined, readonly Finding[]>;
  readonly undecided: ReadonlyMap<EntryId | undefined, readonly Undecided[]>;
}

function casesOf({ verification, findings, undecided }: Report): readonly Case[] {
  const known = new Set(verification.evidence.map(({ entry }) => entry));
  const ours = (entry: EntryId | undefined): EntryId | undefined =>
    entry !== undefined && known.has(entry) ? entry : undefined;
  const errors = findings.filter(({ level }) => level === 'error');
  const problems: Problems = {
    findings: Map.groupBy(errors, ({ entry }) => ours(entry)),
    undecided: Map.groupBy(undecided, ({ entry }) => ours(entry)),
  };
  const whole = caseOf({ name: 'lockfile', kind: 'lockfile' }, undefined, problems);
  return [whole, ...verification.evidence.map((one) => caseOf(aboutEntry(one), one.entry, problems))];
}

function aboutEntry(evidence: Evidence): { name: string; kind: string } {
  return { name: `${nameOf(evidence)} (${sanitize(evidence.entry)})`, kind: evidence.class };
}

function caseOf({ name, kind }: { name: string; kind: string }, entry: EntryId | undefined, problems: Problems): Case {
  const found = (problems.findings.get(entry) ?? []).map(findingItem);
  const unclear = (problems.undecided.get(entry) ?? []).map(undecidedItem);
  const items = [...found, ...unclear];
  const outcome = found.length > 0 ? 'failure' : unclear.length > 0 ? 'error' : 'passed';
  const attributes = { name: spaced(name), classname: `lockseal.${kind}`, time: '0' };
  const [first] = items;
  if (outcome === 'passed' || first === undefined) return { outcome, node: element('testcase', attributes) };
  const text = items.map((item) => `${item.code}\n${itemText(item)}`).join('\n\n');
  const problem = element(outcome, { type: first.code, message: first.title }, [xmlText(text)]);
  return { outcome, node: element('testcase', attributes, [problem]) };
}

/** `xs:token` collapses spaces, which sanitized text has no two of in a row; an empty name helps nobody. */
function spaced(name: string): string {
  return name.trim() === '' ? '(unnamed)' : name.trim();
}

function propertiesOf(report: Report): XmlNode[] {
  const { lockfile, counts, trust } = report.verification;
  const properties = {
    tool: `${report.tool.name} ${report.tool.version}`,
    verdict: report.verdict,
    'lockfile.sha256': lockfile.sha256,
    'trusted-root.sha256': trust.root.sha256,
    ...Object.fromEntries(Object.entries(counts.grades).map(([grade, number]) => [`grade.${grade}`, number])),
  };
  return Object.entries(properties).map(([name, value]) => element('property', { name, value }));
}

function outputOf(report: Report): string {
  const file = report.verification.lockfile.path;
  const lines = report.findings
    .filter(({ level }) => level !== 'error')
    .map(findingItem)
    .map((item) => `${item.level} ${item.code} ${item.subject} at ${placeOf(file, item)}: ${item.title}`);
  const waived = (report.waived ?? []).map(
    (one) => `waived ${one.finding.code} ${sanitize(one.finding.subject)}: ${exceptionText(one)}`,
  );
  return [verdictText(report), ...lines, ...waived].join('\n');
}
