// What a policy adds to a report: itself, its own mistakes, its exceptions.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Finding } from '@lockseal/core';
import {
  renderGithub,
  renderGitlab,
  renderHtml,
  renderHuman,
  renderJson,
  renderJunit,
  renderMarkdown,
  renderSarif,
  type Report,
} from '@lockseal/report';
import { evidenceOf, locked, provenance, verificationOf } from '../../../test/support/verification.ts';

const tool = locked('tool', '1.2.0', 12);
const time = '2026-11-01T00:00:00.000Z';

const finding: Finding = {
  code: 'release-too-young',
  level: 'error',
  subject: 'tool@1.2.0',
  entry: tool.id,
  path: ['.', 'tool@1.2.0'],
  position: { line: 12, column: 5 },
  dependency: undefined,
  expected: 'published at least 3 days ago',
  found: '2 hours ago',
  detail: undefined,
  fix: 'Wait.',
  rule: 'release-age',
};

const leftover: Finding = {
  ...finding,
  code: 'waiver-unused',
  level: 'warn',
  subject: 'policy',
  entry: undefined,
  path: undefined,
  position: { line: 3, column: 7 },
  rule: 'policy-file',
  file: 'lockseal.yaml',
};

const evidence = evidenceOf(tool, {
  published: { publishedAt: time, publisher: 'alice', deprecated: undefined, license: 'MIT' },
  installScripts: { proof: 'registry', names: ['postinstall'], sha256: 'ab'.repeat(32) },
  reach: { direct: true, kind: 'prod' },
  change: 'changed',
  history: {
    status: 'verified',
    publishedAt: time,
    firstPublishedAt: time,
    silence: { from: time, to: time },
    earlierVersions: 3,
    earlierPublishers: ['alice'],
    previous: {
      version: '1.1.0',
      relation: 'locked',
      publishedAt: time,
      publisher: 'alice',
      provenance: { status: 'verified', ...provenance },
      installScripts: { proof: 'registry', names: [], sha256: undefined },
      contents: { files: 3, unpackedSize: 1000 },
    },
  },
});

const report: Report = {
  tool: { name: 'lockseal', version: '1.0.0' },
  verification: verificationOf([evidence], { baseline: { origin: 'package-lock.json at origin/main' } }),
  verdict: 'findings',
  findings: [leftover],
  undecided: [],
  waived: [{ finding, reason: 'a security fix', who: 'alice', expires: '2026-12-01T00:00:00.000Z' }],
  policy: { name: 'lockseal.yaml', sha256: 'cd'.repeat(32), origin: 'git ref origin/main' },
  warnings: [],
  durationMs: 5,
};

test('the JSON report holds to its schema, with all that rules look at', () => {
  const file = path.join(import.meta.dirname, '../schema/report-v1.json');
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(fs.readFileSync(file, 'utf8')));
  assert.ok(validate(JSON.parse(renderJson(report))), JSON.stringify(validate.errors));
  const json = JSON.parse(renderJson(report));
  assert.equal(json.policy.origin, 'git ref origin/main');
  assert.equal(json.baseline, 'package-lock.json at origin/main');
  assert.equal(json.findings[0].file, 'lockseal.yaml');
  assert.equal(json.waived[0].finding.rule, 'release-age');
  assert.equal(json.evidence[0].history.previous.version, '1.1.0');
});

test('a reader sees the policy, the exceptions, and places in the policy file', () => {
  const text = renderHuman(report, { columns: 100 });
  assert.match(text, /^policy +lockseal.yaml from git ref origin\/main, sha256:cdcdcdcdcdcdcdcd$/m);
  assert.match(text, /^baseline +package-lock.json at origin\/main$/m);
  assert.match(text, /^1 finding waived$/m);
  assert.match(text, /^ {2}tool@1.2.0 {2}release-too-young$/m);
  assert.match(text, /^ {4}alice, until 2026-12-01: a security fix$/m);
  assert.match(text, /^ {2}policy {2}lockseal\.yaml:3:7$/m);
  assert.doesNotMatch(text, /package-lock.json:3:7/);
});

describe('exceptions and places in the policy file, in other formats', () => {
  test('SARIF: suppressed, with the reason; and the place is in its own file', () => {
    const { results } = JSON.parse(renderSarif(report)).runs[0];
    assert.deepEqual(
      results.map(({ ruleId, suppressions }: { ruleId: string; suppressions: unknown }) => [ruleId, suppressions]),
      [
        ['waiver-unused', []],
        [
          'release-too-young',
          [{ kind: 'external', status: 'accepted', justification: 'alice, until 2026-12-01: a security fix' }],
        ],
      ],
    );
    const { artifactLocation, region } = results[0].locations[0].physicalLocation;
    assert.deepEqual(artifactLocation, { uri: 'lockseal.yaml', uriBaseId: '%SRCROOT%' });
    assert.deepEqual(region, { startLine: 3, startColumn: 7 });
  });

  const shown: readonly (readonly [format: string, text: string, patterns: readonly RegExp[]])[] = [
    [
      'Markdown',
      renderMarkdown(report),
      [
        /<summary>1 finding waived</,
        /`release-too-young` `tool@1\.2\.0`: alice, until `2026-12-01`: a security fix/,
        /policy: `lockseal\.yaml` from git ref `origin\/main`/,
        /`policy` at `lockseal\.yaml:3:7`/,
      ],
    ],
    ['GitHub', renderGithub(report), [/^::warning file=lockseal\.yaml,line=3,col=7,/]],
    ['GitLab', renderGitlab(report), [/"path": "lockseal\.yaml",\s+"lines": \{\s+"begin": 3/]],
    [
      'JUnit',
      renderJunit(report),
      [/warn waiver-unused policy at lockseal\.yaml:3:7/, /waived release-too-young tool@1\.2\.0: alice/],
    ],
    [
      'HTML',
      renderHtml(report),
      [/Waived \(1\)/, /tool@1\.2\.0: alice, until 2026-12-01: a security fix/, /"place":"lockseal\.yaml:3:7"/],
    ],
  ];
  for (const [format, text, patterns] of shown) {
    test(format, () => {
      for (const pattern of patterns) assert.match(text, pattern);
    });
  }
});

test('without a policy nothing of it is shown', () => {
  const { policy: _, waived: __, ...plain } = { ...report, verification: verificationOf([]) };
  const text = renderHuman({ ...plain, findings: [] }, { columns: 100 });
  assert.doesNotMatch(text, /policy|baseline|waived/);
});
