import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { defaultPolicy, loadPolicy, needsOf, PRESET_NAMES } from '@lockseal/policy';
import { load, NOW, policyOf, problemsOf } from './support/load.ts';

const CUSTOM = '{name: ours, when: "true", message: m}';

const level = async (text: string, rule: string, files = {}): Promise<unknown> =>
  (await policyOf(`version: 1\n${text}`, files)).rules.get(rule)?.level;

describe('what a policy extends', () => {
  for (const name of PRESET_NAMES) {
    test(`the preset ${name} is a good policy`, async () => {
      assert.equal((await load(`version: 1\nextends: ${name}\n`)).status, 'ok');
    });
  }

  test('presets build upon each other, the last word counts', async () => {
    assert.equal(await level('extends: recommended', 'deprecated'), 'warn');
    assert.equal(await level('extends: strict', 'deprecated'), 'error');
    assert.equal(await level('extends: strict\nrules: {deprecated: off}', 'deprecated'), 'off');
    assert.equal(await level('extends: [strict, baseline]', 'deprecated'), 'note');
  });

  test('a file is laid over what it extends, option by option', async () => {
    const files = {
      './team.yaml': 'version: 1\nrules: {release-age: {level: warn, minAge: P9D, except: ["@team/*"]}}',
    };
    const policy = await policyOf('version: 1\nextends: ./team.yaml\nrules: {release-age: {minAge: P1D}}', files);
    const setting = policy.rules.get('release-age');
    assert.equal(setting?.level, 'warn');
    assert.equal(setting?.options.get('minAge'), 86_400);
    assert.deepEqual([...(setting?.options.keys() ?? [])].toSorted(), ['except', 'minAge']);
  });

  test('a level takes away the levels of codes that lie below it', async () => {
    const below = 'version: 1\nrules: {registry-signature: {levels: {signature-missing: error}}}';
    const policy = await policyOf('version: 1\nextends: ./b.yaml\nrules: {registry-signature: error}', {
      './b.yaml': below,
    });
    assert.equal(policy.rules.get('registry-signature')?.levels.size, 0);
  });

  test('levels of codes stay where a file sets no level of the rule', async () => {
    const below = 'version: 1\nrules: {registry-signature: {levels: {signature-missing: error}}}';
    const policy = await policyOf(
      'version: 1\nextends: ./b.yaml\nrules: {registry-signature: {levels: {signature-unknown-key: note}}}',
      { './b.yaml': below },
    );
    assert.deepEqual(Object.fromEntries(policy.rules.get('registry-signature')?.levels ?? []), {
      'signature-missing': 'error',
      'signature-unknown-key': 'note',
    });
  });

  test('lists of all files count, the last registries and trust do', async () => {
    const team = `version: 1
registries: [https://team.test/]
trust: {maxAge: P9D, origins: tuf}
overrides: [{packages: a, rules: {}}]
`;
    const own = `version: 1
extends: ./team.yaml
registries: [https://own.test/]
trust: {maxAge: P1D}
overrides: [{packages: b, rules: {}}]
`;
    const policy = await policyOf(own, { './team.yaml': team });
    assert.deepEqual(policy.registries, ['https://own.test/']);
    assert.deepEqual(policy.trust, { maxAge: 86_400, origins: ['tuf'], roots: undefined });
    assert.deepEqual(
      policy.overrides.map(({ file, packages }) => [file, packages[0]?.text]),
      [
        ['./team.yaml', 'a'],
        ['lockseal.yaml', 'b'],
      ],
    );
  });

  test('the shortest longest waiver counts, whoever sets it', async () => {
    const waiver = 'waivers: [{package: a, rule: source, reason: b, who: c, expires: 2026-12-10}]';
    const files = { './team.yaml': 'version: 1\nlongestWaiver: P7D' };
    const problems = await problemsOf(`version: 1\nextends: ./team.yaml\nlongestWaiver: P60D\n${waiver}`, files);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['waiver-too-long'],
    );
    assert.equal((await load(`version: 1\nlongestWaiver: P60D\n${waiver}`)).status, 'ok');
  });

  test('mistakes in an extended file are told with its name', async () => {
    const problems = await problemsOf('version: 1\nextends: ./t.yaml', { './t.yaml': 'version: 1\nrulez: {}' });
    assert.deepEqual(
      problems.map(({ file, code }) => [file, code]),
      [['./t.yaml', 'unknown-key']],
    );
  });

  test('waivers in an extended file may name custom rules of it', async () => {
    const team = `version: 1
custom: [{name: ours, when: "false", message: m}]
waivers: [{package: a, rule: ours, reason: b, who: c, expires: 2026-12-01}]
`;
    assert.equal((await policyOf('version: 1\nextends: ./t.yaml', { './t.yaml': team })).waivers.length, 1);
  });

  test('a file that two others extend says what it says once', async () => {
    const rule = 'custom: [{name: ours, when: "true", message: m}]\noverrides: [{packages: a, rules: {}}]\n';
    const policy = await policyOf('version: 1\nextends: [./a.yaml, ./b.yaml]\n', {
      './a.yaml': 'version: 1\nextends: ./c.yaml\n',
      './b.yaml': 'version: 1\nextends: ./c.yaml\n',
      './c.yaml': `version: 1\n${rule}`,
    });
    assert.deepEqual([policy.custom.length, policy.overrides.length], [1, 1]);
  });

  for (const [why, text, files, places] of [
    ['in one file', `version: 1\ncustom:\n  - ${CUSTOM}\n  - ${CUSTOM}\n`, {}, ['lockseal.yaml:4:5']],
    [
      'in a file and what it extends',
      `version: 1\nextends: ./a.yaml\ncustom:\n  - ${CUSTOM}\n`,
      { './a.yaml': `version: 1\ncustom: [${CUSTOM}]\n` },
      ['lockseal.yaml:4:5'],
    ],
    [
      'in two files that are extended',
      'version: 1\nextends: [./a.yaml, ./b.yaml]\n',
      { './a.yaml': `version: 1\ncustom: [${CUSTOM}]\n`, './b.yaml': `version: 1\ncustom: [${CUSTOM}]\n` },
      ['./b.yaml:2:10'],
    ],
  ] as const) {
    test(`two custom rules of one name are refused, ${why}`, async () => {
      const problems = await problemsOf(text, files);
      assert.deepEqual(
        problems.map(({ file, position }) => `${file}:${position.line}:${position.column}`),
        places,
      );
      assert.match(problems[0]?.message ?? '', /custom rule `ours` has the name of another one, at /);
    });
  }

  test('what cannot be used of what it names is told, with what to do', async () => {
    const source = { file: 'lockseal.yaml', text: 'version: 1\nextends: ["@acme/policy"]\n' };
    const read = async () => ({ refused: 'is a package that is empty', hint: 'Fill it.' });
    const loaded = await loadPolicy(source, { now: NOW, read });
    assert.ok(loaded.status === 'invalid');
    assert.deepEqual(loaded.problems, [
      {
        code: 'bad-reference',
        file: 'lockseal.yaml',
        position: { line: 2, column: 11 },
        message: '`extends[0]` is a package that is empty: "@acme/policy"',
        hint: 'Fill it.',
      },
    ]);
  });

  test('a circle is refused', async () => {
    const files = { './a.yaml': 'version: 1\nextends: ./b.yaml', './b.yaml': 'version: 1\nextends: ./a.yaml' };
    assert.match((await problemsOf('version: 1\nextends: ./a.yaml', files))[0]?.message ?? '', /circle/);
  });

  test('a chain without end is refused', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`./${index}.yaml`, `version: 1\nextends: ./${index + 1}.yaml`]),
    );
    assert.match((await problemsOf('version: 1\nextends: ./0.yaml', files))[0]?.message ?? '', /too deep/);
  });

  test('a tree that doubles with every file is refused', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 7 }, (_, index) => {
        const next = index === 6 ? 'baseline, baseline' : `./${index + 1}.yaml, ./${index + 1}.yaml`;
        return [`./${index}.yaml`, `version: 1\nextends: [${next}]`];
      }),
    );
    const problems = await problemsOf('version: 1\nextends: ./0.yaml', files);
    assert.ok(problems.some(({ code }) => code === 'too-large'));
  });
});

describe('mistakes', () => {
  const placesOf = async (text: string, files = {}): Promise<readonly string[]> =>
    (await problemsOf(text, files)).map(
      ({ file, position: { line, column }, code }) => `${file}:${line}:${column} ${code}`,
    );

  test('of several files are told by the name of the file, whichever was read first', async () => {
    const wrong = 'version: 1\nrulez: {}\n';
    const files = { './team.yaml': wrong, zeta: wrong };
    assert.deepEqual(await placesOf('version: 1\nextends: [zeta, ./team.yaml]\nrulez: {}\n', files), [
      './team.yaml:2:1 unknown-key',
      'lockseal.yaml:3:1 unknown-key',
      'zeta:2:1 unknown-key',
    ]);
  });

  test('of one line are told from left to right, although waivers are read last', async () => {
    const waiver = '{package: a, rule: nope, reason: r, who: w, expires: 2026-12-01}';
    assert.deepEqual(await placesOf(`{version: 1, waivers: [${waiver}], zzz: 1, rules: {nope: error}}`), [
      'lockseal.yaml:1:43 unknown-rule',
      'lockseal.yaml:1:91 unknown-key',
      'lockseal.yaml:1:107 unknown-rule',
    ]);
  });

  test('of several lines are told from top to bottom', async () => {
    const waivers = 'waivers:\n  - {package: a, rule: nope, reason: r, who: w, expires: 2026-12-01}\n';
    assert.deepEqual(await placesOf(`version: 1\n${waivers}zzz: 1\n`), [
      'lockseal.yaml:3:24 unknown-rule',
      'lockseal.yaml:4:1 unknown-key',
    ]);
  });
});

test('the policy of a project that has none is called default, demands nothing, and has nothing that could be approved', () => {
  assert.deepEqual(defaultPolicy, {
    name: 'default',
    sha256: undefined,
    rules: new Map(),
    overrides: [],
    registries: undefined,
    trust: { roots: undefined, origins: undefined, maxAge: undefined },
    identities: [],
    custom: [],
    waivers: [],
    approvals: undefined,
    install: { allowHosts: [], git: 'refuse' },
  });
});

describe('a loaded policy', () => {
  for (const url of ['https://r.test/', 'http://r.test:8080/npm/']) {
    test(`takes ${url} for a registry`, async () => {
      assert.deepEqual((await policyOf(`version: 1\nregistries: ["${url}"]\n`)).registries, [url]);
    });
  }

  for (const url of ['myhttps://r.test/', 'file:///r/', 'https://r.test/#x/', 'https://r.test/a/../']) {
    test(`takes ${url} for none`, async () => {
      assert.deepEqual(
        (await problemsOf(`version: 1\nregistries: ["${url}"]\n`)).map(({ code }) => code),
        ['bad-value'],
      );
    });
  }

  test('has the digest of its file', async () => {
    const text = 'version: 1\nextends: recommended\n';
    assert.equal((await policyOf(text)).sha256, createHash('sha256').update(text).digest('hex'));
  });

  test('may be JSON', async () => {
    assert.equal(
      (await policyOf('{"version": 1, "rules": {"deprecated": "error"}}')).rules.get('deprecated')?.level,
      'error',
    );
  });

  test('has approvals as core reads them', async () => {
    const text = `version: 1
approvals:
  allowAnyRepository: true
  roles:
    release:
      threshold: 1
      approvers: [{name: alice, identities: [{issuer: https://i.test, san: alice@example.com}]}]
`;
    assert.equal((await policyOf(text)).approvals?.roles.get('release')?.threshold, 1);
  });

  test('keeps the moment at which a waiver ends', async () => {
    const text = 'version: 1\nwaivers: [{package: a, rule: source, reason: b, who: c, expires: 2026-12-01}]';
    const [waiver] = (await policyOf(text)).waivers;
    assert.equal(waiver?.expires, '2026-12-01T00:00:00.000Z');
    assert.ok(NOW < Date.parse(waiver?.expires ?? ''));
  });

  const needs: readonly (readonly [text: string, history: boolean])[] = [
    ['', false],
    ['extends: baseline', false],
    ['extends: recommended', true],
    ['rules: {release-age: off}', false],
    ['rules: {release-age: warn}', true],
    ['rules: {release-age: {minAge: P1D}}', true],
    ['rules: {provenance: {require: true}}', false],
    ['overrides: [{packages: a, rules: {dormant-revived: note}}]', true],
    ['custom: [{name: a, message: b, when: "pkg.direct"}]', false],
    ['custom: [{name: a, message: b, when: "evidence.ageDays < 3"}]', true],
    ['custom: [{name: a, message: b, when: "change.earlierVersions == 0"}]', true],
    ['custom: [{name: a, message: b, level: off, when: "change.earlierVersions == 0"}]', false],
  ];
  for (const [text, history] of needs) {
    test(`${history ? 'needs' : 'does not need'} histories: ${text || 'nothing said'}`, async () => {
      assert.equal(needsOf(await policyOf(`version: 1\n${text}`)).history, history);
    });
  }

  for (const [text, contents] of [
    ['', false],
    ['extends: baseline', false],
    ['extends: recommended', true],
    ['extends: recommended\nrules: {tarball-delta: off}', false],
    ['rules: {tarball-delta: note}', true],
    ['overrides: [{packages: a, rules: {tarball-delta: note}}]', true],
    ['rules: {identity-drift: error}', false],
  ] as const) {
    test(`${contents ? 'needs' : 'does not need'} tarballs: ${text || 'nothing said'}`, async () => {
      assert.equal(needsOf(await policyOf(`version: 1\n${text}`)).contents, contents);
    });
  }
});
