// An entry that could not be decided: which check is told, and what to do about it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CheckName, ErrorCode, Evidence, LockedPackage, Undecided } from '@lockseal/core';
import { judge, type Case } from './support/judge.ts';

const failed = (error: ErrorCode, reason: string = 'because') => ({ status: 'unavailable', error, reason }) as const;
const absent = (reason: string) => ({ status: 'absent', reason }) as const;
const notApplicable = (reason: string) => ({ status: 'not-applicable', reason }) as const;

async function undecided(given: Partial<Case>): Promise<readonly Undecided[]> {
  return (await judge({ why: '', policy: '{}', says: [], ...given })).undecided;
}

describe('what to do', () => {
  const AGAIN = 'Run again when the registry answers.';
  const ROOT = 'Run again where the trusted root can be refreshed, or give one with --trusted-root.';
  const steps: Partial<Readonly<Record<ErrorCode, string>>> = {
    ERR_NETWORK: AGAIN,
    ERR_TIMEOUT: AGAIN,
    ERR_HTTP: AGAIN,
    ERR_KEYS: ROOT,
    ERR_TRUSTED_ROOT: ROOT,
    ERR_TUF: ROOT,
    ERR_OFFLINE: 'Run again without --offline, or once where the network is, so that the cache holds the evidence.',
    ERR_HOST_REFUSED: 'If the host is yours, name it as a registry in .npmrc; if not, find out who wrote it there.',
    ERR_AUTH: "Give the registry's credentials in .npmrc, then run again.",
    ERR_UNBOUND: 'Run again without --no-tarballs, or lock again with sha512 integrity.',
    // Of no other one more is known than its page says.
    ERR_RESPONSE_INVALID: 'Mend what the reason names, then run again; see `lockseal explain ERR_RESPONSE_INVALID`.',
  };
  for (const [error, fix] of Object.entries(steps)) {
    test(`about ${error}`, async () => {
      const [told] = await undecided({ checks: { registry: failed(error as ErrorCode) } });
      assert.equal(told?.fix, fix);
    });
  }
});

describe('the check that is told', () => {
  const ALL: Partial<Evidence['checks']> = {
    integrity: failed('ERR_HTTP', 'integrity'),
    registry: failed('ERR_HTTP', 'registry'),
    edges: failed('ERR_HTTP', 'edges'),
    tarball: failed('ERR_HTTP', 'tarball'),
  };
  const ORDER: readonly CheckName[] = ['integrity', 'registry', 'edges', 'tarball'];

  for (const [at, check] of ORDER.entries()) {
    test(`is ${check} where none before it failed`, async () => {
      const checks = Object.fromEntries(ORDER.slice(at).map((name) => [name, ALL[name]])) as typeof ALL;
      assert.deepEqual(
        (await undecided({ checks })).map((each) => [each.check, each.error, each.reason]),
        [[check, 'ERR_HTTP', check]],
      );
    });
  }

  for (const check of ['integrity', 'registry', 'edges'] as const) {
    test(`is none where only ${check} failed, of what no registry serves`, async () => {
      assert.deepEqual(await undecided({ evidence: { class: 'git' }, checks: { [check]: ALL[check] } }), []);
    });
  }

  test('is the tarball, whoever serves it', async () => {
    const [told] = await undecided({ evidence: { class: 'tarball' }, checks: ALL });
    assert.equal(told?.check, 'tarball');
  });

  for (const check of ['signature', 'publishAttestation', 'provenance'] as const) {
    test(`is not ${check}, which nobody demands`, async () => {
      assert.deepEqual(await undecided({ checks: { [check]: failed('ERR_HTTP') } }), []);
    });
  }

  for (const check of ['publishAttestation', 'provenance'] as const) {
    const open = { ...failed('ERR_KEYS', 'no keys'), served: true } as const;
    for (const policy of ['{}', '{evidence: off}', '{publish-attestation: {require: true}}']) {
      test(`is ${check} where it is served unchecked, under ${policy}`, async () => {
        const told = await undecided({ policy, checks: { [check]: open } });
        assert.deepEqual(
          told.map((each) => [each.check, each.error, each.reason]),
          [[check, 'ERR_KEYS', 'no keys']],
        );
      });
    }

    test(`is ${check} that is served unchecked, whoever serves it`, async () => {
      assert.equal((await undecided({ evidence: { class: 'tarball' }, checks: { [check]: open } })).length, 1);
    });
  }

  test('goes before what a rule asked for', async () => {
    const checks = { edges: failed('ERR_TIMEOUT'), provenance: failed('ERR_HTTP') };
    const [told] = await undecided({ policy: '{provenance: {require: true}}', checks });
    assert.deepEqual([told?.check, told?.error], ['edges', 'ERR_TIMEOUT']);
  });

  test('has the place of the entry, and the way to it', async () => {
    const [told] = await undecided({ checks: { edges: failed('ERR_TIMEOUT') } });
    assert.deepEqual(told, {
      subject: 'tool@1.2.0',
      entry: 'node_modules/tool',
      path: ['.', 'tool@1.2.0'],
      position: { line: 12, column: 5 },
      check: 'edges',
      error: 'ERR_TIMEOUT',
      reason: 'because',
      fix: 'Run again when the registry answers.',
    });
  });
});

describe('a sound pin that was held against nothing', () => {
  const yarn: Partial<LockedPackage> = {
    pin: { kind: 'yarn-checksum', cacheKey: '8', lockfileCacheKey: '8', sha512: 'ab'.repeat(64) },
  };
  const read = { status: 'verified', size: 1, files: 1, scripts: [] } as const;
  const cases: readonly (readonly [why: string, given: Partial<Case>, isOpen: boolean])[] = [
    ['the check had nothing to look at', { checks: { registry: notApplicable('no digest') } }, true],
    ['the registry tells no digest', { checks: { registry: absent('no digest') } }, true],
    ['not where it was held', {}, false],
    [
      'not where it is of no registry',
      { evidence: { class: 'git' }, checks: { registry: notApplicable('no digest') } },
      false,
    ],
    [
      'not where the pin is bad, which is a finding',
      {
        checks: {
          registry: notApplicable('no digest'),
          integrity: { status: 'invalid', code: 'integrity-weak', reason: 'sha1' },
        },
      },
      false,
    ],
    [
      'not where there is no pin, which is one too',
      { checks: { registry: absent('x'), integrity: absent('x') } },
      false,
    ],
    [
      'a Yarn checksum whose tarball nobody read',
      { entry: yarn, checks: { registry: notApplicable('no digest') } },
      true,
    ],
    [
      'not a Yarn checksum that cannot be rebuilt, which is a finding',
      { entry: yarn, checks: { registry: notApplicable('no digest'), tarball: read } },
      false,
    ],
    [
      'not where verification observed that it cannot be rebuilt',
      {
        checks: { registry: notApplicable('no digest') },
        evidence: { observations: [{ code: 'insecure-url' }, { code: 'checksum-unreproducible' }] },
      },
      false,
    ],
    [
      'another pin, although the tarball was read',
      { checks: { registry: notApplicable('no digest'), tarball: read } },
      true,
    ],
  ];
  for (const [why, given, isOpen] of cases) {
    test(why, async () => {
      const told = (await undecided(given)).map(({ check, error, reason }) => [check, error, reason]);
      assert.deepEqual(told, isOpen ? [['registry', 'ERR_UNBOUND', 'no digest']] : []);
    });
  }

  test('is not asked about where an approval vouches for it', async () => {
    const carried = { grade: 'signed' } as unknown as NonNullable<Evidence['carried']>;
    assert.deepEqual(await undecided({ checks: { registry: notApplicable('no digest') }, evidence: { carried } }), []);
  });
});
