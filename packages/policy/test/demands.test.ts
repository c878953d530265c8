import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { FindingCode, Json } from '@lockseal/core';
import { areNoStronger, defaultPolicy, demandsOf, loadPolicy, type Demands, type Policy } from '../src/index.ts';
import { mergeRules } from '../src/load-policy.ts';
import { EVERY_PACKAGE } from '../src/package-pattern.ts';

async function demands(text: string): Promise<Demands> {
  const loaded = await loadPolicy(
    { file: 'lockseal.yaml', text },
    { now: Date.parse('2026-06-01T00:00:00Z'), read: async () => undefined },
  );
  assert.ok(loaded.status === 'ok', JSON.stringify(loaded));
  return demandsOf(loaded.policy);
}

const RELEASE_AGE = 'version: 1\nrules:\n  release-age: {level: warn, minAge: P3D, except: ["@acme/*"]}\n';

const FOR_DEBUG = 'overrides: [{packages: [debug], rules: {release-age: error}}]\n';
const BOTH = `${RELEASE_AGE}overrides: [{packages: [debug], rules: {release-age: warn}}]\n`;

/** A policy with one rule of the project. */
function own(when: string, level: string = 'error'): string {
  return `version: 1\ncustom:\n  - name: own\n    level: ${level}\n    message: no\n    when: |-\n      ${when}\n`;
}

interface Case {
  readonly why: string;
  readonly before: string;
  readonly now: string;
  readonly weaker: boolean;
}

const cases: readonly Case[] = [
  { why: 'the same', before: RELEASE_AGE, now: RELEASE_AGE, weaker: true },
  {
    why: 'who approves, and comments, demand nothing of packages',
    before: RELEASE_AGE,
    now: `# more\n${RELEASE_AGE}longestWaiver: P60D\n`,
    weaker: true,
  },
  { why: 'a rule at a lower level', before: RELEASE_AGE, now: RELEASE_AGE.replace('warn', 'note'), weaker: true },
  { why: 'a rule that is off', before: RELEASE_AGE, now: 'version: 1\nrules: {release-age: off}\n', weaker: true },
  { why: 'a rule at a higher level', before: RELEASE_AGE, now: RELEASE_AGE.replace('warn', 'error'), weaker: false },
  { why: 'a rule that was off', before: 'version: 1\nrules: {release-age: off}\n', now: RELEASE_AGE, weaker: false },
  { why: 'a rule that nobody mentioned', before: 'version: 1\n', now: RELEASE_AGE, weaker: false },
  { why: 'a longer age', before: RELEASE_AGE, now: RELEASE_AGE.replace('P3D', 'P7D'), weaker: false },
  {
    why: 'a shorter age: options are not compared, and in doubt it is stronger',
    before: RELEASE_AGE,
    now: RELEASE_AGE.replace('P3D', 'P1D'),
    weaker: false,
  },
  {
    why: 'fewer exceptions of a rule',
    before: RELEASE_AGE,
    now: RELEASE_AGE.replace('"@acme/*"', ''),
    weaker: false,
  },
  {
    why: 'one finding of a rule raised',
    before: 'version: 1\nrules: {release-age: {level: warn}}\n',
    now: 'version: 1\nrules: {release-age: {level: warn, levels: {release-too-young: error}}}\n',
    weaker: false,
  },
  {
    why: 'a stricter preset',
    before: 'version: 1\nextends: baseline\n',
    now: 'version: 1\nextends: strict\n',
    weaker: false,
  },
  {
    why: 'registries named where all were accepted',
    before: 'version: 1\n',
    now: 'version: 1\nregistries: ["https://registry.npmjs.org/"]\n',
    weaker: false,
  },
  {
    why: 'one registry more',
    before: 'version: 1\nregistries: ["https://registry.npmjs.org/"]\n',
    now: 'version: 1\nregistries: ["https://registry.npmjs.org/", "https://npm.example.com/"]\n',
    weaker: true,
  },
  {
    why: 'an identity pinned',
    before: 'version: 1\n',
    now: 'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug"}\n',
    weaker: false,
  },
  {
    why: 'an identity pinned no more',
    before:
      'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug"}\n',
    now: 'version: 1\n',
    weaker: true,
  },
  {
    why: 'another identity pinned',
    before:
      'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug"}\n',
    now: 'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug", trigger: push}\n',
    weaker: false,
  },
  {
    why: 'a rule of the project',
    before: 'version: 1\n',
    now: 'version: 1\ncustom: [{name: licences, when: "pkg.license == \'GPL\'", message: no}]\n',
    weaker: false,
  },
  {
    why: 'the same rule of the project, which looks at the package alone',
    before: 'version: 1\ncustom: [{name: licences, when: "pkg.license == \'GPL\'", message: no}]\n',
    now: 'version: 1\ncustom: [{name: licences, when: "pkg.license == \'GPL\'", message: no}]\n',
    weaker: true,
  },
  ...[
    '"evil" in path',
    'pkg["registry"] == "x"',
    'pkg.registry == "x"',
    'pkg["regi" + "stry"] == "x"',
    'pkg["\\x72egistry"] == "x"',
    'pkg[pkg.name] == "x"',
    'pkg.name in ["a"] || pkg [ "regi" + "stry" ] == "x"',
    'change.kind == "added"',
    'evidence.observations.exists(code, code == "git-source")',
    'pkg.deprecated',
    'evidence.ageDays > 700',
  ].map((when) => ({
    why: `the same rule of the project, which looks at what changes around a package: ${when}`,
    before: own(when),
    now: own(when),
    weaker: false,
  })),
  ...['pkg["license"] == "GPL"', "pkg['license'] == 'GPL'", 'pkg.license in ["GPL", "AGPL"]'].map((when) => ({
    why: `the same rule of the project, which indexes nothing but the package: ${when}`,
    before: own(when),
    now: own(when),
    weaker: true,
  })),
  { why: 'a rule of the project less', before: own('pkg.direct'), now: 'version: 1\n', weaker: true },
  { why: 'a rule of the project that is off', before: 'version: 1\n', now: own('pkg.direct', 'off'), weaker: true },
  { why: 'a rule of the project turned on', before: own('pkg.direct', 'off'), now: own('pkg.direct'), weaker: false },
  {
    why: 'a rule of the project raised',
    before: own('pkg.direct', 'warn'),
    now: own('pkg.direct', 'error'),
    weaker: false,
  },
  { why: 'another condition', before: own('pkg.direct'), now: own('!pkg.direct'), weaker: false },
  {
    why: 'provenance required, where nothing else of the rule changed',
    before: 'version: 1\nrules: {provenance: {require: false}}\n',
    now: 'version: 1\nrules: {provenance: {require: true}}\n',
    weaker: false,
  },
  {
    why: 'a rule that is off but for one finding',
    before: RELEASE_AGE,
    now: 'version: 1\nrules: {release-age: {level: off, levels: {release-too-young: error}}}\n',
    weaker: false,
  },
  {
    why: 'a longer age of a rule that is off, which an override turns on with the options from here',
    before: `${RELEASE_AGE}${FOR_DEBUG}`,
    now: `version: 1\nrules: {release-age: {level: off, minAge: P30D}}\n${FOR_DEBUG}`,
    weaker: false,
  },
  {
    why: 'a rule off, with no options where it had some, which an override turns on',
    before: `${RELEASE_AGE}${FOR_DEBUG}`,
    now: `version: 1\nrules: {release-age: off}\n${FOR_DEBUG}`,
    weaker: false,
  },
  {
    why: 'a rule off with the options that it had, which an override turns on as before',
    before: `${RELEASE_AGE}${FOR_DEBUG}`,
    now: `${RELEASE_AGE.replace('warn', 'off')}${FOR_DEBUG}`,
    weaker: true,
  },
  {
    why: 'a rule off that nobody mentioned, which an override turns on as before',
    before: `version: 1\n${FOR_DEBUG}`,
    now: `version: 1\nrules: {release-age: off}\n${FOR_DEBUG}`,
    weaker: true,
  },
  { why: 'the same rules for some packages', before: BOTH, now: BOTH, weaker: true },
  { why: 'a higher level for some packages', before: BOTH, now: BOTH.replace('warn}', 'error}'), weaker: false },
  { why: 'the rules of some packages for others', before: BOTH, now: BOTH.replace('[debug]', '[ms]'), weaker: false },
  { why: 'no more rules for some packages: they may have been excused', before: BOTH, now: RELEASE_AGE, weaker: false },
  {
    why: 'a rule that is no longer mentioned: its default may be higher',
    before: RELEASE_AGE,
    now: 'version: 1\n',
    weaker: false,
  },
  {
    why: 'one registry less',
    before: 'version: 1\nregistries: ["https://registry.npmjs.org/", "https://npm.example.com/"]\n',
    now: 'version: 1\nregistries: ["https://registry.npmjs.org/"]\n',
    weaker: false,
  },
  {
    why: 'all registries, where some were named',
    before: 'version: 1\nregistries: ["https://registry.npmjs.org/"]\n',
    now: 'version: 1\n',
    weaker: true,
  },
  {
    why: 'other rules for some packages',
    before: RELEASE_AGE,
    now: `${RELEASE_AGE}overrides: [{packages: [debug], rules: {provenance: {require: true}}}]\n`,
    weaker: false,
  },
];

describe('the demands of a policy', () => {
  for (const { why, before, now, weaker } of cases) {
    test(`${weaker ? 'are no stronger' : 'may be stronger'}: ${why}`, async () => {
      assert.equal(areNoStronger(await demands(now), recorded(await demands(before))), weaker);
    });
  }
});

/** Demands that demand nothing: every change below is the one thing that differs. */
const NOTHING: Demands = { registries: null, identities: [], custom: [], overrides: [], rules: {} };

function withRule(rule: unknown, others: object = {}): Json {
  return { ...NOTHING, ...others, rules: { 'release-age': rule } } as unknown as Json;
}

describe('what an approval recorded', () => {
  const strangers: readonly (readonly [why: string, before: unknown])[] = [
    ['is nothing', null],
    ['is a text', 'x'],
    ['is a number', 7],
    ['is a list', []],
    ['is an empty table', {}],
    ['is rules alone', { rules: {} }],
    ...['registries', 'identities', 'custom', 'overrides', 'rules'].flatMap((member) => [
      [`has no ${member}`, Object.fromEntries(Object.entries(NOTHING).filter(([key]) => key !== member))] as const,
      ...['', 'x', 0, true, {}]
        .filter((value) => !(member === 'rules' && typeof value === 'object'))
        .map((value) => [`has ${JSON.stringify(value)} as ${member}`, { ...NOTHING, [member]: value }] as const),
    ]),
    ...['identities', 'custom', 'overrides', 'rules'].map(
      (member) => [`has null as ${member}`, { ...NOTHING, [member]: null }] as const,
    ),
    ['has a list as rules', { ...NOTHING, rules: [] }],
    ['has a rule that is null', withRule(null)],
    ['has a rule that is a level', withRule('off')],
    ['has a rule that is a list', withRule([])],
    ['has a rule without a level', withRule({ levels: {}, options: {} })],
    ['has a rule whose level is a number', withRule({ level: 3, levels: {}, options: {} })],
    ['has a rule whose level is a flag', withRule({ level: false, levels: {}, options: {} })],
    ['has a rule without levels', withRule({ level: 'error', options: {} })],
    ['has a rule whose levels are null', withRule({ level: 'error', levels: null, options: {} })],
    ['has a rule whose levels are a text', withRule({ level: 'error', levels: '', options: {} })],
    ['has a rule whose levels are a list', withRule({ level: 'error', levels: [], options: {} })],
    ['has a level of a finding that is null', withRule({ level: 'error', levels: { a: null }, options: {} })],
    ['has a level of a finding that is a number', withRule({ level: 'error', levels: { a: 3 }, options: {} })],
  ];
  // Even a policy that turns everything off is not held to be weaker than what cannot be read.
  const off: Demands = { ...NOTHING, rules: { 'release-age': { level: 'off', levels: {}, options: {} } } };
  const named: Demands = { ...NOTHING, registries: ['https://registry.npmjs.org/'] };
  for (const [why, before] of strangers) {
    test(`is no demands where it ${why}`, () => {
      for (const now of [NOTHING, off, named]) assert.equal(areNoStronger(now, before as Json), false);
    });
  }

  test('with a rule named __proto__ is not mistaken for a policy without', () => {
    const before = JSON.parse(
      '{"registries":null,"identities":[],"custom":[],"overrides":[],"rules":{"__proto__":{"level":"off","levels":{},"options":null}}}',
    ) as Json;
    assert.equal(areNoStronger(NOTHING, before), false);
  });
});

describe('levels', () => {
  const ALL = ['off', 'note', 'warn', 'error'];
  const rule = (level: string | null, code?: string): Demands['rules'][string] => {
    return { level, levels: code === undefined ? {} : { 'release-too-young': code }, options: { minAge: 3 } };
  };
  const compare = (now: Demands['rules'][string], before: Demands['rules'][string]): boolean =>
    areNoStronger({ ...NOTHING, rules: { 'release-age': now } }, withRule(before));

  for (const [at, now] of ALL.entries()) {
    for (const [other, before] of ALL.entries()) {
      test(`${now} ${at <= other ? 'is no stronger' : 'is stronger'} than ${before}, of a rule or of one finding`, () => {
        assert.equal(compare(rule(now), rule(before)), at <= other);
        assert.equal(compare(rule('note', now), rule('note', before)), at <= other);
        assert.equal(compare(rule(null, now), rule(null, before)), at <= other);
      });
    }
  }

  const pairs: readonly (readonly [
    why: string,
    now: Demands['rules'][string],
    before: Demands['rules'][string],
    weaker: boolean,
  ])[] = [
    ["each finding at its own level, as before: it is the table's", rule(null), rule(null), true],
    ['each at its own level where all were errors: lower, and nobody looks it up', rule(null), rule('error'), false],
    ['all notes where each had its own level', rule('note'), rule(null), false],
    ['all off where each had its own level', rule('off'), rule(null), true],
    ['all off but one finding where each had its own level', rule('off', 'note'), rule(null), false],
    ['a level that nobody knows, as before', rule('fatal'), rule('fatal'), true],
    ['an error where the level is unknown: it may have been the lowest', rule('error'), rule('fatal'), false],
    ['a note where the level is unknown', rule('note'), rule('fatal'), false],
    ['an unknown level where it was an error', rule('fatal'), rule('error'), false],
    ['a level named like a member of every object', rule('constructor'), rule('error'), false],
    ['the level of one finding gone, and that of the rule is lower', rule('warn'), rule('warn', 'error'), true],
    ['the level of one finding gone, and that of the rule is higher', rule('warn'), rule('warn', 'note'), false],
    ['a finding lowered, the rule raised', rule('error', 'note'), rule('warn', 'note'), false],
    ['a finding raised, the rule lowered', rule('note', 'error'), rule('warn'), false],
    ['one finding set lower than the rule was', rule('warn', 'note'), rule('warn'), true],
    ['one finding set higher than the rule was', rule('warn', 'error'), rule('warn'), false],
  ];
  for (const [why, now, before, weaker] of pairs) {
    test(`${weaker ? 'no stronger' : 'may be stronger'}: ${why}`, () => assert.equal(compare(now, before), weaker));
  }

  test('a rule with other options may be stronger at a lower level', () => {
    const before = { ...rule('error'), options: { minAge: 2 } };
    assert.equal(compare(rule('note'), before), false);
    assert.equal(compare(rule('off'), before), true);
  });
});

describe('registries', () => {
  const compare = (now: readonly string[] | null, before: readonly string[] | null): boolean =>
    areNoStronger({ ...NOTHING, registries: now }, { ...NOTHING, registries: before } as unknown as Json);

  test('are no stronger where every one of before is among them, in whatever order', () => {
    assert.equal(compare(['b', 'a'], ['a', 'b']), true);
    assert.equal(compare(['c', 'a', 'b'], ['a', 'b']), true);
    assert.equal(compare(['a'], []), true);
    assert.equal(compare(null, []), true);
  });

  test('may be stronger where one of before is missing, although another is there', () => {
    assert.equal(compare(['a', 'c'], ['a', 'b']), false);
    assert.equal(compare(['a', 'c'], ['b', 'a']), false);
    assert.equal(compare([], ['a']), false);
    assert.equal(compare([], null), false);
  });
});

describe('identities', () => {
  const [debug, ms] = [{ packages: 'debug' }, { packages: 'ms' }] as unknown as readonly [Json, Json];
  const compare = (now: readonly Json[], before: readonly Json[]): boolean =>
    areNoStronger({ ...NOTHING, identities: now }, { ...NOTHING, identities: before } as unknown as Json);

  test('are no stronger where each was pinned before', () => {
    assert.equal(compare([ms, debug], [debug, ms]), true);
    assert.equal(compare([ms], [debug, ms]), true);
  });

  test('may be stronger where one is new, although another was there', () => {
    assert.equal(compare([debug, ms], [debug]), false);
    assert.equal(compare([ms], [debug]), false);
  });
});

describe('any demands', () => {
  const RANKED = ['off', 'note', 'warn', 'error'] as const;
  const level = fc.constantFrom(...RANKED);
  const demand = fc.record({
    level: fc.option(level, { nil: null }),
    levels: fc.dictionary(fc.constantFrom('a', 'b'), level),
    options: fc.constantFrom<Json[]>({}, { minAge: 1 }, { minAge: 2 }),
  });
  const any: fc.Arbitrary<Demands> = fc.record({
    registries: fc.option(fc.subarray(['x', 'y']), { nil: null }),
    identities: fc.subarray<Json>([{ packages: 'x' }, { packages: 'y' }]),
    custom: fc.constant([]),
    overrides: fc.subarray<Json>([{ packages: ['x'], rules: {} }]),
    rules: fc.dictionary(fc.constantFrom('one', 'two'), demand),
  });

  test('are no stronger than themselves', () => {
    fc.assert(fc.property(any, (now) => areNoStronger(now, recorded(now))));
  });

  test('are stronger once the level of any rule is raised', () => {
    fc.assert(
      fc.property(any, level, level, fc.boolean(), (before, one, other, isOfFinding) => {
        fc.pre(one !== other);
        const [low, high] = [one, other].toSorted((a, b) => rankOf(a) - rankOf(b));
        const at = (each: string | undefined): Demands => {
          const rule = { level: 'off', levels: {}, options: {} };
          const set = isOfFinding ? { ...rule, levels: { a: each ?? '' } } : { ...rule, level: each ?? '' };
          return { ...before, rules: { ...before.rules, raised: set } };
        };
        return !areNoStronger(at(high), recorded(at(low))) && areNoStronger(at(low), recorded(at(high)));
      }),
    );
  });

  test('are no stronger than those that those are no stronger than that they are no stronger than', () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        const isChain = areNoStronger(a, recorded(b)) && areNoStronger(b, recorded(c));
        return !isChain || areNoStronger(a, recorded(c));
      }),
    );
  });

  // What is compared is what is written; what counts is what it comes to for each package.
  test('that are no stronger come to no higher level, with the same options, for any package', () => {
    const setting = fc.record({
      level: fc.option(level, { nil: undefined }),
      levels: fc.dictionary(fc.constant('release-too-young'), level),
      minAge: fc.option(fc.constantFrom(1, 2), { nil: undefined, freq: 1 }),
    });
    const rules = fc.option(setting, { nil: undefined }).map((set): Policy['rules'] => {
      if (set === undefined) return new Map();
      const levels = new Map(Object.entries(set.levels) as [FindingCode, (typeof RANKED)[number]][]);
      const options = new Map(set.minAge === undefined ? [] : [['minAge', set.minAge]]);
      return new Map([['release-age', { level: set.level, levels, options }]]);
    });
    const place = { file: 'lockseal.yaml', position: { line: 1, column: 1 } };
    fc.assert(
      fc.property(rules, rules, fc.array(rules, { maxLength: 1 }), (one, other, above) => {
        const overrides = above.map((own) => ({ ...place, packages: [EVERY_PACKAGE], rules: own }));
        const [now, before] = [one, other].map((own) => demandsOf({ ...defaultPolicy, rules: own, overrides }));
        if (now === undefined || before === undefined || !areNoStronger(now, recorded(before))) return;
        const ends = [one, other].map((base) => [base, ...above].reduce(mergeRules).get('release-age'));
        const [last, first] = ends.map((end) => ({
          rank: end === undefined ? 0 : rankOf(end.levels.get('release-too-young') ?? end.level ?? 'error'),
          minAge: end?.options.get('minAge'),
        }));
        assert.ok(last !== undefined && first !== undefined);
        assert.ok(last.rank === 0 || (last.rank <= first.rank && last.minAge === first.minAge), inspect(ends));
      }),
      { numRuns: 400 },
    );
  });

  function rankOf(text: (typeof RANKED)[number]): number {
    return RANKED.indexOf(text);
  }
});

describe('what a policy demands', () => {
  test('is plain data: patterns by their text, lists as lists, what is not set as null', async () => {
    const found = await demands(
      [
        'version: 1',
        'rules: {release-age: {level: warn, levels: {release-too-young: error}, minAge: P3D, except: ["@acme/*"]}}',
        'overrides: [{packages: [debug], rules: {deprecated: off}}]',
        'identities: {debug: {issuer: i, san: s}}',
        'custom: [{name: own, level: warn, packages: [ms], when: pkg.direct, message: no}, {name: out, level: off, when: pkg.direct, message: no}]',
        '',
      ].join('\n'),
    );
    const pattern = (text: string, scope: string | null = null): Json => {
      return { text, name: scope === null ? text : null, scope };
    };
    assert.deepEqual(found, {
      registries: null,
      identities: [{ packages: pattern('debug'), any: [{ issuer: 'i', san: 's' }] }],
      custom: [{ name: 'own', level: 'warn', packages: [pattern('ms')], when: 'pkg.direct' }],
      overrides: [{ packages: [pattern('debug')], rules: { deprecated: { level: 'off', levels: {}, options: {} } } }],
      rules: {
        'release-age': {
          level: 'warn',
          levels: { 'release-too-young': 'error' },
          options: { minAge: 259_200, except: [pattern('@acme/*', '@acme')] },
        },
      },
    });
    assert.deepEqual(recorded(found), found);
  });

  test('of an option that is no plain data is refused: any two would be recorded alike', () => {
    const setting = { level: undefined, levels: new Map(), options: new Map([['minAge', new Set([1])]]) };
    assert.throws(() => demandsOf({ ...defaultPolicy, rules: new Map([['release-age', setting]]) }), TypeError);
  });
});

/** As an approval holds it. */
function recorded(value: Demands): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
