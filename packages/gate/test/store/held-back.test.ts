import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DigestMismatch, heldBack } from '../../src/store/held-back.ts';
import { sha512 } from '../support/gate.ts';

async function read(chunks: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: Buffer; readonly error: unknown }> {
  const got: Uint8Array[] = [];
  try {
    for await (const chunk of chunks) got.push(chunk);
    return { bytes: Buffer.concat(got), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(got), error };
  }
}

async function* from(chunks: readonly Uint8Array[], end?: Error): AsyncGenerator<Uint8Array> {
  yield* chunks;
  if (end !== undefined) throw end;
}

describe('bytes held back until their digest is known', () => {
  test('come whole where they are the ones that were meant, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }), async (chunks) => {
        const bytes = Buffer.concat(chunks);
        assert.deepEqual(await read(heldBack(from(chunks), sha512(bytes))), { bytes, error: undefined });
      }),
    );
  });

  test('never come whole where they are others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1 }), async (chunks) => {
        const { bytes, error } = await read(heldBack(from(chunks), sha512(Buffer.from('others'))));
        assert.ok(error instanceof DigestMismatch);
        assert.equal(error.found, sha512(Buffer.concat(chunks)));
        assert.ok(bytes.length <= Buffer.concat(chunks).length - (chunks.at(-1)?.length ?? 0));
      }),
    );
  });

  test('of one chunk alone none comes', async () => {
    const { bytes } = await read(heldBack(from([Buffer.from('evil')]), sha512(Buffer.from('good'))));
    assert.equal(bytes.length, 0);
  });

  test('empty chunks at the end do not let the last one out', async () => {
    const { bytes } = await read(heldBack(from([Buffer.from('evil'), Buffer.alloc(0)]), sha512(Buffer.from('good'))));
    assert.equal(bytes.length, 0);
  });

  test('what breaks off keeps its end', async () => {
    const broken = new Error('reset');
    const { bytes, error } = await read(
      heldBack(from([Buffer.from('go'), Buffer.from('od')], broken), sha512(Buffer.from('good'))),
    );
    assert.equal(error, broken);
    assert.equal(bytes.toString(), 'go');
  });
});
