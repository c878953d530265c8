import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadPolicy, type Policy } from '@lockseal/policy';
import { provenance } from '../../../../test/support/verification.ts';
import type { Learned } from '../../src/policy/learn.ts';
import { writePolicy } from '../../src/policy/write-policy.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const DIGEST = 'ab'.repeat(32);
const NOTHING: Learned = { registries: [], scripts: [], identities: [], waivers: [], open: 0 };
const LEARNED: Learned = {
  registries: ['https://registry.npmjs.org/', 'https://npm.acme.test/a/'],
  scripts: [
    { package: '@acme/tool@^1.2.0', names: ['postinstall', 'binding.gyp'], pinnedBy: 'sha256', digest: DIGEST },
    { package: 'from-git', names: ['prepare'], pinnedBy: 'commit', digest: 'c'.repeat(40) },
  ],
  identities: [
    { package: 'tool', identity: provenance.identity },
    {
      package: '@acme/tool@^2.0.0-rc.1',
      identity: { ...provenance.identity, repositoryId: undefined, ownerId: undefined },
    },
  ],
  waivers: [{ package: 'tool@1.2.0', rule: 'release-age', reason: 'it: was "there"', expires: '2026-12-22' }],
  open: 3,
};

async function read(learned: Learned): Promise<Policy> {
  const source = { file: 'lockseal.yaml', text: writePolicy(learned) };
  const loaded = await loadPolicy(source, { now: NOW, read: async () => undefined });
  return loaded.status === 'ok' ? loaded.policy : assert.fail(JSON.stringify(loaded.problems));
}

describe('a written policy', () => {
  test('is read as it was meant', async () => {
    const policy = await read(LEARNED);
    assert.deepEqual(policy.registries, LEARNED.registries);
    const allow = policy.rules.get('install-scripts')?.options.get('allow') as readonly { package: { text: string } }[];
    assert.deepEqual(
      allow.map((each) => ({ ...each, package: each.package.text })),
      [
        { package: '@acme/tool@^1.2.0', sha256: DIGEST, commit: undefined },
        { package: 'from-git', sha256: undefined, commit: 'c'.repeat(40) },
      ],
    );
    const { issuer, repository, repositoryId, ownerId } = provenance.identity;
    assert.deepEqual(
      policy.identities.map(({ packages, identities }) => [packages.text, identities]),
      [
        ['tool', [{ issuer, repository, repositoryId, ownerId }]],
        ['@acme/tool@^2.0.0-rc.1', [{ issuer, repository }]],
      ],
    );
    const [waiver] = policy.waivers;
    assert.deepEqual(
      [waiver?.packages.text, waiver?.rule, waiver?.reason, waiver?.who, waiver?.expires],
      ['tool@1.2.0', 'release-age', 'it: was "there"', 'policy init', '2026-12-22T00:00:00.000Z'],
    );
  });

  test('of nothing is good, too', async () => {
    const policy = await read(NOTHING);
    assert.deepEqual([policy.registries, policy.identities, policy.waivers], [[], [], []]);
    assert.equal(policy.rules.get('tarball-delta')?.level, 'warn', 'it extends recommended');
  });

  test('tells editors of its schema, and readers what it is for', () => {
    const text = writePolicy(LEARNED);
    assert.match(text, /^# yaml-language-server: \$schema=https:\/\/lockseal\.dev\/schema\/policy\/v1\n/);
    assert.match(text, /^ {6}# postinstall, binding\.gyp$/m);
    assert.match(text, /lockseal verify --policy-ref=origin\/main --base=origin\/main/);
  });

  for (const reason of [
    'null',
    'true',
    'yes',
    'on',
    'y',
    '1e3',
    'a: b',
    '# a',
    '-',
    '*a',
    '&a',
    '{a}',
    "it's",
    '"',
    '\\n',
    '\n',
    '\u2028',
    '😀',
    ' a ',
  ]) {
    test(`quotes what YAML would read as something else: ${JSON.stringify(reason)}`, async () => {
      const waiver = { package: 'null', rule: 'source', reason, expires: '2026-12-01' };
      const policy = await read({ ...NOTHING, waivers: [waiver] });
      assert.deepEqual([policy.waivers[0]?.packages.text, policy.waivers[0]?.reason], ['null', reason]);
    });
  }
});
