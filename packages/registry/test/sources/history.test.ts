import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HistoryVersion } from '@lockseal/core';
import { LocksealError } from '@lockseal/core';
import { boilHistory, parseHistory } from '../../src/sources/history.ts';

/** In chunks of a few bytes, as a slow network brings it. */
async function* slowly(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

async function historyOf(packument: unknown): Promise<readonly HistoryVersion[]> {
  return parseHistory(await boilHistory(slowly(JSON.stringify(packument)))).versions;
}

const document = (publisher: string, provenance?: object): object => ({
  name: 'tool',
  _npmUser: { name: publisher },
  dist: { integrity: 'sha512-AA==', ...(provenance && { attestations: { url: 'https://r.test/', provenance } }) },
});

describe('the history of a package', () => {
  test('lists versions oldest first, whatever the order of the packument', async () => {
    const versions = await historyOf({
      time: { created: '2020-01-01T00:00:00Z', '2.0.0': '2021-01-01T00:00:00Z', '1.0.0': '2020-01-01T00:00:00Z' },
      versions: { '2.0.0': document('bob', { predicateType: 'x' }), '1.0.0': document('alice') },
    });
    assert.deepEqual(versions, [
      {
        version: '1.0.0',
        publishedAt: '2020-01-01T00:00:00.000Z',
        publisher: 'alice',
        announcesProvenance: false,
        integrity: 'sha512-AA==',
      },
      {
        version: '2.0.0',
        publishedAt: '2021-01-01T00:00:00.000Z',
        publisher: 'bob',
        announcesProvenance: true,
        integrity: 'sha512-AA==',
      },
    ]);
  });

  test('finds times that come after the versions', async () => {
    const [only] = await historyOf({ versions: { '1.0.0': {} }, time: { '1.0.0': '2020-01-01T00:00:00Z' } });
    assert.equal(only?.publishedAt, '2020-01-01T00:00:00.000Z');
  });

  test('leaves out versions that are gone, whose times remain', async () => {
    const versions = await historyOf({ versions: {}, time: { '1.0.0': '2020-01-01T00:00:00Z' } });
    assert.deepEqual(versions, []);
  });

  const odd: readonly (readonly [why: string, document: unknown])[] = [
    ['no document', null],
    ['a list for a document', []],
    ['a text for dist', { dist: 'x' }],
    ['a number for a publisher', { _npmUser: { name: 7 } }],
    ['a publisher as text', { _npmUser: 'alice <a@example.com>' }],
    ['a text of megabytes', { _npmUser: { name: 'a'.repeat(2_000_000) } }],
    ['attestations without provenance', { dist: { attestations: { url: 'https://r.test/' } } }],
  ];
  for (const [why, of] of odd) {
    test(`knows nothing, and stays up: ${why}`, async () => {
      assert.deepEqual(await historyOf({ versions: { '1.0.0': of }, time: { '1.0.0': 'yesterday' } }), [
        {
          version: '1.0.0',
          publishedAt: undefined,
          publisher: undefined,
          announcesProvenance: false,
          integrity: undefined,
        },
      ]);
    });
  }

  test('takes `__proto__` for a version like any other', async () => {
    const bytes = await boilHistory(slowly('{"versions":{"__proto__":{"_npmUser":{"name":"eve"}}}}'));
    assert.deepEqual(
      parseHistory(bytes).versions.map(({ version, publisher }) => [version, publisher]),
      [['__proto__', 'eve']],
    );
  });

  const refused: readonly (readonly [why: string, text: string])[] = [
    ['nothing', ''],
    ['half of it', '{"versions":{"1.0.0":{'],
    ['no JSON', '<html>'],
    ['rubbish after it', '{"versions":{}} x'],
    ['more versions than any package has', `{"versions":{${many(100_001)}}}`],
  ];
  for (const [why, text] of refused) {
    test(`refuses ${why}`, async () => {
      await assert.rejects(
        boilHistory(slowly(text)),
        (error) => error instanceof LocksealError && error.code === 'ERR_RESPONSE_INVALID',
      );
    });
  }
});

function many(count: number): string {
  return Array.from({ length: count }, (_, index) => `"${index}":0`).join(',');
}
