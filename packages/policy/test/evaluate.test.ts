import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  FINDING_CODES,
  type Evidence,
  type Finding,
  type FindingCode,
  type LockedPackage,
  type Observation,
  type Verification,
} from '@lockseal/core';
import { defaultPolicy, evaluate, type Context, type Judgement } from '@lockseal/policy';
import { EVERY_PACKAGE } from '../src/package-pattern.ts';
import { evidenceOf, locked, signedChecks, verificationOf } from '../../../test/support/verification.ts';

const debug = locked('debug', '2.6.9', 12);
const ms = locked('ms', '2.0.0', 30);
const unavailable = { status: 'unavailable', error: 'ERR_NETWORK', reason: 'connection reset' } as const;
const codes = Object.keys(FINDING_CODES) as FindingCode[];

function contextOf(...entries: readonly LockedPackage[]): Context {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return {
    describe: (id) => byId.get(id) ?? assert.fail(`nothing should ask about ${id}`),
    pathTo: (id) => (id === ms.id ? undefined : ['.', 'express@4.21.2', id]),
  };
}

function judge(evidence: readonly Evidence[], changes: Partial<Verification> = {}): Judgement {
  return evaluate(verificationOf(evidence, changes), defaultPolicy, contextOf(debug, ms));
}

function only(observation: Observation, entry: LockedPackage = debug): Finding {
  const { findings } = judge([evidenceOf(entry, { observations: [observation] })]);
  assert.equal(findings.length, 1);
  return findings[0] ?? assert.fail();
}

describe('the verdict', () => {
  const cases: readonly {
    readonly why: string;
    readonly evidence: readonly Evidence[];
    readonly verdict: Judgement['verdict'];
  }[] = [
    { why: 'nothing locked, nothing wrong', evidence: [], verdict: 'good' },
    { why: 'all verified', evidence: [evidenceOf(debug)], verdict: 'good' },
    {
      why: 'warnings and notes do not fail a run',
      evidence: [evidenceOf(debug, { observations: [{ code: 'insecure-url' }, { code: 'git-source' }] })],
      verdict: 'good',
    },
    {
      why: 'one error fails it',
      evidence: [evidenceOf(debug), evidenceOf(ms, { observations: [{ code: 'integrity-missing' }] })],
      verdict: 'findings',
    },
    {
      why: 'a failed check fails it even when no observation tells of it',
      evidence: [
        evidenceOf(debug, {
          checks: signedChecks({ signature: { status: 'invalid', code: 'signature-invalid', reason: 'bad' } }),
        }),
      ],
      verdict: 'findings',
    },
    {
      why: 'the registry did not answer',
      evidence: [evidenceOf(debug, { checks: signedChecks({ registry: unavailable }) })],
      verdict: 'undecided',
    },
    {
      why: 'the tarball was asked for and could not be read',
      evidence: [evidenceOf(debug, { checks: signedChecks({ tarball: unavailable }) })],
      verdict: 'undecided',
    },
    {
      why: 'a tarball by URL was asked for and could not be read',
      evidence: [evidenceOf(debug, { class: 'tarball', checks: signedChecks({ tarball: unavailable }) })],
      verdict: 'undecided',
    },
    {
      why: 'the pin could not be read',
      evidence: [evidenceOf(debug, { checks: signedChecks({ integrity: unavailable }) })],
      verdict: 'undecided',
    },
    {
      why: 'the default policy demands no provenance, so it need not be had',
      evidence: [evidenceOf(debug, { checks: signedChecks({ provenance: unavailable }) })],
      verdict: 'good',
    },
    {
      why: 'no registry is asked about a workspace',
      evidence: [evidenceOf(debug, { class: 'workspace', checks: signedChecks({ registry: unavailable }) })],
      verdict: 'good',
    },
    {
      why: 'what speaks against the lockfile outweighs what is missing',
      evidence: [
        evidenceOf(debug, { checks: signedChecks({ registry: unavailable }) }),
        evidenceOf(ms, { observations: [{ code: 'edge-forged' }] }),
      ],
      verdict: 'findings',
    },
    {
      why: 'a warning does not hide what is missing',
      evidence: [
        evidenceOf(debug, {
          checks: signedChecks({ registry: unavailable }),
          observations: [{ code: 'evidence-unavailable' }],
        }),
      ],
      verdict: 'undecided',
    },
  ];
  for (const { why, evidence, verdict } of cases) {
    test(`${verdict}: ${why}`, () => assert.equal(judge(evidence).verdict, verdict));
  }

  test('an error about the lockfile as a whole fails a run', () => {
    assert.equal(judge([], { observations: [{ code: 'shadowing-lockfile' }] }).verdict, 'findings');
  });
});

describe('a finding', () => {
  test('says which package, how the project comes to it, and where it is written', () => {
    const found = only({ code: 'integrity-mismatch', expected: 'sha512-a', found: 'sha512-b', detail: 'swapped' });
    assert.deepEqual(found, {
      code: 'integrity-mismatch',
      level: 'error',
      subject: 'debug@2.6.9',
      entry: debug.id,
      path: ['.', 'express@4.21.2', debug.id],
      position: { line: 12, column: 5 },
      dependency: undefined,
      expected: 'sha512-a',
      found: 'sha512-b',
      detail: 'swapped',
      fix: 'Restore the entry at package-lock.json:12:5 from the last good commit, or delete it and run `npm install --package-lock-only`.',
      rule: 'integrity',
    });
  });

  test('has no path where nothing leads to the entry', () => {
    assert.equal(only({ code: 'unlisted-dependency' }, ms).path, undefined);
  });

  test("keeps the observation's own position: an edge is not where its entry begins", () => {
    const position = { line: 99, column: 7 };
    const found = only({ code: 'edge-forged', dependency: 'ms', position });
    assert.deepEqual(found.position, position);
    assert.equal(found.dependency, 'ms');
  });

  test('about the lockfile or an importer names it', () => {
    const observations: Observation[] = [
      { code: 'specifier-mismatch', importer: 'packages/a', dependency: 'ms' },
      { code: 'multiple-documents' },
    ];
    const { findings } = judge([], { observations });
    assert.deepEqual(
      findings.map(({ subject, path }) => ({ subject, path })),
      [
        { subject: 'lockfile', path: undefined },
        { subject: 'packages/a', path: ['packages/a'] },
      ],
    );
  });

  test('is not told twice when a failed check and an observation have one code', () => {
    const evidence = evidenceOf(debug, {
      checks: signedChecks({ signature: { status: 'invalid', code: 'signature-invalid', reason: 'bad' } }),
      observations: [{ code: 'signature-invalid', detail: 'bad' }],
    });
    assert.equal(judge([evidence]).findings.length, 1);
  });

  for (const code of codes) {
    test(`${code} has the level of the table, and a fix`, () => {
      const found = only({ code });
      assert.equal(found.level, FINDING_CODES[code].level);
      assert.match(found.fix, /^[A-Z].*\.$/);
    });
  }
});

describe('a fix', () => {
  test('names the command of the package manager that wrote the lockfile', () => {
    const lockfile = { ...verificationOf([]).lockfile, format: 'pnpm', path: 'pnpm-lock.yaml' } as const;
    const evidence = evidenceOf(debug, { observations: [{ code: 'unlisted-dependency' }] });
    const [finding] = judge([evidence], { lockfile }).findings;
    assert.equal(finding?.fix, 'Remove the entry at pnpm-lock.yaml:12:5: run `pnpm install --lockfile-only`.');
  });

  test('names the package to be refused', () => {
    assert.match(
      only({ code: 'provenance-invalid' }).fix,
      /Do not install debug@2\.6\.9; .*`npm install debug@<version>`/,
    );
  });

  test('starts with the digest where that is what evidence fails over', () => {
    const checks = signedChecks({
      registry: { status: 'invalid', code: 'integrity-mismatch', reason: 'another' },
      signature: { status: 'invalid', code: 'signature-invalid', reason: 'not over it' },
    });
    const { findings } = judge([evidenceOf(debug, { checks })]);
    assert.deepEqual(
      findings.map(({ code, fix }) => [code, fix.slice(0, 17)]),
      [
        ['integrity-mismatch', 'Restore the entry'],
        ['signature-invalid', 'Mend the locked d'],
      ],
    );
  });

  const untypeable = ['-g', 'a;rm -rf ~', '$(id)', 'a b', '../a', 'a\nb'];
  for (const name of untypeable) {
    test(`never puts the name ${JSON.stringify(name)} into a command`, () => {
      const entry = { ...debug, name };
      const verification = verificationOf([evidenceOf(entry, { observations: [{ code: 'provenance-invalid' }] })]);
      const [finding] = evaluate(verification, defaultPolicy, contextOf(entry)).findings;
      assert.equal(finding?.fix, FINDING_CODES['provenance-invalid'].fix);
    });
  }
});

describe('an undecided entry', () => {
  test('is listed once, with the first check that could not be made', () => {
    const checks = signedChecks({ registry: unavailable, edges: unavailable, tarball: unavailable });
    assert.deepEqual(judge([evidenceOf(debug, { checks })]).undecided, [
      {
        subject: 'debug@2.6.9',
        entry: debug.id,
        path: ['.', 'express@4.21.2', debug.id],
        position: { line: 12, column: 5 },
        check: 'registry',
        error: 'ERR_NETWORK',
        reason: 'connection reset',
        fix: 'Run again when the registry answers.',
      },
    ]);
  });

  test('says what to do offline', () => {
    const registry = { status: 'unavailable', error: 'ERR_OFFLINE', reason: 'offline' } as const;
    const [undecided] = judge([evidenceOf(debug, { checks: signedChecks({ registry }) })]).undecided;
    assert.match(undecided?.fix ?? '', /without --offline/);
  });
});

describe('what only a check says', () => {
  const notApplicable = { status: 'not-applicable', reason: 'cannot be rebuilt' } as const;
  const read = { status: 'verified', size: 1, files: 1, scripts: [] } as const;
  const berry: LockedPackage = {
    ...debug,
    pin: { kind: 'yarn-checksum', cacheKey: '8', lockfileCacheKey: '8', sha512: 'ab'.repeat(64) },
  };
  const absent = { status: 'absent', reason: 'the registry has keys, and no signature' } as const;
  const invalid = { status: 'invalid', code: 'signature-unknown-key', reason: 'unknown' } as const;
  const cases: readonly {
    readonly why: string;
    readonly entry?: LockedPackage;
    readonly checks: Partial<Evidence['checks']>;
    readonly codes: readonly string[];
    readonly verdict: Judgement['verdict'];
  }[] = [
    { why: 'no signature', checks: { signature: absent }, codes: ['signature-missing'], verdict: 'good' },
    {
      why: 'no signature of a version that the registry does not know is not told twice',
      checks: { signature: absent, registry: { status: 'invalid', code: 'version-vanished', reason: '404' } },
      codes: ['version-vanished'],
      verdict: 'findings',
    },
    {
      why: 'a key that is not trusted',
      checks: { signature: invalid },
      codes: ['signature-unknown-key'],
      verdict: 'good',
    },
    {
      why: 'two checks that fail alike are one finding',
      checks: {
        publishAttestation: { status: 'invalid', code: 'provenance-invalid', reason: 'a' },
        provenance: { status: 'invalid', code: 'provenance-invalid', reason: 'b' },
      },
      codes: ['provenance-invalid'],
      verdict: 'findings',
    },
    {
      why: 'evidence that could not be had is one warning an entry',
      checks: { publishAttestation: unavailable, provenance: unavailable },
      codes: ['evidence-unavailable'],
      verdict: 'good',
    },
    {
      why: 'an undecided entry needs no warning beside',
      checks: { registry: unavailable, provenance: unavailable },
      codes: [],
      verdict: 'undecided',
    },
    {
      why: 'a sound pin that was held against nothing is no pass',
      checks: { registry: notApplicable },
      codes: [],
      verdict: 'undecided',
    },
    {
      why: 'a bad pin is a finding, and was not to be held against anything',
      checks: { registry: notApplicable, integrity: { status: 'invalid', code: 'integrity-weak', reason: 'sha1' } },
      codes: ['integrity-weak'],
      verdict: 'findings',
    },
    {
      why: 'a Yarn checksum that was not tried',
      entry: berry,
      checks: { registry: notApplicable },
      codes: [],
      verdict: 'undecided',
    },
    {
      why: 'a Yarn checksum that was tried and cannot be rebuilt here',
      entry: berry,
      checks: { registry: notApplicable, tarball: read },
      codes: ['checksum-unreproducible'],
      verdict: 'findings',
    },
    { why: 'a Yarn checksum that was rebuilt', entry: berry, checks: { tarball: read }, codes: [], verdict: 'good' },
  ];
  for (const { why, entry = debug, checks, codes: expected, verdict } of cases) {
    test(why, () => {
      const verification = verificationOf([evidenceOf(entry, { checks: signedChecks(checks) })]);
      const judgement = evaluate(verification, defaultPolicy, contextOf(entry));
      assert.deepEqual(
        judgement.findings.map(({ code }) => code),
        expected,
      );
      assert.equal(judgement.verdict, verdict);
    });
  }

  test('an unbound entry says what it lacks', () => {
    const checks = signedChecks({ registry: notApplicable });
    const [open] = judge([evidenceOf(debug, { checks })]).undecided;
    assert.deepEqual([open?.check, open?.error, open?.reason], ['registry', 'ERR_UNBOUND', 'cannot be rebuilt']);
  });
});

describe('the order', () => {
  const observation = fc.record({
    code: fc.constantFrom(...codes),
    dependency: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    expected: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
  });
  const evidence = fc
    .array(fc.tuple(fc.constantFrom(debug, ms), fc.array(observation, { maxLength: 4 })), { maxLength: 6 })
    .map((list) => list.map(([entry, observations]) => evidenceOf(entry, { observations })));

  test('does not depend on the order of the evidence', () => {
    fc.assert(
      fc.property(evidence, (list) => {
        assert.deepEqual(judge(list).findings, judge(list.toReversed()).findings);
      }),
    );
  });

  test('is by level, then code, then subject', () => {
    const observations: Observation[] = [
      { code: 'git-source' },
      { code: 'insecure-url' },
      { code: 'version-missing' },
      { code: 'edge-forged' },
    ];
    const { findings } = judge([evidenceOf(ms, { observations }), evidenceOf(debug, { observations })]);
    assert.deepEqual(
      findings.map(({ code, subject }) => `${code} ${subject}`),
      [
        'edge-forged debug@2.6.9',
        'edge-forged ms@2.0.0',
        'version-missing debug@2.6.9',
        'version-missing ms@2.0.0',
        'insecure-url debug@2.6.9',
        'insecure-url ms@2.0.0',
        'git-source debug@2.6.9',
        'git-source ms@2.0.0',
      ],
    );
  });
});

describe('the order of two', () => {
  const KEYS = ['level', 'code', 'subject', 'entry', 'line', 'column', 'dependency', 'expected', 'found', 'detail'];

  /** Two that are alike before the key, the first one first by the key, and the other one first by all after it. */
  function two(key: number): readonly { readonly entry: LockedPackage; readonly observation: Observation }[] {
    const text = (at: number, isFirst: boolean): string => (at < key ? '' : (at === key) === isFirst ? 'a' : 'b');
    const number = (at: number, isFirst: boolean): number => ['', 'a', 'b'].indexOf(text(at, isFirst)) + 1;
    const code = (isFirst: boolean): FindingCode => {
      if (key === 0) return isFirst ? 'name-mismatch' : 'insecure-url';
      return key === 1 && isFirst ? 'edge-forged' : 'name-mismatch';
    };
    return [true, false].map((isFirst) => ({
      entry: { ...locked(`n${text(2, isFirst)}`, '1.0.0'), id: `e${text(3, isFirst)}` },
      observation: {
        code: code(isFirst),
        position: { line: number(4, isFirst), column: number(5, isFirst) },
        dependency: text(6, isFirst),
        expected: text(7, isFirst),
        found: text(8, isFirst),
        detail: text(9, isFirst),
      },
    }));
  }

  function verified(pair: ReturnType<typeof two>): { verification: Verification; context: Context } {
    const entries = new Map(pair.map(({ entry }) => [entry.id, entry]));
    const evidence = [...entries.values()].map((entry) => {
      const observations = pair.flatMap((each) => (each.entry.id === entry.id ? [each.observation] : []));
      return evidenceOf(entry, { observations });
    });
    return { verification: verificationOf(evidence), context: contextOf(...entries.values()) };
  }

  const shown = ({ code, entry, position, dependency, expected, found, detail }: Finding): unknown[] => {
    return [code, entry, position, dependency, expected, found, detail];
  };

  for (const [key, name] of KEYS.entries()) {
    test(`findings is that of the ${name}, where all before is alike`, () => {
      const [first, other] = two(key);
      assert.ok(first !== undefined && other !== undefined);
      const said = [
        [first, other],
        [other, first],
      ].map((pair) => {
        const { verification, context } = verified(pair);
        return evaluate(verification, defaultPolicy, context).findings;
      });
      assert.deepEqual(said[0]?.map(shown), said[1]?.map(shown));
      const [head] = said[0] ?? [];
      assert.deepEqual(head && shown(head), [
        first.observation.code,
        first.entry.id,
        first.observation.position,
        first.observation.dependency,
        first.observation.expected,
        first.observation.found,
        first.observation.detail,
      ]);
    });
  }

  test('findings without a position go before those that have one', () => {
    const entry = { ...debug, position: undefined };
    const observations: Observation[] = [
      { code: 'insecure-url', position: { line: 1, column: 1 }, detail: 'a' },
      { code: 'insecure-url', detail: 'b' },
    ];
    for (const given of [observations, observations.toReversed()]) {
      const verification = verificationOf([evidenceOf(entry, { observations: given })]);
      const { findings } = evaluate(verification, defaultPolicy, contextOf(entry));
      assert.deepEqual(
        findings.map(({ detail }) => detail),
        ['b', 'a'],
      );
    }
  });

  test('undecided entries is that of their subjects', () => {
    const checks = signedChecks({ registry: unavailable });
    const evidence = [evidenceOf(ms, { checks }), evidenceOf(debug, { checks })];
    for (const given of [evidence, evidence.toReversed()]) {
      assert.deepEqual(
        judge(given).undecided.map(({ subject }) => subject),
        ['debug@2.6.9', 'ms@2.0.0'],
      );
    }
  });

  test('waived findings is that of findings', () => {
    const place = { file: 'lockseal.yaml', position: { line: 1, column: 1 } };
    const waivers = ['source', 'integrity'].map((rule) => {
      return { ...place, packages: EVERY_PACKAGE, rule, reason: 'r', who: 'w', expires: '2027-01-01T00:00:00.000Z' };
    });
    const observations: Observation[] = [{ code: 'git-source' }, { code: 'integrity-weak' }];
    const evidence = [evidenceOf(ms, { observations }), evidenceOf(debug, { observations })];
    for (const given of [evidence, evidence.toReversed()]) {
      const policy = { ...defaultPolicy, waivers };
      const { waived, findings } = evaluate(verificationOf(given), policy, contextOf(debug, ms));
      assert.deepEqual(
        waived.map(({ finding: { code, subject } }) => `${code} ${subject}`),
        ['integrity-weak debug@2.6.9', 'integrity-weak ms@2.0.0', 'git-source debug@2.6.9', 'git-source ms@2.0.0'],
      );
      assert.deepEqual(findings, []);
    }
  });
});

test('a policy may be of another opinion', () => {
  const setting = { level: undefined, levels: new Map([['git-source', 'error']] as const), options: new Map() };
  const policy = { ...defaultPolicy, rules: new Map([['source', setting]]) };
  const verification = verificationOf([evidenceOf(debug, { observations: [{ code: 'git-source' }] })]);
  assert.equal(evaluate(verification, policy, contextOf(debug)).verdict, 'findings');
});
