import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { renderGitlab, type Report } from '@lockseal/report';
import { HOSTILE, hostileReport } from './hostile.ts';
import { empty, good, rich, undecided } from './sample.ts';

const text = { type: 'string', minLength: 1 } as const;

/**
 * What GitLab's reader of these reports holds each issue to: app/validators/json_schemas/codeclimate.json in GitLab's
 * own source. No package ships that file, and it is not copied here; these are its conditions.
 */
const readable = new Ajv2020({ strict: false, allErrors: true }).compile({
  type: 'array',
  items: {
    type: 'object',
    required: ['description', 'fingerprint', 'severity', 'location'],
    properties: {
      description: { type: 'string' },
      fingerprint: { type: 'string' },
      severity: { type: 'string' },
      location: {
        type: 'object',
        properties: {
          path: { type: 'string' },
          lines: { type: 'object', properties: { begin: { type: 'integer' } } },
        },
      },
    },
  },
});

/**
 * What https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format asks for beyond that: `check_name`, the
 * five severities, a place without `./`.
 */
const valid = new Ajv2020({ strict: true, allErrors: true }).compile({
  type: 'array',
  items: {
    type: 'object',
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    additionalProperties: false,
    properties: {
      description: text,
      check_name: { ...text, pattern: '^(?:[a-z0-9]+(?:-[a-z0-9]+)*|ERR_[A-Z_]+)$' },
      fingerprint: { ...text, pattern: '^[0-9a-f]{32}$' },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: {
        type: 'object',
        required: ['path', 'lines'],
        additionalProperties: false,
        properties: {
          path: { type: 'string', pattern: String.raw`^(?!\./)` },
          lines: {
            type: 'object',
            required: ['begin'],
            additionalProperties: false,
            properties: { begin: { type: 'integer', minimum: 1 } },
          },
        },
      },
    },
  },
});

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

function issuesOf(report: Report): Issue[] {
  const issues: Issue[] = JSON.parse(renderGitlab(report));
  assert.ok(readable(issues), JSON.stringify(readable.errors));
  assert.ok(valid(issues), JSON.stringify(valid.errors));
  return issues;
}

describe('GitLab code quality', () => {
  for (const [name, report] of Object.entries({ rich, good, undecided, empty })) {
    test(`${name} is valid, with one issue a finding or undecided entry`, () => {
      assert.equal(issuesOf(report).length, report.findings.length + report.undecided.length);
      assert.equal(renderGitlab(structuredClone(report)), renderGitlab(report));
    });
  }

  test('the conditions of the reader refuse what it refuses', () => {
    for (const issue of [{}, { description: 'x', fingerprint: 'x', severity: 1, location: {} }, 'x']) {
      assert.equal(readable([issue]), false);
    }
  });

  test('evidence against an entry blocks; what is undecided is more than a warning', () => {
    const severities = new Map(issuesOf(rich).map((issue) => [issue.check_name, issue.severity]));
    assert.deepEqual(Object.fromEntries(severities), {
      'edge-forged': 'blocker',
      'integrity-mismatch': 'blocker',
      ERR_TIMEOUT: 'major',
      'attestations-withheld': 'minor',
      'signature-missing': 'info',
    });
    const [finding = assert.fail()] = rich.findings;
    const [issue] = issuesOf({ ...rich, findings: [{ ...finding, code: 'git-source', level: 'error' }] });
    assert.equal(issue?.severity, 'critical');
  });

  test('fingerprints are unique: GitLab drops the second of two alike', () => {
    const issues = issuesOf({ ...rich, findings: [...rich.findings, ...rich.findings] });
    assert.equal(new Set(issues.map(({ fingerprint }) => fingerprint)).size, issues.length);
  });

  test('the path is as in a diff, without ./', () => {
    const { verification } = rich;
    const lockfile = { ...verification.lockfile, path: './apps/a b/yarn.lock' };
    const [issue] = issuesOf({ ...rich, verification: { ...verification, lockfile } });
    assert.deepEqual(issue?.location, { path: 'apps/a b/yarn.lock', lines: { begin: 47 } });
  });
});

describe('hostile text in GitLab code quality', () => {
  for (const [why, hostile] of HOSTILE) {
    test(why, () => {
      for (const { description, location } of issuesOf(hostileReport(hostile))) {
        assert.doesNotMatch(description + location.path, /(?! )[\p{C}\p{Z}\p{Bidi_Control}]|##\[/u);
        assert.ok(description.length < 5000);
      }
    });
  }
});
