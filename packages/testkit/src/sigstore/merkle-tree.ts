import { sha256 } from './keys.ts';

/** An append-only Merkle tree (RFC 6962 2.1) that answers in logarithmic time. */
export interface MerkleTree {
  readonly size: number;
  /** Adds a leaf and returns its index. */
  append(leaf: Uint8Array): number;
  /** Root hash of the whole tree. */
  root(): Buffer;
  /** Audit path of a leaf in the whole tree, lowest hash first. */
  inclusionProof(index: number): Buffer[];
}

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

export function createMerkleTree(): MerkleTree {
  /** levels[h][i] is the hash of the i-th complete subtree of 2^h leaves. */
  const levels: Buffer[][] = [[]];

  /** Hash of the leaves from `start` to `end`; complete aligned subtrees come from `levels`. */
  const subtree = (start: number, end: number): Buffer => {
    const height = Math.log2(end - start);
    const complete = Number.isInteger(height) ? levels[height]?.[start / (end - start)] : undefined;
    if (complete !== undefined) return complete;
    const split = start + splitPoint(end - start);
    return sha256(NODE, subtree(start, split), subtree(split, end));
  };

  const path = (index: number, start: number, end: number): Buffer[] => {
    if (end - start === 1) return [];
    const split = start + splitPoint(end - start);
    return index < split
      ? [...path(index, start, split), subtree(split, end)]
      : [...path(index, split, end), subtree(start, split)];
  };

  const size = (): number => levels[0]?.length ?? 0;

  return {
    get size() {
      return size();
    },
    append(leaf) {
      let hash = sha256(LEAF, leaf);
      const index = size();
      for (let height = 0; ; height++) {
        const level = (levels[height] ??= []);
        level.push(hash);
        const left = level.at(-2);
        if (level.length % 2 === 1 || left === undefined) return index;
        hash = sha256(NODE, left, hash);
      }
    },
    root: () => (size() === 0 ? sha256() : subtree(0, size())),
    inclusionProof: (index) => path(index, 0, size()),
  };
}

/** The largest power of two smaller than n (n > 1). */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
