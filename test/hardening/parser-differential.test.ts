// What lockseal reads against what the package manager's own parser reads, on lockfiles that are damaged at random: where
// the two would see different packages, lockseal refuses the file or says that it is not as the manager writes it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { LocksealError, type Lockfile } from '@lockseal/core';
import { readLockfile } from '@lockseal/lockfile';
// @ts-expect-error -- it has no types, and nobody has written any that are kept
import yarnClassic from '@yarnpkg/lockfile';
import { parseSyml } from '@yarnpkg/parsers';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { runs } from '../support/thorough.ts';

const parseYarnClassic = (yarnClassic as { parse: (text: string) => { type: string; object: unknown } }).parse;

/** What decides which bytes are installed: one line for each package, as somebody reads it. */
type Reading = ReadonlySet<string>;

type Table = Readonly<Record<string, unknown>>;

const tableOf = (value: unknown): Table => (typeof value === 'object' && value !== null ? (value as Table) : {});
/** Numbers and dates, which a typed schema makes of plain scalars, are shown as what they have become. */
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
const rows = (table: unknown, row: (key: string, value: Table) => readonly unknown[]): Reading =>
  new Set(Object.entries(tableOf(table)).map(([key, value]) => row(key, tableOf(value)).map(shown).join(' ')));

const pinOf = ({ pin }: Lockfile['entries'][number]): string | undefined => {
  if (pin.kind === 'integrity') return pin.text;
  return pin.kind === 'yarn-checksum'
    ? `${pin.cacheKey === undefined ? '' : `${pin.cacheKey}/`}${pin.sha512}`
    : undefined;
};

interface Manager {
  readonly file: string;
  /** What the manager's own parser makes of the text; throws where the manager stops. */
  readonly theirs: (text: string) => Reading;
  readonly ours: (lockfile: Lockfile) => Reading;
  readonly seeds: readonly string[];
}

const corpus = path.join(import.meta.dirname, 'corpus');
const seed = (name: string): string => fs.readFileSync(path.join(corpus, name), 'utf8');
const entries =
  (row: (entry: Lockfile['entries'][number]) => readonly unknown[] | undefined) =>
  (lockfile: Lockfile): Reading =>
    new Set(lockfile.entries.flatMap((entry) => row(entry)?.map(shown).join(' ') ?? []));

/** What is no sha512 is none to Yarn 1: it falls back on the sha1 in the URL. */
const strong = (text: unknown): unknown => (typeof text === 'string' && text.startsWith('sha512-') ? text : undefined);

const HASH = `sha512-${'A'.repeat(86)}==`;
const CLASSIC = `# yarn lockfile v1


"@s/c@~3.0.0":
  version "3.0.1"
  resolved "https://registry.yarnpkg.com/@s/c/-/c-3.0.1.tgz#${'c'.repeat(40)}"
  integrity ${HASH}

a@^1.0.0, a@^1.2.0:
  version "1.2.3"
  resolved "https://registry.yarnpkg.com/a/-/a-1.2.3.tgz#${'a'.repeat(40)}"
  integrity ${HASH}
  dependencies:
    "@s/c" "~3.0.0"
`;
const BERRY = `__metadata:
  version: 8
  cacheKey: 10c0

"@s/c@npm:~3.0.0":
  version: 3.0.1
  resolution: "@s/c@npm:3.0.1"
  checksum: 10c0/${'c'.repeat(128)}
  languageName: node
  linkType: hard

"a@npm:^1.0.0, a@npm:^1.2.0":
  version: 1.2.3
  resolution: "a@npm:1.2.3"
  dependencies:
    "@s/c": "npm:~3.0.0"
  checksum: 10c0/${'a'.repeat(128)}
  languageName: node
  linkType: hard

"root@workspace:.":
  version: 0.0.0-use.local
  resolution: "root@workspace:."
  dependencies:
    a: "npm:^1.0.0"
  languageName: unknown
  linkType: soft
`;

const MANAGERS: Readonly<Record<string, Manager>> = {
  npm: {
    file: 'package-lock.json',
    seeds: [seed('npm/seed-v3'), seed('npm/seed-v2'), seed('npm/seed-v4')],
    theirs: (text) => {
      const { '': _, ...packages } = tableOf(tableOf(JSON.parse(text)).packages);
      return rows(packages, (key, { integrity }) => [key, integrity]);
    },
    ours: entries((entry) => [entry.id, pinOf(entry)]),
  },
  'pnpm, by js-yaml with the schema that pnpm uses': {
    file: 'pnpm-lock.yaml',
    seeds: [seed('pnpm/seed-9'), seed('pnpm/seed-6'), seed('pnpm/seed-5')],
    theirs: (text) => {
      const packages = tableOf(load(text)).packages;
      return rows(packages, (_key, { resolution }) => [tableOf(resolution).integrity]);
    },
    ours: entries((entry) => [pinOf(entry)]),
  },
  'Yarn 1, by its own parser': {
    file: 'yarn.lock',
    seeds: [CLASSIC],
    theirs: (text) => {
      const { type, object } = parseYarnClassic(text);
      assert.equal(type, 'success', 'Yarn merges by itself');
      return rows(object, (key, { version, integrity }) => [key, version, strong(integrity)]);
    },
    ours: (lockfile) => {
      const byId = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
      return new Set(
        [...lockfile.descriptors].map(([pattern, id]) => {
          const entry = byId.get(id);
          return [pattern, entry?.version, strong(entry && pinOf(entry))].map(shown).join(' ');
        }),
      );
    },
  },
  'Yarn Berry, by its own parser': {
    file: 'yarn.lock',
    seeds: [BERRY],
    theirs: (text) => {
      const { __metadata: _, ...blocks } = tableOf(parseSyml(text));
      return rows(blocks, (_key, { resolution, checksum }) => [resolution, checksum]);
    },
    ours: entries((entry) => [entry.id, pinOf(entry)]),
  },
  bun: {
    file: 'bun.lock',
    seeds: [seed('bun/seed-2').replace(' // c', '').replace(',\n}', '\n}')],
    // Packages of the registry: they alone have four members, the last of which is the hash.
    theirs: (text) => {
      const tuples = Object.values(tableOf(tableOf(JSON.parse(text)).packages));
      const published = tuples.filter((tuple): tuple is unknown[] => Array.isArray(tuple) && tuple.length === 4);
      return new Set(published.map(([name, , , hash]) => `${shown(name)} ${shown(hash === '' ? undefined : hash)}`));
    },
    ours: entries((entry) => {
      const isPublished = entry.source.type === 'registry' || entry.source.type === 'bundled';
      return isPublished ? [`${entry.name}@${entry.version}`, pinOf(entry)] : undefined;
    }),
  },
  deno: {
    file: 'deno.lock',
    seeds: [seed('deno/seed-5'), seed('deno/seed-4')],
    theirs: (text) => rows(tableOf(JSON.parse(text)).npm, (_key, { integrity }) => [integrity]),
    ours: entries((entry) => (entry.source.type === 'registry' ? [pinOf(entry)] : undefined)),
  },
};

/** What people and merges do to lockfiles, and what an attacker would. */
const edit = fc.oneof(
  fc.record({
    kind: fc.constant('cut' as const),
    at: fc.nat(),
    length: fc.nat(30),
    with: fc.string({ unit: fc.constantFrom(...'{}[],:"\'\\/*\n @#~-?|>&!%.0123456789ex'.split(''), 'a', '\t', '\r') }),
  }),
  fc.record({ kind: fc.constant('repeat a line' as const), at: fc.nat(), to: fc.nat() }),
  fc.record({ kind: fc.constant('indent' as const), at: fc.nat(), by: fc.constantFrom('  ', ' ', '\t') }),
  fc.record({ kind: fc.constant('quote' as const), at: fc.nat() }),
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function edited(text: string, change: Edit): string {
  const lines = text.split('\n');
  const line = change.at % lines.length;
  switch (change.kind) {
    case 'cut': {
      const at = change.at % (text.length + 1);
      return text.slice(0, at) + change.with + text.slice(at + change.length);
    }
    case 'repeat a line':
      return lines.toSpliced(change.to % lines.length, 0, lines[line] ?? '').join('\n');
    case 'indent':
      return lines.with(line, `${change.by}${lines[line] ?? ''}`).join('\n');
    case 'quote':
      return lines.with(line, (lines[line] ?? '').replaceAll('"', '')).join('\n');
  }
}

const RUNS = runs(300, 20_000);

/** undefined: refused, with a code; or read, and said to be odd. */
function readSilently(file: string, text: string): Lockfile | undefined {
  try {
    const lockfile = readLockfile(file, new TextEncoder().encode(text));
    return lockfile.observations.length > 0 ? undefined : lockfile;
  } catch (thrown) {
    assert.ok(thrown instanceof LocksealError, thrown instanceof Error ? thrown.stack : String(thrown));
    return undefined;
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // The manager stops: it installs nothing that we could have misread.
    return undefined;
  }
}

describe('what is read in silence, the manager reads alike', () => {
  for (const [name, { file, seeds, theirs, ours }] of Object.entries(MANAGERS)) {
    test(name, { timeout: 600_000 }, (t) => {
      let compared = 0;
      fc.assert(
        fc.property(fc.constantFrom(...seeds), fc.array(edit, { minLength: 0, maxLength: 2 }), (start, edits) => {
          const text = edits.reduce(edited, start);
          const lockfile = readSilently(file, text);
          const other = lockfile === undefined ? undefined : attempt(() => theirs(text));
          if (lockfile === undefined || other === undefined) return;
          compared += 1;
          assert.deepEqual([...ours(lockfile)].toSorted(), [...other].toSorted(), text);
        }),
        { numRuns: RUNS },
      );
      t.diagnostic(`${compared} of ${RUNS} were read by both`);
      assert.ok(compared > RUNS / 10, `only ${compared} were read by both`);
    });
  }
});
