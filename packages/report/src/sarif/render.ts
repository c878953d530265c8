import { GRADES } from '@lockseal/core';
import { fileUri } from '../file-uri.ts';
import { fingerprints } from '../fingerprint.ts';
import { findingItem, itemsOf, itemText, type Item } from '../items.ts';
import { jsonText, type JsonInput } from '../json/text.ts';
import type { Report } from '../model.ts';
import { sanitize } from '../sanitize.ts';
import { exceptionText } from '../words.ts';
import { messageText } from './message.ts';
import { descriptorsOf, SARIF_LEVELS, type Descriptors } from './rules.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * SARIF 2.1.0 (OASIS Standard, errata 01): one run; findings are results, undecided entries and warnings about the run
 * are notifications of a tool execution that did not succeed. Same report, same bytes.
 */
export function renderSarif(report: Report): string {
  const items = itemsOf(report);
  const waived = (report.waived ?? []).map((one) => ({
    item: findingItem(one.finding),
    exception: exceptionText(one),
  }));
  const problems = items.filter(({ level }) => level !== 'undecided').map((item) => ({ item, exception: undefined }));
  const all = [...problems, ...waived];
  const descriptors = descriptorsOf([...items, ...waived.map(({ item }) => item)]);
  const prints = fingerprints(all.map(({ item }) => item));
  const results = all.map(({ item, exception }, index) => ({
    ...resultOf(item, { report, descriptors, fingerprint: prints[index] ?? '' }),
    suppressions: report.waived === undefined ? undefined : suppressions(exception),
  }));
  const run: JsonInput = {
    tool: { driver: driver(report, descriptors) },
    invocations: [invocation(report, items, descriptors)],
    artifacts: [artifact(report)],
    columnKind: 'utf16CodeUnits',
    results,
    properties: properties(report),
  };
  return jsonText({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, 2);
}

function driver({ tool }: Report, { rules, notifications }: Descriptors): JsonInput {
  return {
    name: tool.name,
    version: tool.version,
    semanticVersion: tool.version,
    rules: rules.list,
    notifications: notifications.list,
  };
}

interface ResultContext {
  readonly report: Report;
  readonly descriptors: Descriptors;
  readonly fingerprint: string;
}

function resultOf(
  item: Item,
  { report, descriptors, fingerprint }: ResultContext,
): { readonly [key: string]: JsonInput } {
  return {
    ruleId: item.code,
    ruleIndex: descriptors.rules.indexOf(item.code),
    level: SARIF_LEVELS[item.level],
    message: { text: messageText(itemText(item)) },
    locations: [location(report, item)],
    // The first is our own; the second is the only one that GitHub's code scanning reads.
    partialFingerprints: { 'lockseal/v1': fingerprint, primaryLocationLineHash: `${fingerprint}:1` },
  };
}

/** SARIF 3.35: either every result of a run tells of suppressions, or none does. */
function suppressions(exception: string | undefined): JsonInput {
  if (exception === undefined) return [];
  return [{ kind: 'external', status: 'accepted', justification: messageText(exception) }];
}

function location({ verification }: Report, { file, position, subject }: Item): JsonInput {
  const region = position === undefined ? { startLine: 1 } : { startLine: position.line, startColumn: position.column };
  const artifactLocation = file === undefined ? { ...place(verification.lockfile.path), index: 0 } : place(file);
  return {
    physicalLocation: { artifactLocation, region },
    logicalLocations: [{ name: subject, kind: 'package' }],
  };
}

function place(path: string): { readonly uri: string; readonly uriBaseId?: string } {
  return path.startsWith('/') ? { uri: fileUri(path) } : { uri: fileUri(path), uriBaseId: '%SRCROOT%' };
}

function invocation(report: Report, items: readonly Item[], { notifications }: Descriptors): JsonInput {
  const undecided = items.filter(({ level }) => level === 'undecided');
  return {
    executionSuccessful: undecided.length === 0,
    toolExecutionNotifications: [
      ...undecided.map((item) => ({
        descriptor: { id: item.code, index: notifications.indexOf(item.code) },
        level: SARIF_LEVELS[item.level],
        message: { text: messageText(itemText(item)) },
        locations: [location(report, item)],
      })),
      ...report.warnings.map((text) => ({ level: 'warning', message: { text: messageText(sanitize(text, 500)) } })),
    ],
  };
}

function artifact({ verification: { lockfile } }: Report): JsonInput {
  return {
    location: place(lockfile.path),
    roles: ['analysisTarget'],
    hashes: { 'sha-256': lockfile.sha256, 'sha-512': lockfile.sha512 },
  };
}

function properties({ verdict, verification, policy }: Report): JsonInput {
  const { counts, trust, verifiedAt } = verification;
  return {
    verdict,
    verifiedAt,
    entries: counts.entries,
    grades: Object.fromEntries(GRADES.map((grade) => [grade, counts.grades[grade]])),
    policy: policy && { name: sanitize(policy.name), origin: sanitize(policy.origin), sha256: policy.sha256 },
    baseline: verification.baseline && sanitize(verification.baseline.origin),
    trustedRoot: { origin: trust.root.origin, sha256: trust.root.sha256 },
  };
}
