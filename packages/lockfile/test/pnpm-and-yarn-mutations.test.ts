import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LocksealError, type Lockfile } from '@lockseal/core';
import { readPnpm } from '../src/pnpm/read.ts';
import { decodeLockfile, type LockfileText } from '../src/text.ts';
import { readYarnBerry } from '../src/yarn-berry/read.ts';
import { readYarnClassic } from '../src/yarn-classic/read.ts';

const SHA = `sha512-${'A'.repeat(86)}==`;

const PNPM_9 = `---
lockfileVersion: '9.0'

importers:

  .:
    configDependencies:
      c:
        specifier: 1.0.0
        version: 1.0.0

packages:

  c@1.0.0:
    resolution: {integrity: ${SHA}}

snapshots:

  c@1.0.0: {}

---
lockfileVersion: '9.0'

overrides:
  cookie: 0.7.2

importers:

  .:
    dependencies:
      '@s/n':
        specifier: npm:a@^1.0.0
        version: a@1.0.0(p@1.0.0)
      w:
        specifier: workspace:*
        version: link:packages/w

  packages/w: {}

packages:

  a@1.0.0:
    resolution: {integrity: ${SHA}, tarball: https://example.com/a.tgz}
    engines: {node: '>=18'}
    os: [linux]
    peerDependencies:
      p: '*'

  p@1.0.0:
    resolution: {integrity: ${SHA}}
    deprecated: |-
      two
      lines

snapshots:

  a@1.0.0(p@1.0.0):
    dependencies:
      p: 1.0.0

  p@1.0.0: {}
`;

const PNPM_5 = `lockfileVersion: 5.4

specifiers:
  al: npm:inherits@2.0.4

dependencies:
  al: /inherits/2.0.4

packages:

  /inherits/2.0.4_p@1.0.0:
    resolution: {integrity: ${SHA}}
    dependencies:
      p: 1.0.0
    dev: false
`;

const CLASSIC = `# yarn lockfile v1


"@s/n@^1.0.0", "al@npm:@s/n@^1.0.0":
  version "1.0.1"
  resolved "https://registry.yarnpkg.com/@s/n/-/n-1.0.1.tgz#${'a'.repeat(40)}"
  integrity ${SHA}
  dependencies:
    ms "^2.0.0"

ms@^2.0.0:
  version "2.1.3"
`;

const BERRY = `__metadata:
  version: 8
  cacheKey: 10c0

"al@npm:ms@^2.0.0, ms@npm:^2.0.0":
  version: 2.1.3
  resolution: "ms@npm:2.1.3::__archiveUrl=https%3A%2F%2Fexample.com"
  dependencies:
    x: "npm:^1.0.0"
  checksum: 10c0/${'a'.repeat(128)}
  conditions: os=linux & cpu=x64
  linkType: hard

"t@workspace:.":
  version: 0.0.0-use.local
  resolution: "t@workspace:."
  dependencies:
    ms: "npm:^2.0.0"
`;

const SAMPLES: readonly (readonly [name: string, text: string, reader: (text: LockfileText) => Lockfile])[] = [
  ['pnpm 9.0 with two documents', PNPM_9, readPnpm],
  ['pnpm 5.4', PNPM_5, readPnpm],
  ['Yarn 1', CLASSIC, readYarnClassic],
  ['Yarn Berry', BERRY, readYarnBerry],
];

/** What changes the structure of these formats, rather than a letter of a name. */
const TOKENS: readonly string[] = [
  ...': { } [ ] , # &a *a ! % << | >- @ ` \' " \\ \\u0000 --- ... ( ) _ / // ..'.split(' '),
  ...'__proto__ constructor toString null ~ true 0x10 :: %zz link: file: npm: patch: virtual:'.split(' '),
].concat([': ', '- ', '? ', ' #', '!!str ', '<<: ', '\n---\n', '\n', '\r', '\r\n', '\t', ' ', '  ', '    ']);

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat(4), fc.nat(200)),
  insert: fc.oneof(
    fc.constant(''),
    fc.constantFrom(...TOKENS),
    fc.string({ maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
});

function apply(text: string, { at, remove, insert }: Edit): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + insert + text.slice(start + remove);
}

describe('damaged lockfiles', () => {
  for (const [name, text, reader] of SAMPLES) {
    const read = (damaged: string): Lockfile => reader(decodeLockfile('lockfile', new TextEncoder().encode(damaged)));

    test(`${name}: the sample itself is read`, () => assert.deepEqual(read(text).observations, []));

    test(`${name}: read or refused with a code, and soon`, () => {
      const started = performance.now();
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
          const damaged = edits.reduce(apply, text);
          try {
            const { entries } = read(damaged);
            assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length);
          } catch (thrown) {
            assert.ok(thrown instanceof LocksealError, String(thrown));
            assert.notEqual(thrown.code, 'ERR_INTERNAL', thrown.message);
          }
        }),
        { numRuns: 1500 },
      );
      assert.ok(performance.now() - started < 30_000, 'no edit makes the reader slow');
    });
  }
});

describe('lockfiles made to take long', () => {
  const many = 20_000;
  const slow: readonly (readonly [why: string, text: string, reader: (text: LockfileText) => Lockfile])[] = [
    [
      'brackets in a key',
      `lockfileVersion: '9.0'\npackages:\n  a@1.0.0${'('.repeat(many)}${')'.repeat(many)}:\n    resolution: {}\n`,
      readPnpm,
    ],
    [
      'slashes and underscores in a key',
      `lockfileVersion: 5.4\npackages:\n  /a/1.0.0${'_/'.repeat(many)}:\n    resolution: {}\n`,
      readPnpm,
    ],
    ['tags before a key', `lockfileVersion: '9.0'\npackages:\n  ${'!a '.repeat(many)}b: c\n`, readPnpm],
    [
      'anchors before keys',
      `lockfileVersion: '9.0'\npackages:\n${Array.from({ length: 60 }, (_, depth) => `${' '.repeat(depth + 1)}&a${depth} a:\n`).join('')}`,
      readPnpm,
    ],
    ['a number without end for a key', `lockfileVersion: '9.0'\nsettings:\n  ${'1'.repeat(many * 5)}x: y\n`, readPnpm],
    ['as many patches as entries', patched(4000), readPnpm],
    ['open brackets', `a: ${'['.repeat(many)}`, readPnpm],
    [
      'snapshots in another order than asked for',
      `lockfileVersion: '9.0'\npackages: {}\nsnapshots:\n${Array.from({ length: many }, (_, index) => `  a${many - index}@1.0.0: {}\n`).join('')}`,
      readPnpm,
    ],
    ['open quotes in a block key', `# yarn lockfile v1\n${'"a@1", '.repeat(many)}"b@1\n`, readYarnClassic],
    ['backslashes in a block key', `# yarn lockfile v1\n"${'\\\\'.repeat(many)}:\n`, readYarnClassic],
    [
      'commas in a descriptor',
      `__metadata:\n  version: 8\n"${' '.repeat(many)}a${' '.repeat(many)}@npm:1":\n  resolution: "a@npm:1.0.0"\n`,
      readYarnBerry,
    ],
    [
      'colons in a reference',
      `__metadata:\n  version: 8\n"a@npm:1":\n  version: 1\n  resolution: "a@${':'.repeat(many)}"\n`,
      readYarnBerry,
    ],
  ];
  for (const [why, text, reader] of slow) {
    test(why, () => {
      const started = performance.now();
      try {
        reader(decodeLockfile('lockfile', new TextEncoder().encode(text)));
      } catch (thrown) {
        assert.ok(thrown instanceof LocksealError, String(thrown));
      }
      assert.ok(performance.now() - started < 2000, `${Math.round(performance.now() - started)} ms`);
    });
  }
});

function patched(count: number): string {
  const hashes = Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, '0'));
  return [
    "lockfileVersion: '9.0'",
    'patchedDependencies:',
    ...hashes.map((hash, index) => `  x${index}: ${hash}`),
    'packages:',
    ...hashes.map((_, index) => `  a${index}@1.0.0:\n    resolution: {}`),
    'snapshots:',
    ...hashes.map((hash, index) => `  a${index}@1.0.0(patch_hash=${hash}): {}`),
    '',
  ].join('\n');
}
