import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovedScripts, HeldScripts, ScriptedPackage, ScriptOutcome } from '../../src/index.ts';
import { approvalEntry, failedFindings, heldFindings, refusedFindings } from '../../src/scripts/findings.ts';

const SHA = 'a'.repeat(64);
const scripted: ScriptedPackage = {
  entry: 'tool',
  directory: '/tool',
  name: 'tool',
  version: '1.2.0',
  commit: undefined,
  path: ['.', 'tool@1.2.0'],
  isOptional: false,
  scripts: { proof: 'tarball', names: ['preinstall', 'binding.gyp'], sha256: SHA },
  steps: [],
};
const permit = {} as ApprovedScripts['permit'];

describe('held scripts', () => {
  const held = (more: Partial<HeldScripts>): HeldScripts => ({ ...scripted, why: 'unlisted', ...more });

  test('a note that names package, path, scripts, digest and what to add', () => {
    const [finding] = heldFindings([held({})]);
    assert.equal(finding?.code, 'script-held');
    assert.equal(finding?.level, 'note');
    assert.equal(finding?.subject, 'tool@1.2.0');
    assert.deepEqual(finding?.path, ['.', 'tool@1.2.0']);
    assert.equal(finding?.found, `preinstall, binding.gyp: sha256 ${SHA}`);
    assert.match(finding?.fix ?? '', new RegExp(`\\{package: "tool@1.2.0", sha256: ${SHA}\\}`));
  });

  test('scripts that are others than those listed say so', () => {
    assert.match(heldFindings([held({ why: 'changed' })])[0]?.detail ?? '', /these are others/);
  });

  test('preparing a git dependency cannot be approved', () => {
    const scripts = { proof: 'tarball', names: ['prepare'], sha256: undefined } as const;
    const [finding] = heldFindings([held({ why: 'prepare', commit: 'c'.repeat(40), scripts })]);
    assert.equal(finding?.found, 'prepare');
    assert.doesNotMatch(finding?.fix ?? '', /allow/);
  });

  test('what is approved and lies in a zip has failed, and the package is to be unplugged', () => {
    const [finding] = heldFindings([held({ why: 'zipped' })]);
    assert.deepEqual([finding?.code, finding?.level], ['script-failed', 'error']);
    assert.match(finding?.fix ?? '', /"dependenciesMeta": \{"tool": \{"unplugged": true\}\}/);
    assert.equal(heldFindings([held({ why: 'zipped', isOptional: true })])[0]?.level, 'note');
  });

  test('a git dependency is approved by its commit', () => {
    assert.equal(
      approvalEntry({ ...scripted, commit: 'c'.repeat(40) }),
      `{package: "tool", commit: ${'c'.repeat(40)}}`,
    );
  });
});

describe('failed scripts', () => {
  const outcome = (result: ScriptOutcome['result'], more: Partial<ScriptOutcome> = {}): ScriptOutcome => ({
    package: { ...scripted, permit },
    result,
    writable: [],
    refusedHosts: [],
    unset: [],
    ...more,
  });
  const failed = { status: 'failed', reason: 'install: exit code 1' } as const;

  test('an error, with what it asked for in vain, and what was skipped for it', () => {
    const outcomes = [
      outcome({ status: 'done' }),
      outcome(failed, { refusedHosts: ['evil.test:443'] }),
      outcome({ status: 'skipped' }),
    ];
    const [finding, ...others] = failedFindings(outcomes);
    assert.deepEqual(others, []);
    assert.equal(finding?.level, 'error');
    assert.equal(finding?.found, 'install: exit code 1');
    assert.equal(
      finding?.detail,
      'It was not let through to evil.test:443. Of one package after it no script was run.',
    );
  });

  test('a script that ended well without the hosts it asked for is a warning, and no failure', () => {
    const outcomes = [
      outcome({ status: 'done' }, { refusedHosts: ['a.test:443', 'b.test:443'] }),
      outcome({ status: 'done' }),
    ];
    assert.deepEqual(failedFindings(outcomes), []);
    const [finding, ...others] = refusedFindings(outcomes);
    assert.deepEqual(
      [finding?.code, finding?.level, finding?.found],
      ['gate-refused', 'warn', 'a.test:443, b.test:443'],
    );
    assert.deepEqual(others, []);
    assert.deepEqual(refusedFindings([outcome(failed, { refusedHosts: ['a.test:443'] })]), []);
  });

  test('a note where the project can do without the package', () => {
    const [finding] = failedFindings([outcome(failed, { package: { ...scripted, permit, isOptional: true } })]);
    assert.equal(finding?.level, 'note');
    assert.match(finding?.detail ?? '', /optional dependency/);
  });
});
