// Who may approve, without the rules: the same approvers and the same digest that the whole policy has.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadApprovals, type LoadedApprovals, type PolicySource } from '../src/approvals.ts';
import { policyOf } from './support/load.ts';

type Files = Readonly<Record<string, string>>;

async function load(text: string, files: Files = {}): Promise<LoadedApprovals> {
  const read = async (reference: string): Promise<PolicySource | undefined> => {
    const found = files[reference];
    return found === undefined ? undefined : { file: reference, text: found };
  };
  return loadApprovals({ file: 'lockseal.yaml', text }, read);
}

const roles = (name: string): string => `version: 1
approvals:
  allowAnyRepository: true
  roles:
    ${name}:
      threshold: 1
      approvers: [{name: ana, identities: [{issuer: https://i.test, san: ana@example.com}]}]
`;

describe('approvers', () => {
  const cases: readonly (readonly [why: string, text: string, files: Files, role: string | undefined])[] = [
    ['of the file itself', roles('release'), {}, 'release'],
    ['of what it extends', 'version: 1\nextends: ./team.yaml\n', { './team.yaml': roles('team') }, 'team'],
    [
      'of the file before those of what it extends',
      `${roles('release')}extends: ./team.yaml\n`,
      { './team.yaml': roles('team') },
      'release',
    ],
    [
      'of the last file that names any',
      'version: 1\nextends: [./a.yaml, ./b.yaml, ./c.yaml]\n',
      { './a.yaml': roles('a'), './b.yaml': roles('b'), './c.yaml': 'version: 1\n' },
      'b',
    ],
    ['of nobody', 'version: 1\nextends: strict\n', {}, undefined],
    [
      'beside rules that are mistaken, which other readers tell',
      `${roles('release')}rules: {nope: error}\n`,
      {},
      'release',
    ],
  ];
  for (const [why, text, files, role] of cases) {
    test(why, async () => {
      const loaded = await load(text, files);
      assert.ok(loaded.status === 'ok', JSON.stringify(loaded));
      assert.deepEqual([...(loaded.approvals?.roles.keys() ?? [])], role === undefined ? [] : [role]);
    });
  }

  for (const [why, text, files] of [
    ['one file', roles('release'), {}],
    ['a preset', `${roles('release')}extends: strict\n`, {}],
    ['several files', `${roles('release')}extends: [./a.yaml, recommended]\n`, { './a.yaml': roles('a') }],
  ] as const) {
    test(`are under the digest that the whole policy has: ${why}`, async () => {
      const [loaded, policy] = [await load(text, files), await policyOf(text, files)];
      assert.ok(loaded.status === 'ok');
      assert.equal(loaded.sha256, policy.sha256);
      assert.deepEqual(loaded.approvals, policy.approvals);
    });
  }
});

describe('approvers are refused', () => {
  const cases: readonly (readonly [why: string, text: string, said: string, files?: Files])[] = [
    [
      'of a role that nobody can have',
      roles('x').replace('threshold: 1', 'threshold: 2'),
      'lockseal.yaml:6:18 bad-value',
    ],
    ['under a key that nothing reads', `${roles('x')}approval: {}\n`, 'lockseal.yaml:8:1 unknown-key'],
    ['of a policy without a version', roles('x').replace('version: 1\n', ''), 'lockseal.yaml:1:1 missing-key'],
    ['of a policy that leads nowhere', 'version: 1\nextends: ./a.yaml\n', 'lockseal.yaml:2:10 unknown-preset'],
    ['of another file', 'version: 1\nextends: ./a.yaml\n', './a.yaml:1:2 bad-syntax', { './a.yaml': '{' }],
  ];
  for (const [why, text, said, files = {}] of cases) {
    test(why, async () => {
      const loaded = await load(text, files);
      const [first] = loaded.status === 'invalid' ? loaded.problems : [];
      assert.equal(`${first?.file}:${first?.position.line}:${first?.position.column} ${first?.code}`, said);
    });
  }
});
