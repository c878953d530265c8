import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import type { EvidenceSource } from '@lockseal/core';
import fc from 'fast-check';
import type { PackContent } from '../../src/pack/format.ts';
import { mergePacks, prunePack } from '../../src/pack/merge.ts';
import { readPack } from '../../src/pack/read.ts';
import { Recorder } from '../../src/pack/recorder.ts';
import { PackSource } from '../../src/pack/source.ts';
import { trustIn, trustLine } from '../../src/pack/trust.ts';
import { idOf } from '../../src/pack/format.ts';
import { writePack } from '../../src/pack/write.ts';
import { askAll, REGISTRIES, sourceOf, worlds, type Known } from '../support/pack-world.ts';

type Trust = Parameters<typeof trustLine>[0];
const ROOT: Trust = { bytes: Buffer.from('{"mediaType":"…"}'), origin: 'tuf', asOf: '2026-11-05T00:19:12.000Z' };

async function contentOf(world: readonly Known[], trust: Trust = ROOT, lockseal = ['1.0.0']): Promise<PackContent> {
  const recorder = new Recorder(sourceOf(world), REGISTRIES);
  await askAll(recorder.source, world);
  const line = trustLine(trust);
  return { lockseal, lines: new Map([...recorder.lines, [idOf(line), line]]) };
}

const bytesOf = (content: PackContent): string => Buffer.from(writePack(content).bytes).toString('base64');

function pinned(pack: PackContent): EvidenceSource {
  return new PackSource({ pack, registries: REGISTRIES, isPinned: true, trustedKeys: { file: [], npm: [] } });
}

/** Parts of one world that two people could have packed, with what each knew of trust. */
const parts = worlds.chain((world) =>
  fc.record({
    world: fc.constant(world),
    ...Object.fromEntries(['a', 'b', 'c'].map((name) => [name, fc.subarray([...world])])),
    trusts: fc.array(
      fc.record({
        bytes: fc.constant(ROOT.bytes),
        origin: fc.constantFrom<Trust['origin'][]>('tuf', 'embedded', 'file'),
        asOf: fc.constantFrom(undefined, '2026-01-01T00:00:00.000Z', '2026-11-05T00:19:12.000Z'),
      }),
      { minLength: 3, maxLength: 3 },
    ),
  }),
) as unknown as fc.Arbitrary<Record<'world' | 'a' | 'b' | 'c', Known[]> & { trusts: Trust[] }>;

const RUNS = { numRuns: 40 };

describe('a pack', () => {
  test('answers what was answered, once it is pinned', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const written = writePack(await contentOf(world));
        const pack = readPack(written.bytes, written.sha256);
        assert.deepEqual(await askAll(pinned(pack), world), await askAll(sourceOf(world), world));
        assert.deepEqual(trustIn(pack).bytes, ROOT.bytes);
      }),
      RUNS,
    );
  });

  test('is the same bytes in whatever order it was gathered, and made from itself', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const content = await contentOf(world);
        assert.equal(bytesOf(await contentOf(world.toReversed())), bytesOf(content));
        const again = new Recorder(pinned(readPack(writePack(content).bytes)), REGISTRIES);
        await askAll(again.source, world);
        const line = trustLine(ROOT);
        assert.equal(
          bytesOf({ lockseal: ['1.0.0'], lines: new Map([...again.lines, [idOf(line), line]]) }),
          bytesOf(content),
        );
      }),
      RUNS,
    );
  });

  test('unpacks to lines that ordinary tools read, and is addressed by them', async () => {
    const [world] = fc.sample(worlds, { numRuns: 1, seed: 7 });
    assert.ok(world !== undefined);
    const written = writePack(await contentOf(world));
    const lines = brotliDecompressSync(written.bytes).toString('utf8').trimEnd().split('\n');
    const [header, ...rest] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(header?.['format'], 'https://lockseal.dev/format/evidence-pack/v1');
    for (const line of rest) assert.deepEqual(Object.keys(line), ['key', 'part', 'value']);
    assert.match(written.sha256, /^[0-9a-f]{64}$/);
  });
});

describe('merging packs', () => {
  test('is commutative, associative and idempotent, byte by byte', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async ({ a, b, c, trusts }) => {
        const [x, y, z] = await Promise.all([
          contentOf(a, trusts[0], ['1.0.0']),
          contentOf(b, trusts[1], ['1.1.0']),
          contentOf(c, trusts[2], ['1.0.0', '2.0.0']),
        ]);
        assert.equal(bytesOf(mergePacks(x, y)), bytesOf(mergePacks(y, x)));
        assert.equal(bytesOf(mergePacks(mergePacks(x, y), z)), bytesOf(mergePacks(x, mergePacks(y, z))));
        assert.equal(bytesOf(mergePacks(x, x)), bytesOf(x));
      }),
      RUNS,
    );
  });

  test('is undone by pruning to what one of them held', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async ({ a, b }) => {
        const [x, y] = await Promise.all([contentOf(a), contentOf(b)]);
        const keep = new Set(x.lines.keys());
        assert.equal(bytesOf(prunePack(mergePacks(x, y), keep)), bytesOf(x));
      }),
      RUNS,
    );
  });

  const world = fc.sample(
    worlds.filter((known) =>
      known.every((each) =>
        [each.document, each.attestations, each.history, each.keys].every(({ status }) => status === 'ok'),
      ),
    ),
    { numRuns: 1, seed: 11 },
  )[0] as readonly [Known, ...Known[]];
  const changed = (change: Partial<Known>): readonly Known[] => [{ ...world[0], ...change }, ...world.slice(1)];
  const absent = { status: 'absent', reason: 'gone' } as const;

  const CONTRADICTIONS: readonly (readonly [what: string, other: readonly Known[], trust: Trust, named: RegExp])[] = [
    ['another version document', changed({ document: absent }), ROOT, new RegExp(`documents ${world[0].name}@`)],
    ['other attestations', changed({ attestations: absent }), ROOT, new RegExp(`attestations ${world[0].name}@`)],
    ['another history', changed({ history: absent }), ROOT, new RegExp(`histories ${world[0].name} of`)],
    ['another trusted root', world, { ...ROOT, bytes: Buffer.from('{}') }, /^trust of sigstore$/],
  ];
  for (const [what, other, trust, named] of CONTRADICTIONS) {
    test(`is refused for ${what}, by name`, async () => {
      const [x, y] = await Promise.all([contentOf(world.slice(0, 1)), contentOf(other.slice(0, 1), trust)]);
      assert.throws(
        () => mergePacks(x, y),
        (error: { code: string; details: { found: string } }) => {
          assert.equal(error.code, 'ERR_EVIDENCE_CONFLICT');
          assert.match(error.details.found, named);
          return true;
        },
      );
    });
  }

  test('is refused for other keys of one registry, and not for where the same keys were had', async () => {
    const first = {
      keyid: 'SHA256:one',
      usages: ['npm:signatures'],
      spki: 'AAAA',
      validFrom: undefined,
      validUntil: undefined,
    } as const;
    const withKey = (key: object): Promise<PackContent> =>
      contentOf([{ ...world[0], keys: { status: 'ok', value: [{ ...first, origin: 'embedded', ...key }] } }]);
    const ours = await withKey({});
    const merged = mergePacks(ours, await withKey({ origin: 'tuf' }));
    assert.equal(bytesOf(merged), bytesOf(await withKey({ origin: 'tuf' })));
    for (const other of [{ spki: 'BBBB' }, { validUntil: '2027-01-01T00:00:00.000Z' }, { keyid: 'SHA256:two' }]) {
      const theirs = await withKey(other);
      assert.throws(() => mergePacks(ours, theirs), { code: 'ERR_EVIDENCE_CONFLICT' });
    }
  });

  test('takes an answer before none', async () => {
    const unavailable = { status: 'unavailable', error: 'ERR_TIMEOUT', reason: 'slow' } as const;
    const [x, y] = await Promise.all([contentOf(world), contentOf(changed({ document: unavailable }))]);
    assert.equal(bytesOf(mergePacks(x, y)), bytesOf(x));
    assert.equal(bytesOf(mergePacks(y, x)), bytesOf(x));
  });
});
