// `lockseal verify --format` from the command line, and the examples of docs/reports.md, which are what is printed:
// LOCKSEAL_UPDATE_DOCS=1 writes them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { renderReport, REPORT_FORMATS, type Report, type ReportFormat } from '@lockseal/report';
import { rich } from '../packages/report/test/sample.ts';
import { runCli, type CliRun } from './support/run-cli.ts';
import { verificationOf } from './support/verification.ts';

const lockfile = {
  name: 'shop',
  version: '1.0.0',
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': { name: 'shop', version: '1.0.0', dependencies: { ms: '2.0.0' } },
    'node_modules/ms': {
      version: '2.0.0',
      resolved: 'http://registry.npmjs.org/ms/-/ms-2.0.0.tgz',
      integrity: `sha512-${'A'.repeat(86)}==`,
    },
  },
};
/** A name that a folder may have, and that no report may take for more than a name. */
const HOSTILE_FOLDER = '<img src=x onerror=alert(1)> ::error::x @octocat [a](b) ]]> \u202E\u001B[2J';

let folder: string;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-formats-'));
  for (const inner of ['.', HOSTILE_FOLDER]) {
    fs.mkdirSync(path.join(folder, inner), { recursive: true });
    fs.writeFileSync(path.join(folder, inner, 'package-lock.json'), JSON.stringify(lockfile, null, 2));
    fs.writeFileSync(path.join(folder, inner, 'package.json'), JSON.stringify(lockfile.packages['']));
  }
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

function verify(
  format: ReportFormat,
  { target = '.', args = [], env = {} }: { target?: string; args?: string[]; env?: Record<string, string> } = {},
): Promise<CliRun> {
  return runCli(['verify', target, '--offline', '--no-cache', `--format=${format}`, ...args], { cwd: folder, env });
}

const starts: Readonly<Record<ReportFormat, RegExp>> = {
  human: /^package-lock\.json\n/,
  json: /^\{\n {2}"schema": "https:\/\/lockseal\.dev\/schema\/report\/v1"/,
  sarif: /^\{\n {2}"\$schema": "https:\/\/docs\.oasis-open\.org\/sarif\//,
  markdown: /^### lockseal: Undecided: /,
  github: /^::error file=package-lock\.json,line=\d+,col=\d+,title=lockseal%3A ERR_OFFLINE::/,
  gitlab: /^\[\n {2}\{\n {4}"description": "ms@2\.0\.0: Could not be decided/,
  junit: /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites><testsuite id="0" package="lockseal"/,
  html: /^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy"/,
};

describe('lockseal verify --format', () => {
  for (const format of REPORT_FORMATS) {
    test(`${format} is printed or written to a file, with the exit code of the verdict`, async () => {
      const printed = await verify(format);
      assert.deepEqual([printed.exitCode, printed.stderr], [3, '']);
      assert.match(printed.stdout, starts[format]);
      const file = path.join(folder, `report.${format}`);
      const written = await verify(format, { args: ['--output', file] });
      assert.deepEqual([written.exitCode, written.stdout], [3, '']);
      assert.match(fs.readFileSync(file, 'utf8'), starts[format]);
    });

    test(`${format} takes a folder's name for a name`, async () => {
      const { stdout } = await verify(format, { target: HOSTILE_FOLDER });
      assert.doesNotMatch(stdout, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]/u);
      if (['junit', 'markdown', 'html'].includes(format))
        assert.doesNotMatch(stdout.replaceAll(/`[^`\n]*`/g, ''), /<img/);
    });
  }

  test('--json contradicts another format', async () => {
    const { exitCode, stderr } = await verify('sarif', { args: ['--json'] });
    assert.equal(exitCode, 2);
    assert.match(stderr, /--json and --format=sarif contradict each other/);
  });
});

describe('the step summary', () => {
  test('is added to what the step has written already', async () => {
    const file = path.join(folder, 'summary.md');
    fs.writeFileSync(file, 'before\n');
    const { stdout } = await verify('github', { env: { GITHUB_STEP_SUMMARY: file } });
    assert.doesNotMatch(stdout, /### lockseal/);
    assert.match(fs.readFileSync(file, 'utf8'), /^before\n### lockseal: Undecided: [\s\S]*<\/details>\n\n$/);
  });

  for (const env of [{}, { GITHUB_STEP_SUMMARY: '' }]) {
    test(`is not written where none is asked for: ${JSON.stringify(env)}`, async () => {
      const names = fs.readdirSync(folder);
      assert.equal((await verify('github', { env })).exitCode, 3);
      assert.deepEqual(fs.readdirSync(folder), names);
    });
  }

  test('belongs to the format github alone', async () => {
    const file = path.join(folder, 'other.md');
    await verify('json', { env: { GITHUB_STEP_SUMMARY: file } });
    assert.equal(fs.existsSync(file), false);
  });

  test('that cannot be written is an error', async () => {
    const { exitCode, stderr } = await verify('github', { env: { GITHUB_STEP_SUMMARY: path.join(folder, 'no', 'x') } });
    assert.equal(exitCode, 2);
    assert.match(stderr, /ERR_OUTPUT[\s\S]*GITHUB_STEP_SUMMARY/);
  });
});

describe('docs/reports.md', () => {
  const file = path.join(import.meta.dirname, '../docs/reports.md');
  const { verification } = rich;
  const documented: Report = {
    ...rich,
    findings: rich.findings.slice(0, 1),
    verification: verificationOf(verification.evidence.slice(1, 3)),
  };

  test('has a section a format', () => {
    const headings = fs.readFileSync(file, 'utf8').matchAll(/^## ([a-z]+)$/gm);
    assert.deepEqual(
      Array.from(headings, ([, name]) => name),
      REPORT_FORMATS,
    );
  });

  test('shows what is printed', () => {
    const text = fs.readFileSync(file, 'utf8');
    const wanted = text.replaceAll(
      /(<!-- example: ([a-z]+) -->\n)(?:\n(`{3,})\n[\s\S]*?\n\3\n)?/g,
      (_all, marker: string, format: ReportFormat) => `${marker}\n\`\`\`\`\n${example(documented, format)}\n\`\`\`\`\n`,
    );
    if (process.env['LOCKSEAL_UPDATE_DOCS'] === '1') fs.writeFileSync(file, wanted);
    assert.equal(text, wanted, 'LOCKSEAL_UPDATE_DOCS=1 writes what is printed');
  });

  /** The report, or the part of it that docs/reports.md says it shows. */
  function example(report: Report, format: ReportFormat): string {
    const text = renderReport(report, format, { columns: 100 }).trimEnd();
    if (format === 'junit') {
      const evidence = report.verification.evidence.slice(0, 1);
      const one = renderReport({ ...report, undecided: [], verification: verificationOf(evidence) }, format).trimEnd();
      return one.replaceAll(/(?<=>)(?=<(?!\/testcase|\/property>|\/system))/g, '\n');
    }
    if (format !== 'sarif') return text;
    return JSON.stringify(
      JSON.parse(text, (key, value) => (key === 'rules' || key === 'notifications' ? undefined : value)),
      null,
      2,
    );
  }
});
