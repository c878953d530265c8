import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cutPackument, renderPackument, renderVersion } from '../../src/serve/cut-packument.ts';
import { artifactOf } from '../support/gate.ts';

const TARBALL = Buffer.from('tarball of 1.0.0');
const artifact = artifactOf('ms@1.0.0', TARBALL);
const locked = new Map([['1.0.0', artifact]]);
const integrity = `sha512-${Buffer.from(artifact.sha512, 'hex').toString('base64')}`;
const urlOf = (): string => 'http://gate/ms/-/ms-1.0.0.tgz';

function document(changes: object = {}): object {
  return {
    name: 'ms',
    readme: 'long',
    maintainers: [{ name: 'ana' }],
    'dist-tags': { latest: '2.0.0', old: '1.0.0' },
    versions: {
      '1.0.0': {
        name: 'ms',
        version: '1.0.0',
        dist: { integrity, signatures: [{ keyid: 'k' }], tarball: 'https://r/x' },
      },
      '2.0.0': { name: 'ms', version: '2.0.0', dist: {} },
    },
    time: { created: '2019', modified: '2025', '1.0.0': '2020-01-01T00:00:00Z', '2.0.0': '2024-01-01T00:00:00Z' },
    ...changes,
  };
}

function rendered(from: unknown): unknown {
  const cut = cutPackument(from, 'ms', locked);
  return cut && JSON.parse(renderPackument(cut, urlOf));
}

describe('a packument, cut', () => {
  test('has the locked versions alone, with their times, tags and the address of the gate', () => {
    assert.deepEqual(rendered(document()), {
      _id: 'ms',
      name: 'ms',
      'dist-tags': { old: '1.0.0', latest: '1.0.0' },
      versions: {
        '1.0.0': { name: 'ms', version: '1.0.0', dist: { integrity, signatures: [{ keyid: 'k' }], tarball: urlOf() } },
      },
      time: {
        created: '2020-01-01T00:00:00Z',
        modified: '2020-01-01T00:00:00Z',
        '1.0.0': '2020-01-01T00:00:00Z',
      },
    });
  });

  test('has the approved digest, and no word of the registry on bytes that it means otherwise', () => {
    const dist = { integrity: 'sha512-x', shasum: 'y', signatures: [{}], unpackedSize: 1 };
    const versions = { '1.0.0': { name: 'ms', version: '1.0.0', dist } };
    const cut = cutPackument(document({ versions }), 'ms', locked);
    assert.ok(cut);
    const text = renderVersion(cut, '1.0.0', urlOf);
    assert.deepEqual(JSON.parse(text ?? ''), { name: 'ms', version: '1.0.0', dist: { integrity, tarball: urlOf() } });
  });

  test('tells the version that a tag means, and none for tags and versions that are not locked', () => {
    const cut = cutPackument(document(), 'ms', locked);
    assert.ok(cut);
    assert.match(renderVersion(cut, 'old', urlOf) ?? '', /"version":"1\.0\.0"/);
    for (const other of ['2.0.0', 'next', '__proto__', 'constructor', '']) {
      assert.equal(renderVersion(cut, other, urlOf), undefined, other);
    }
  });

  const useless: readonly (readonly [why: string, document: unknown])[] = [
    ['no document', undefined],
    ['a list', []],
    ['a text', 'ms'],
    ['another package', document({ name: 'evil' })],
    ['no versions', document({ versions: undefined })],
    ['versions that are a list', document({ versions: ['1.0.0'] })],
    ['no locked version', document({ versions: { '2.0.0': { name: 'ms', version: '2.0.0' } } })],
    ['another version under the number', document({ versions: { '1.0.0': { name: 'ms', version: '1.0.1' } } })],
    ['another package under the number', document({ versions: { '1.0.0': { name: 'evil', version: '1.0.0' } } })],
    ['a version that is inherited', JSON.parse('{"name":"ms","versions":{"__proto__":{"1.0.0":{}}}}')],
  ];
  for (const [why, from] of useless) {
    test(`is none with ${why}`, () => assert.equal(cutPackument(from, 'ms', locked), undefined));
  }

  const odd: readonly (readonly [why: string, changes: object])[] = [
    ['no times', { time: undefined }],
    ['times that are numbers', { time: { '1.0.0': 5 } }],
    ['no tags', { 'dist-tags': undefined }],
    ['tags that are no texts', { 'dist-tags': { latest: { version: '1.0.0' } } }],
  ];
  for (const [why, changes] of odd) {
    test(`has a version that is the latest even with ${why}`, () => {
      const tags = (rendered(document(changes)) as { 'dist-tags': object })['dist-tags'];
      assert.equal(new Map(Object.entries(tags)).get('latest'), '1.0.0');
    });
  }
});
