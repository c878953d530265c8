// Approving and enforcing read one policy one way: with all that it extends, and under one digest.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { loadPolicy, PRESET_NAMES } from '../../packages/policy/src/index.ts';
import { loadApprovals } from '../../packages/policy/src/approvals.ts';
import { openWorkshop, policyOf, type Workshop } from './support/workshop.ts';

let shop: Workshop;
const TEAM = 'version: 1\nextends: recommended\n';

before(async () => {
  shop = await openWorkshop(['ana'], (box) => void box.publish({ name: 'ms', version: '1.0.0' }));
  await shop.box.writeProject(shop.directory, { dependencies: { ms: '^1.0.0' } }, { registry: shop.registry.url });
  await shop.write('team.yaml', policyOf(shop.keys));
  await shop.write('lockseal.yaml', 'version: 1\nextends: ./team.yaml\n');
  const approved = await shop.approve('ana');
  assert.equal(approved.exitCode, 0, approved.stderr);
});
after(() => shop.close());
beforeEach(async () => {
  await shop.write('team.yaml', policyOf(shop.keys));
  await shop.write('lockseal.yaml', 'version: 1\nextends: ./team.yaml\n');
});

describe('a policy that extends another', () => {
  test('says by it who may approve', async () => {
    const { exitCode, stdout } = await shop.enforce();
    assert.equal(exitCode, 0, stdout);
  });

  test('is another one as soon as what it extends is', async () => {
    await shop.write('team.yaml', `${policyOf(shop.keys)}# more\n`);
    const { exitCode, stdout } = await shop.enforce();
    assert.equal(exitCode, 1);
    assert.match(stdout, /approval-other-policy/);
  });

  const wrong: readonly (readonly [why: string, name: string, text: string, found: RegExp])[] = [
    [
      'what it extends is not there',
      'lockseal.yaml',
      'version: 1\nextends: ./none.yaml\n',
      /ERR_CONFIG.*leads to nothing/s,
    ],
    ['what it extends extends it', 'team.yaml', 'version: 1\nextends: ./lockseal.yaml\n', /ERR_CONFIG.*in a circle/s],
    [
      'what it extends has a mistake among the approvers',
      'team.yaml',
      'version: 1\napprovals: {roles: {}}\n',
      /ERR_CONFIG.*names no role/s,
    ],
    [
      'what it extends is no policy',
      'team.yaml',
      'version: 1\naprovals: {}\n',
      /ERR_CONFIG.*not a key that anything reads/s,
    ],
    ['nobody is listed anywhere', 'team.yaml', TEAM, /ERR_CONFIG.*who may approve/s],
    ['an alias could hide approvers', 'lockseal.yaml', 'version: 1\nextends: &a ./team.yaml\n', /ERR_CONFIG.*anchor/s],
  ];
  for (const [why, name, text, found] of wrong) {
    test(`lets nothing pass where ${why}`, async () => {
      await shop.write(name, text);
      const { exitCode, stderr } = await shop.enforce();
      assert.equal(exitCode, 2);
      assert.match(stderr, found);
    });
  }
});

describe('the two readers of a policy', () => {
  const approvals = (threshold: number): string =>
    `approvals: {allowAnyRepository: true, roles: {r: {threshold: ${threshold}, approvers: [{name: a, identities: [{issuer: 'https://a', san: a}]}, {name: b, identities: [{issuer: 'https://a', san: b}]}]}}}\n`;
  const files: Readonly<Record<string, string>> = {
    './one.yaml': `version: 1\n${approvals(1)}`,
    './two.yaml': `version: 1\nextends: [./one.yaml, strict]\n${approvals(2)}`,
    './none.yaml': TEAM,
  };
  const policies: readonly string[] = [
    ...PRESET_NAMES.map((name) => `version: 1\nextends: ${name}\n`),
    files['./one.yaml'] ?? '',
    `version: 1\nextends: ./one.yaml\n`,
    `version: 1\nextends: [./one.yaml, ./two.yaml]\n`,
    `version: 1\nextends: [./two.yaml, ./one.yaml, ./none.yaml]\n`,
    `{"version": 1, "extends": "./two.yaml"}\n`,
    `version: 1\nextends: ./none.yaml\n`,
  ];
  for (const text of policies) {
    test(`come to the same approvers and digest: ${text.slice(11, 60).trim()}`, async () => {
      const read = async (reference: string): Promise<{ file: string; text: string } | undefined> => {
        const found = files[reference];
        return found === undefined ? undefined : { file: reference, text: found };
      };
      const source = { file: 'lockseal.yaml', text };
      const whole = await loadPolicy(source, { now: 0, read });
      const part = await loadApprovals(source, read);
      assert.ok(whole.status === 'ok' && part.status === 'ok');
      assert.deepEqual([part.approvals, part.sha256], [whole.policy.approvals, whole.policy.sha256]);
    });
  }
});
