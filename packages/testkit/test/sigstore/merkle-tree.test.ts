import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMerkleTree } from '../../src/sigstore/merkle-tree.ts';

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (leaf: Uint8Array): Buffer => sha256(Buffer.of(0), leaf);
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.of(1), left, right);

/** RFC 6962 2.1, word for word. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return leafHash(only);
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** RFC 9162 2.1.3.2: the root that a leaf and its audit path give; undefined when the path is too short or long. */
function rootFrom(index: number, size: number, leaf: Buffer, path: readonly Buffer[]): Buffer | undefined {
  let [fn, sn, hash] = [index, size - 1, leafHash(leaf)];
  for (const sibling of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 ? hash : undefined;
}

const leavesOf = (size: number): Buffer[] => Array.from({ length: size }, (_, index) => Buffer.from(`leaf ${index}`));

test('the root is that of RFC 6962, at every size on the way', () => {
  const leaves = leavesOf(70);
  const tree = createMerkleTree();
  assert.deepEqual(tree.root(), rootOf([]));
  for (const [index, leaf] of leaves.entries()) {
    assert.equal(tree.append(leaf), index);
    assert.deepEqual(tree.root(), rootOf(leaves.slice(0, index + 1)));
  }
});

test('every audit path leads to the root, and not for another leaf', () => {
  const sizeAndIndex = fc.integer({ min: 1, max: 300 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
  fc.assert(
    fc.property(sizeAndIndex, ([size, index]) => {
      const tree = createMerkleTree();
      for (const leaf of leavesOf(size)) tree.append(leaf);
      const path = tree.inclusionProof(index);
      assert.deepEqual(rootFrom(index, size, Buffer.from(`leaf ${index}`), path), tree.root());
      assert.notDeepEqual(rootFrom(index, size, Buffer.from('another'), path), tree.root());
    }),
    { numRuns: 60 },
  );
});
