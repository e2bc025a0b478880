import { nodeHash, type LeafRange } from './merkle-tree.js';

/** RFC 6962 §2.1.1, PATH(m, D[n]): the nodes whose hashes prove leaf `index` in a tree of `size` leaves, the leaf's sibling first. */
export function inclusionRanges(index: number, size: number, start = 0): LeafRange[] {
  if (size <= 1) return [];
  const left = leftLeaves(size);
  const middle = start + left;
  return index < left
    ? [...inclusionRanges(index, left, start), { start: middle, end: start + size }]
    : [...inclusionRanges(index - left, size - left, middle), { start, end: middle }];
}

/** RFC 6962 §2.1.2, PROOF(m, D[n]): the nodes whose hashes prove that a tree of `size` leaves begins with its first `from`. */
export function consistencyRanges(from: number, size: number): LeafRange[] {
  return from === 0 ? [] : subproof(from, size, 0, true);
}

function subproof(from: number, size: number, start: number, whole: boolean): LeafRange[] {
  if (from === size) return whole ? [] : [{ start, end: start + size }];
  const left = leftLeaves(size);
  const middle = start + left;
  return from <= left
    ? [...subproof(from, left, start, whole), { start: middle, end: start + size }]
    : [...subproof(from - left, size - left, middle, false), { start, end: middle }];
}

/** The most leaves that a left child has: the largest power of two below `size`. */
function leftLeaves(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}

export interface Inclusion {
  readonly leaf: Buffer;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Buffer[];
}

/** The root that the proof leads to; undefined where it has not the length of one. */
export function rootOfInclusion({ leaf, index, size, proof }: Inclusion): Buffer | undefined {
  if (index < 0 || index >= size) return undefined;
  const last = proof.at(-1);
  if (size === 1 || last === undefined) return size === 1 && last === undefined ? leaf : undefined;
  const left = leftLeaves(size);
  const rest = proof.slice(0, -1);
  const isLeft = index < left;
  const below = isLeft
    ? rootOfInclusion({ leaf, index, size: left, proof: rest })
    : rootOfInclusion({ leaf, index: index - left, size: size - left, proof: rest });
  if (below === undefined) return undefined;
  return isLeft ? nodeHash(below, last) : nodeHash(last, below);
}

interface TreeHead {
  readonly size: number;
  readonly root: Buffer;
}

/** Whether the proof shows that the later tree begins with the earlier one. The empty tree begins every other. */
export function verifyConsistency(earlier: TreeHead, later: TreeHead, proof: readonly Buffer[]): boolean {
  if (earlier.size > later.size) return false;
  if (earlier.size === 0) return proof.length === 0;
  const roots = rootsOf(earlier.size, later.size, proof, earlier.root);
  return roots !== undefined && roots.before.equals(earlier.root) && roots.after.equals(later.root);
}

/** `whole`: the earlier root, where the earlier tree is a node of the later one. */
function rootsOf(
  from: number,
  size: number,
  proof: readonly Buffer[],
  whole?: Buffer,
): { readonly before: Buffer; readonly after: Buffer } | undefined {
  const last = proof.at(-1);
  if (from === size) {
    const root = whole ?? last;
    return root && proof.length === (whole ? 0 : 1) ? { before: root, after: root } : undefined;
  }
  if (last === undefined) return undefined;
  const left = leftLeaves(size);
  const rest = proof.slice(0, -1);
  if (from <= left) {
    const below = rootsOf(from, left, rest, whole);
    return below && { before: below.before, after: nodeHash(below.after, last) };
  }
  const below = rootsOf(from - left, size - left, rest);
  return below && { before: nodeHash(last, below.before), after: nodeHash(last, below.after) };
}
