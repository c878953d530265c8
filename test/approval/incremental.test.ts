// Approving again costs what changed: what a valid approval covers is carried forward, and nobody is asked about it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  parseApprovals,
  parseApprovalStatement,
  readApprovedPackages,
  type ParsedApproval,
} from '../../packages/signer/src/index.ts';
import type { RegistryBox } from '@lockseal/testkit';
import { openWorkshop, policyOf, REPOSITORY, type Workshop } from './support/workshop.ts';

const NAMES = Array.from({ length: 24 }, (_, index) => `p${index}`);
const CHANGED = ['p3', 'p7'];
/** Deprecated: the policy has a word to say about it each time. */
const NOTED = 'p9';

function publish(box: RegistryBox): void {
  for (const [index, name] of NAMES.entries()) {
    const next = NAMES[index + 1];
    const dependencies = next === undefined || index % 2 === 1 ? {} : { [next]: '^1.0.0' };
    const manifestOverride = name === NOTED ? { deprecated: 'use p10' } : {};
    box.publish({ name, version: '1.0.0', dependencies, manifestOverride });
  }
}

const PROJECT = {
  name: 'shop',
  version: '1.0.0',
  dependencies: Object.fromEntries(NAMES.map((name) => [name, '^1.0.0'])),
};

let shop: Workshop;
let earlier: string;
let later: string;

async function lastApproval(): Promise<{ statement: ParsedApproval; carried: readonly string[] }> {
  const lines = parseApprovals(Buffer.from(await shop.read('package-lock.json.approvals.jsonl')), 'it');
  const payloads = lines
    .map(({ payload }) => payload)
    .filter((each) => Buffer.from(each).includes('approved-lockfile/v1'));
  const payload = payloads.at(-1);
  assert.ok(payload !== undefined);
  const packages = readApprovedPackages(payload).filter(({ carried }) => carried !== undefined);
  return { statement: parseApprovalStatement(payload), carried: packages.map(({ purl }) => purl) };
}

const RULES = 'rules:\n  deprecated: note\n';
const policy = (keys: ReadonlyMap<string, string>): string => `${policyOf(keys)}${RULES}`;

/** Names that the registry was asked about, each once. */
const asked = (): readonly string[] => [...new Set(shop.asked())].sort();

before(async () => {
  shop = await openWorkshop(['ana', 'ben', 'eve'], publish, (keys) =>
    policy(new Map([...keys].filter(([name]) => name !== 'eve'))),
  );
  await shop.box.writeProject(shop.directory, PROJECT, { registry: shop.registry.url });
  earlier = await shop.read('package-lock.json');
  for (const name of CHANGED) shop.box.publish({ name, version: '1.1.0' });
  await shop.box.writeProject(shop.directory, PROJECT, { registry: shop.registry.url });
  later = await shop.read('package-lock.json');
  await shop.write('policy.yaml', await shop.read('lockseal.yaml'));
  await shop.write('package-lock.json', earlier);
  const { exitCode, stderr } = await shop.approve('ana');
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(asked(), [...NAMES].sort(), 'the first approval looks at everything');
  await shop.write('first.jsonl', await shop.read('package-lock.json.approvals.jsonl'));
});
after(() => shop.close());

beforeEach(async () => {
  await shop.write('package-lock.json', later);
  await shop.write('lockseal.yaml', await shop.read('policy.yaml'));
  await shop.write('package-lock.json.approvals.jsonl', await shop.read('first.jsonl'));
  asked();
});

describe('approving again', () => {
  test('asks about what changed, and about what there was something to say of', async () => {
    const { exitCode, stdout } = await shop.approve('ana');
    assert.equal(exitCode, 0);
    assert.deepEqual(asked(), [...CHANGED, NOTED]);
    assert.match(stdout, /^21 carried forward from sequence 1, 3 looked at/m);
    const { statement, carried } = await lastApproval();
    assert.equal(statement.carried?.packages, 21);
    assert.equal(statement.carried.origins.length, 1);
    assert.equal(carried.length, 21);
    assert.equal((await shop.enforce()).exitCode, 0);
  });

  test('asks about nothing but that where nothing changed', async () => {
    await shop.write('package-lock.json', earlier);
    assert.equal((await shop.approve('ben')).exitCode, 0);
    assert.deepEqual(asked(), [NOTED]);
  });

  test('carries on from approval to approval, and names where each was looked at', async () => {
    await shop.approve('ana');
    asked();
    await shop.write('package-lock.json', earlier);
    assert.equal((await shop.approve('ana')).exitCode, 0);
    assert.deepEqual(asked(), [...CHANGED, NOTED], 'the versions that went and came back were not in the last state');
    const { statement } = await lastApproval();
    assert.deepEqual(
      statement.carried?.origins.map(({ sequence }) => sequence),
      [1],
    );
    assert.equal(statement.carried?.from.sequence, 2);
  });

  test('looks at everything with --full, and finds the same', async () => {
    await shop.approve('ana');
    asked();
    assert.equal((await shop.approve('ben', '--full')).exitCode, 0);
    assert.deepEqual(asked(), [...NAMES].sort());
    const [one, other] = await statements();
    assert.equal(one?.evidence, other?.evidence, 'so that the two count together');
    assert.equal(other?.carried, null);
  });

  test('tells in a report what was carried, when it is refused', async () => {
    await shop.write(
      'package-lock.json',
      edit(later, (packages) =>
        Object.assign(packages['node_modules/p0'] ?? {}, { dependencies: { p1: '^1.0.0', p5: '*' } }),
      ),
    );
    const { exitCode, stderr } = await shop.approve('ana');
    assert.equal(exitCode, 1);
    assert.match(stderr, /edge-forged/);
    assert.match(stderr, /carried +21 of 24 entries carried forward from approval 1, not looked at again/);
    assert.deepEqual(asked(), [...CHANGED, NOTED], 'the edges of p0 are held against what its approval recorded');
  });
});

describe('everything is looked at again', () => {
  const cases: readonly (readonly [why: string, change: () => Promise<void>])[] = [
    [
      'where a rule was added',
      async () => shop.write('lockseal.yaml', `${await shop.read('policy.yaml')}  provenance: {require: true}\n`),
    ],
    [
      'where the approval was revoked',
      async () => {
        await shop.write('package-lock.json', earlier);
        const revoked = await shop.run(
          'revoke',
          '--yes',
          '--trusted-root=root.json',
          '--key=ben.pem',
          `--repository=${REPOSITORY}`,
        );
        assert.equal(revoked.exitCode, 0);
        await shop.write('package-lock.json', later);
      },
    ],
    [
      'where a stranger gave the only approval',
      async () => {
        const approvers = await shop.read('policy.yaml');
        await shop.write('lockseal.yaml', policy(shop.keys));
        await shop.write('package-lock.json.approvals.jsonl', '');
        await shop.write('package-lock.json', earlier);
        assert.equal((await shop.approve('eve')).exitCode, 0);
        await shop.write('package-lock.json', later);
        await shop.write('lockseal.yaml', approvers);
      },
    ],
    [
      'where the approval is of another lockfile of the repository',
      async () => {
        const moved = (await shop.read('first.jsonl')).trim();
        await shop.write('pnpm-lock.yaml.approvals.jsonl', `${moved}\n`);
        await shop.write('package-lock.json.approvals.jsonl', '');
      },
    ],
  ];
  for (const [why, change] of cases) {
    test(why, async () => {
      await change();
      asked();
      await shop.approve('ana');
      assert.deepEqual(asked(), [...NAMES].sort());
    });
  }

  test('not where only the approvers changed', async () => {
    await shop.write('lockseal.yaml', policy(shop.keys));
    assert.equal((await shop.approve('eve')).exitCode, 0);
    assert.deepEqual(asked(), [...CHANGED, NOTED]);
  });
});

describe('one package is looked at again', () => {
  const cases: readonly (readonly [why: string, change: (entry: Record<string, unknown>) => void])[] = [
    [
      'whose bytes are others under the same version',
      (entry) => Object.assign(entry, { integrity: `sha512-${Buffer.alloc(64, 7).toString('base64')}` }),
    ],
    ['whose URL is another', (entry) => Object.assign(entry, { resolved: 'https://evil.example.com/p12-1.0.0.tgz' })],
    [
      'whose pin is weak',
      (entry) => Object.assign(entry, { integrity: `sha1-${Buffer.alloc(20, 7).toString('base64')}` }),
    ],
    [
      'that is pinned twice',
      (entry) =>
        Object.assign(entry, {
          integrity: `${String(entry['integrity'])} sha512-${Buffer.alloc(64, 7).toString('base64')}`,
        }),
    ],
  ];
  for (const [why, change] of cases) {
    test(`${why}, and is refused`, async () => {
      await shop.write(
        'package-lock.json',
        edit(later, (packages) => change(packages['node_modules/p12'] ?? {})),
      );
      const { exitCode } = await shop.approve('ana');
      assert.notEqual(exitCode, 0);
      assert.deepEqual(asked().toSorted(), ['p12', ...CHANGED, NOTED].toSorted());
    });
  }
});

describe('what is carried is judged by the words of the lockfile, too', () => {
  test('a URL at another registry than the policy names is refused, although it is a usual one', async () => {
    await shop.write('lockseal.yaml', `${await shop.read('policy.yaml')}registries: ['${shop.registry.url}']\n`);
    await shop.write('package-lock.json.approvals.jsonl', '');
    await shop.write('package-lock.json', earlier);
    assert.equal((await shop.approve('ana')).exitCode, 0);
    asked();
    const moved = edit(earlier, ({ 'node_modules/p12': entry = {} }) =>
      Object.assign(entry, { resolved: 'https://registry.npmjs.org/p12/-/p12-1.0.0.tgz' }),
    );
    await shop.write('package-lock.json', moved);
    const { exitCode, stderr } = await shop.approve('ana');
    assert.equal(exitCode, 1);
    assert.match(stderr, /source-disallowed/);
    assert.deepEqual(asked(), [NOTED]);
  });
});

async function statements(): Promise<readonly ParsedApproval[]> {
  const lines = parseApprovals(Buffer.from(await shop.read('package-lock.json.approvals.jsonl')), 'it');
  const approvals = lines.filter(({ payload }) => Buffer.from(payload).includes('approved-lockfile/v1'));
  return approvals.map(({ payload }) => parseApprovalStatement(payload)).filter(({ sequence }) => sequence === 2);
}

function edit(text: string, change: (packages: Record<string, Record<string, unknown>>) => void): string {
  const lockfile = JSON.parse(text) as { packages: Record<string, Record<string, unknown>> };
  change(lockfile.packages);
  return `${JSON.stringify(lockfile, null, 2)}\n`;
}
