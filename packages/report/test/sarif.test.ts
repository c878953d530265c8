import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import Ajv from 'ajv-draft-04';
import { ERROR_CODES, FINDING_CODES, type ErrorCode, type FindingCode } from '@lockseal/core';
import { renderSarif, type Report } from '@lockseal/report';
import { HOSTILE, hostileReport } from './hostile.ts';
import { empty, good, rich, undecided } from './sample.ts';

const schema: object = JSON.parse(
  fs.readFileSync(
    createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'),
    'utf8',
  ),
);
const uri = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-F]{2})*$/;
const ajv = new Ajv.default({
  strict: false,
  // A pattern of the schema is no valid regular expression in Unicode mode.
  unicodeRegExp: false,
  allErrors: true,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': uri,
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  },
});
const valid = ajv.compile(schema);

interface Located {
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
      readonly region: { readonly startLine: number; readonly startColumn?: number };
    };
  }[];
}

interface Rule {
  readonly id: string;
  readonly help: { readonly text: string };
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly Rule[]; readonly notifications: readonly Rule[] } };
  readonly invocations: readonly {
    readonly executionSuccessful: boolean;
    readonly toolExecutionNotifications: readonly (Located & {
      level: string;
      descriptor?: { id: string; index: number };
    })[];
  }[];
  readonly results: readonly (Located & {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly partialFingerprints: Readonly<Record<string, string>>;
  })[];
}

function runOf(report: Report): Run {
  const log: { runs: [Run] } = JSON.parse(renderSarif(report));
  assert.ok(valid(log), ajv.errorsText(valid.errors));
  return log.runs[0];
}

describe('SARIF', () => {
  for (const [name, report] of Object.entries({ rich, good, undecided, empty })) {
    test(`${name} is valid, and the same bytes each time`, () => {
      runOf(report);
      assert.equal(renderSarif(structuredClone(report)), renderSarif(report));
    });
  }

  test('the schema refuses what is not SARIF', () => {
    const log = JSON.parse(renderSarif(rich));
    log.runs[0].results[0].level = 'fatal';
    assert.equal(valid(log), false);
  });

  test('each finding is a result at its level, at its line of the lockfile', () => {
    const { results } = runOf(rich);
    assert.deepEqual(results.map(({ ruleId, level }) => [ruleId, level]).slice(0, 4), [
      ['edge-forged', 'error'],
      ['integrity-mismatch', 'error'],
      ['attestations-withheld', 'warning'],
      ['signature-missing', 'note'],
    ]);
    assert.equal(results.length, rich.findings.length);
    assert.deepEqual(results[0]?.locations[0]?.physicalLocation, {
      artifactLocation: { uri: 'package-lock.json', uriBaseId: '%SRCROOT%', index: 0 },
      region: { startLine: 47, startColumn: 9 },
    });
  });

  test('rules are those in use, each with help', () => {
    const { results, tool } = runOf(rich);
    for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId);
    assert.deepEqual(new Set(tool.driver.rules.map(({ id }) => id)), new Set(results.map(({ ruleId }) => ruleId)));
  });

  test('every code of both tables makes a valid descriptor with help', () => {
    const [finding = assert.fail()] = rich.findings;
    const [entry = assert.fail()] = rich.undecided;
    const { tool } = runOf({
      ...rich,
      findings: Object.keys(FINDING_CODES).map((code) => ({ ...finding, code: code as FindingCode })),
      undecided: Object.keys(ERROR_CODES).map((error) => ({ ...entry, error: error as ErrorCode })),
    });
    assert.equal(tool.driver.rules.length, Object.keys(FINDING_CODES).length);
    assert.equal(tool.driver.notifications.length, Object.keys(ERROR_CODES).length);
    for (const { id, help } of [...tool.driver.rules, ...tool.driver.notifications]) {
      assert.ok(help.text.length > 20, id);
      assert.match(help.text, new RegExp(`lockseal explain ${id}, or docs/(?:findings|errors)\\.md`));
    }
  });

  test('undecided entries and warnings are notifications; only the former fail the execution', () => {
    const [invocation] = runOf(undecided).invocations;
    assert.equal(invocation?.executionSuccessful, false);
    const [notification] = invocation.toolExecutionNotifications;
    assert.equal(notification?.descriptor?.id, 'ERR_TIMEOUT');
    assert.equal(notification.level, 'error');
    assert.match(notification.message.text, /^ms@2\.0\.0: Could not be decided/);
    const warned = runOf({ ...good, warnings: ['stale'] }).invocations[0];
    assert.equal(warned?.executionSuccessful, true);
    assert.deepEqual(warned.toolExecutionNotifications, [{ level: 'warning', message: { text: 'stale' } }]);
  });

  test('a finding without a position is at the first line', () => {
    const [finding = assert.fail()] = rich.findings;
    const run = runOf({ ...rich, findings: [{ ...finding, position: undefined }] });
    assert.deepEqual(run.results[0]?.locations[0]?.physicalLocation.region, { startLine: 1 });
  });

  const paths: readonly (readonly [path: string, uri: string, base: string | undefined])[] = [
    ['package-lock.json', 'package-lock.json', '%SRCROOT%'],
    ['apps/a b/yarn.lock', 'apps/a%20b/yarn.lock', '%SRCROOT%'],
    ['../x/#?%.lock', '../x/%23%3F%25.lock', '%SRCROOT%'],
    ['/srv/x.lock', 'file:///srv/x.lock', undefined],
    ['javascript:alert(1)', 'javascript%3Aalert%281%29', '%SRCROOT%'],
  ];
  for (const [path, expected, base] of paths) {
    test(`the path ${path} is the address ${expected}`, () => {
      const { verification } = rich;
      const run = runOf({
        ...rich,
        verification: { ...verification, lockfile: { ...verification.lockfile, path } },
      });
      const found = run.results[0]?.locations[0]?.physicalLocation.artifactLocation;
      assert.deepEqual([found?.uri, found?.uriBaseId], [expected, base]);
    });
  }
});

describe('fingerprints', () => {
  const of = (report: Report): (string | undefined)[] =>
    runOf(report).results.map(({ partialFingerprints }) => partialFingerprints['lockseal/v1']);
  const [finding = assert.fail()] = rich.findings;
  const [print] = of({ ...rich, findings: [finding] });
  const same = { position: { line: 900, column: 1 }, found: 'other', fix: 'other', detail: undefined } as const;

  test('are unique, and GitHub gets them in its own member', () => {
    const prints = of({ ...rich, findings: [...rich.findings, ...rich.findings] });
    assert.equal(new Set(prints).size, 2 * rich.findings.length);
    const [result] = runOf(rich).results;
    assert.equal(result?.partialFingerprints['primaryLocationLineHash'], `${of(rich)[0]}:1`);
  });

  for (const [member, value] of Object.entries(same)) {
    test(`stay when ${member} changes`, () => {
      assert.deepEqual(of({ ...rich, findings: [{ ...finding, [member]: value }] }), [print]);
    });
  }

  for (const [member, value] of Object.entries({
    code: 'edge-unsatisfied',
    subject: 'x',
    entry: 'x',
    dependency: 'x',
  })) {
    test(`change with ${member}`, () => {
      assert.notDeepEqual(of({ ...rich, findings: [{ ...finding, [member]: value }] }), [print]);
    });
  }

  test('do not confuse texts that only look alike', () => {
    const a = of({ ...rich, findings: [{ ...finding, subject: 'a\u202E' }] });
    assert.notDeepEqual(of({ ...rich, findings: [{ ...finding, subject: 'a<U+202E>' }] }), a);
  });
});

describe('hostile text in SARIF', () => {
  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const run = runOf(hostileReport(text));
      const messages = [...run.results, ...run.invocations.flatMap((one) => one.toolExecutionNotifications)];
      for (const { message, locations = [] } of messages) {
        assert.doesNotMatch(message.text, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|\]\(|\{\d|^::|##\[/mu);
        assert.ok(message.text.length < 5000);
        for (const one of locations) assert.match(one.physicalLocation.artifactLocation.uri, uri);
      }
      assert.equal(run.results.length, 5);
    });
  }
});
