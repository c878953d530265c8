import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderSbom } from '../../src/index.ts';
import { approval, SIGNED, unboundSample } from '../support/sample.ts';

describe('the SBOM of an approval', () => {
  test('is CycloneDX 1.6 and lists every package with purl, digest and grade', async () => {
    const text = await renderSbom(approval());
    const { bomFormat, specVersion, components, metadata, serialNumber } = JSON.parse(text);
    assert.deepEqual([bomFormat, specVersion], ['CycloneDX', '1.6']);
    components.sort((a: { purl: string }, b: { purl: string }) => (a.purl < b.purl ? 1 : -1));
    assert.deepEqual(
      components.map(({ group, name, version, purl }: Record<string, string>) => [group, name, version, purl]),
      [
        [undefined, 'ms', '1.0.0', 'pkg:npm/ms@1.0.0'],
        ['@scope', 'tool', '1.0.0', 'pkg:npm/%40scope/tool@1.0.0'],
      ],
    );
    assert.deepEqual(components[0].properties, [{ name: 'lockseal:grade', value: 'signed' }]);
    assert.equal(components[0].hashes[0].alg, 'SHA-512');
    assert.equal(metadata.timestamp, '2026-06-01T12:00:00.000Z');
    assert.equal(serialNumber, undefined);
  });

  test('says of a hash that only the registry has signed that it is that', async () => {
    const { components } = JSON.parse(await renderSbom(approval(unboundSample())));
    const found = components.find(({ name }: { name: string }) => name === 'ms');
    assert.deepEqual(found.hashes, [{ alg: 'SHA-512', content: SIGNED }]);
    assert.deepEqual(found.properties, [
      { name: 'lockseal:digest-source', value: 'registry-signature' },
      { name: 'lockseal:grade', value: 'unprovable' },
    ]);
  });

  test('is the same document for the same approval, so that a digest can name it', async () => {
    assert.equal(await renderSbom(approval()), await renderSbom(approval()));
  });
});
