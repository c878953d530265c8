// What holds of every input: one project has one package set, whichever manager wrote it down and in whatever order; the
// same bytes have the same answer; what is written is read back; and nothing but a coded error is ever thrown.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  canonicalize,
  checkGraph,
  LocksealError,
  lockedSha512,
  packageSet,
  parseApprovalPolicy,
  parseStatement,
  STATEMENT_PAYLOAD_TYPE,
  type Json,
  type Lockfile,
} from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
import { loadPolicy } from '@lockseal/policy';
import fc from 'fast-check';
import { runs } from '../support/thorough.ts';
import { encodeStatement, parseApprovals, type InTotoStatement } from '../../packages/signer/src/index.ts';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly dependencies: readonly Package[];
}

const encoder = new TextEncoder();
const read = (file: string, text: string): Lockfile => readLockfile(file, encoder.encode(text));
const setOf = (lockfile: Lockfile): string => packageSet(lockfile, ({ pin }) => lockedSha512(pin)).sha256;
const specsOf = ({ dependencies }: Package): Record<string, string> =>
  Object.fromEntries(dependencies.map(({ name, version }) => [name, version]));
const keyed = <T>(
  packages: readonly Package[],
  key: (of: Package) => string,
  value: (of: Package) => T,
): Record<string, T> => Object.fromEntries(packages.map((each) => [key(each), value(each)]));
const lines = (table: Record<string, string>, indent: string, separator: string): string =>
  Object.entries(table)
    .map(([name, spec]) => `${indent}"${name}"${separator}"${spec}"\n`)
    .join('');

/** The same packages as seven managers would lock them, the first a direct dependency, in the order given. */
const WRITERS: Readonly<Record<string, (packages: readonly Package[], root: Package) => string>> = {
  'package-lock.json': (packages, root) =>
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { [root.name]: root.version } },
        ...keyed(
          packages,
          ({ name }) => `node_modules/${name}`,
          (of) => ({
            version: of.version,
            integrity: of.integrity,
            dependencies: specsOf(of),
          }),
        ),
      },
    }),
  'pnpm-lock.yaml': (packages, root) =>
    [
      "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n",
      `      "${root.name}":\n        specifier: ${root.version}\n        version: ${root.version}\npackages:\n`,
      ...packages.map(
        ({ name, version, integrity }) => `  "${name}@${version}":\n    resolution: {integrity: ${integrity}}\n`,
      ),
      'snapshots:\n',
      ...packages.map((of) => {
        const table = lines(specsOf(of), '      ', ': ');
        return `  "${of.name}@${of.version}":${table === '' ? ' {}' : `\n    dependencies:\n${table.trimEnd()}`}\n`;
      }),
    ].join(''),
  'yarn.lock': (packages) =>
    `# yarn lockfile v1\n\n${packages
      .map((of) => {
        const base = of.name.slice(of.name.indexOf('/') + 1);
        const url = `https://registry.yarnpkg.com/${of.name}/-/${base}-${of.version}.tgz`;
        const table = lines(specsOf(of), '    ', ' ');
        const dependencies = table === '' ? '' : `  dependencies:\n${table}`;
        return `"${of.name}@${of.version}":\n  version "${of.version}"\n  resolved "${url}"\n  integrity ${of.integrity}\n${dependencies}`;
      })
      .join('\n')}`,
  'bun.lock': (packages, root) =>
    JSON.stringify({
      lockfileVersion: 1,
      workspaces: { '': { dependencies: { [root.name]: root.version } } },
      packages: keyed(
        packages,
        ({ name }) => name,
        (of) => [`${of.name}@${of.version}`, '', { dependencies: specsOf(of) }, of.integrity],
      ),
    }),
  'deno.lock': (packages, root) =>
    JSON.stringify({
      version: '5',
      specifiers: { [`npm:${root.name}@${root.version}`]: root.version },
      npm: keyed(
        packages,
        ({ name, version }) => `${name}@${version}`,
        (of) => ({
          integrity: of.integrity,
          dependencies: of.dependencies.map(({ name }) => name),
        }),
      ),
      workspace: { dependencies: [`npm:${root.name}@${root.version}`] },
    }),
  'vlt-lock.json': (packages, root) => {
    const id = ({ name, version }: Package): string => `~npm~${name.replace('/', '+')}@${version}`;
    return JSON.stringify({
      lockfileVersion: 1,
      options: {},
      nodes: keyed(packages, id, (of) => [0, of.name, of.integrity]),
      edges: {
        [`file~. ${root.name}`]: `prod ${root.version} ${id(root)}`,
        ...Object.fromEntries(
          packages.flatMap((of) =>
            of.dependencies.map((to) => [`${id(of)} ${to.name}`, `prod ${to.version} ${id(to)}`]),
          ),
        ),
      },
    });
  },
};

const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join('.'));
const scope = fc.constantFrom('', '@acme/', '@x/');

/** A project: each package depends on later ones only, and all are reached from the first. */
const project: fc.Arbitrary<readonly Package[]> = fc
  .array(fc.record({ scope, version, picks: fc.array(fc.nat(10), { maxLength: 3 }) }), { minLength: 1, maxLength: 8 })
  .map((drafts) => {
    const packages: Package[] = [];
    for (const [index, draft] of [...drafts.entries()].toReversed()) {
      const name = `${draft.scope}p${index}`;
      const integrity = `sha512-${createHash('sha512').update(name).digest('base64')}`;
      const [next] = packages;
      const picked = draft.picks.flatMap((pick) => packages[pick] ?? []);
      packages.unshift({
        name,
        version: draft.version,
        integrity,
        dependencies: [...new Set([...(next ? [next] : []), ...picked])],
      });
    }
    return packages;
  });

describe('one project', () => {
  test('has one package set, whichever manager locked it and in whatever order', () => {
    fc.assert(
      fc.property(project, fc.infiniteStream(fc.nat()), (packages, ranks) => {
        const [root] = packages;
        assert.ok(root !== undefined);
        const ranked = packages.map((of) => ({ of, rank: ranks.next().value as number }));
        const shuffled = ranked.toSorted((a, b) => a.rank - b.rank).map(({ of }) => of);
        const sets = Object.entries(WRITERS).flatMap(([file, write]) =>
          [packages, shuffled].map((order) => {
            const lockfile = read(file, write(order, root));
            assert.equal(lockfile.entries.length, packages.length, file);
            return `${setOf(lockfile)} ${file}`;
          }),
        );
        assert.equal(new Set(sets.map((each) => each.slice(0, 64))).size, 1, sets.join('\n'));
      }),
      { numRuns: runs(40, 1000) },
    );
  });

  test('has another set as soon as one digest, name or version is another', () => {
    fc.assert(
      fc.property(project, fc.nat(), fc.constantFrom('integrity', 'version', 'name'), (packages, pick, member) => {
        const write = WRITERS['yarn.lock'];
        const [root] = packages;
        const at = pick % packages.length;
        assert.ok(write !== undefined && root !== undefined);
        const other = { integrity: `sha512-${Buffer.alloc(64).toString('base64')}`, version: '99.0.0', name: 'other' };
        const changed = packages.map((of, index) => (index === at ? { ...of, [member]: other[member] } : of));
        assert.notEqual(
          setOf(read('yarn.lock', write(packages, root))),
          setOf(read('yarn.lock', write(changed, root))),
        );
      }),
      { numRuns: runs(40, 1000) },
    );
  });

  test('read twice is read alike, and its graph is judged alike', () => {
    fc.assert(
      fc.property(project, fc.constantFrom(...Object.keys(WRITERS)), (packages, file) => {
        const [root] = packages;
        const text = root === undefined ? '' : (WRITERS[file]?.(packages, root) ?? '');
        const [first, second] = [read(file, text), read(file, text)];
        assert.deepEqual(first, second);
        assert.deepEqual(checkGraph(first, undefined), checkGraph(second, undefined));
      }),
      { numRuns: runs(20, 500) },
    );
  });
});

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const statement = fc.record(
  {
    _type: fc.constant('https://in-toto.io/Statement/v1'),
    subject: fc.array(fc.record({ name: words, digest: fc.record({ sha256: digest }) }), {
      minLength: 1,
      maxLength: 4,
    }),
    predicateType: words,
    predicate: fc.dictionary(words, json),
  },
  { noNullPrototype: true },
);

describe('a statement', () => {
  test('is read back as it was written, and members in another order are the same bytes', () => {
    fc.assert(
      fc.property(statement, (value) => {
        const bytes = encodeStatement(value as unknown as InTotoStatement<object>);
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        assert.deepEqual(encodeStatement(turned as unknown as InTotoStatement<object>), bytes);
        const parsed = parseStatement(STATEMENT_PAYLOAD_TYPE, bytes);
        assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
        assert.equal(parsed.statement.predicateType, value.predicateType);
        assert.deepEqual(
          parsed.statement.subjects.map(({ name, digests }) => [name, digests.get('sha256')]),
          value.subject.map((subject) => [subject.name, subject.digest.sha256]),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('is refused with a reason, whatever JSON stands in its place', () => {
    fc.assert(
      fc.property(json, (value) => {
        const parsed = parseStatement(STATEMENT_PAYLOAD_TYPE, encoder.encode(JSON.stringify(value)));
        assert.ok(parsed.status === 'malformed' && parsed.reason !== '');
      }),
      { numRuns: 500 },
    );
  });

  test('has one canonical form, which is a form of its own', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalize(value);
        assert.equal(canonicalize(JSON.parse(text) as Json), text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a file of approvals', () => {
  const line = fc.record({ payloadType: words, payload: fc.uint8Array({ minLength: 1, maxLength: 40 }) });

  test('is read back line by line', () => {
    fc.assert(
      fc.property(fc.uniqueArray(line, { selector: (of) => JSON.stringify(of), maxLength: 6 }), (written) => {
        const text = written
          .map(({ payloadType, payload }) => ({ payloadType, payload: Buffer.from(payload).toString('base64') }))
          .map((dsseEnvelope) => `${JSON.stringify({ dsseEnvelope })}\n`)
          .join('');
        const stored = parseApprovals(encoder.encode(text), 'x');
        assert.deepEqual(
          stored.map(({ line: number, payloadType, payload }) => [
            number,
            payloadType,
            Buffer.from(payload).toString('hex'),
          ]),
          written.map(({ payloadType, payload }, index) => [
            index + 1,
            payloadType,
            Buffer.from(payload).toString('hex'),
          ]),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('cut off anywhere but at the end of a line is refused', () => {
    const text = Buffer.from(
      '{"dsseEnvelope":{"payloadType":"x","payload":"eA=="}}\n{"dsseEnvelope":{"payloadType":"y","payload":"eQ=="}}\n',
    );
    const ends = [0, text.indexOf(10) + 1, text.length];
    for (let length = 0; length <= text.length; length += 1) {
      const cut = (): unknown => parseApprovals(text.subarray(0, length), 'x');
      if (ends.includes(length)) assert.doesNotThrow(cut);
      else assert.throws(cut, (thrown) => thrown instanceof LocksealError && thrown.code === 'ERR_APPROVALS_SYNTAX');
    }
  });
});

describe('a policy', () => {
  const load = (text: string): ReturnType<typeof loadPolicy> =>
    loadPolicy({ file: 'lockseal.yaml', text }, { now: 0, read: async () => undefined });
  const policy = fc.record(
    {
      version: fc.constant(1),
      extends: fc.constantFrom('baseline', 'recommended', 'strict'),
      registries: fc.constant(['https://registry.npmjs.org/']),
      trust: fc.record({ maxAge: fc.constantFrom('P1D', 'P60D') }),
      rules: fc.dictionary(
        fc.constantFrom('deprecated', 'release-age', 'dormant-revived'),
        fc.constantFrom('off', 'warn', 'error'),
      ),
    },
    { noNullPrototype: true, requiredKeys: ['version'] },
  );

  test('says the same in any order of its members, and whenever it is read', async () => {
    await fc.assert(
      fc.asyncProperty(policy, async (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        const [one, again, other] = await Promise.all([value, value, turned].map((each) => load(JSON.stringify(each))));
        assert.ok(one?.status === 'ok' && again?.status === 'ok' && other?.status === 'ok', JSON.stringify(one));
        assert.equal(shown(one.policy), shown(again.policy));
        assert.equal(shown(one.policy), shown(other.policy));
      }),
      { numRuns: 20 },
    );
  });

  test('of approvals is read, or refused with a code, whatever JSON it is', () => {
    fc.assert(
      fc.property(json, (value) => {
        assert.throws(
          () => parseApprovalPolicy(value),
          (thrown) => thrown instanceof LocksealError && thrown.code === 'ERR_CONFIG',
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** Maps as lists; places in the text and its digest, which differ with its order, are left out. */
function shown(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => {
    if (key === 'position' || key === 'offset' || key === 'sha256') return undefined;
    return member instanceof Map ? [...member].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)) : member;
  });
}
