import { expect, test } from 'vitest';
import { consistencyRanges, inclusionRanges, rootOfInclusion, verifyConsistency } from './merkle-proof.js';
import { CompactRange, joinSubtrees, leafHash, nodeHash, subtreesOf, type LeafRange } from './merkle-tree.js';

// Leaves, paths and proofs of the reference implementation of RFC 6962 (certificate-transparency, merkle_tree_test).
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const HASHES = LEAVES.map((leaf) => leafHash(Buffer.from(leaf, 'hex')));
const L1 = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const N23 = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const N47 = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const L4 = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const N67 = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const N03 = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
const N01 = 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125';
const L0 = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';
const N45 = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';

const INCLUSIONS: readonly (readonly [index: number, size: number, proof: readonly string[]])[] = [
  [0, 1, []],
  [0, 8, [L1, N23, N47]],
  [5, 8, [L4, N67, N03]],
  [2, 3, [N01]],
  [1, 5, [L0, N23, L4]],
];
const CONSISTENCIES: readonly (readonly [from: number, size: number, proof: readonly string[]])[] = [
  [1, 1, []],
  [1, 8, [L1, N23, N47]],
  [6, 8, [N45, N67, N03]],
  [2, 5, [N23, L4]],
];

/** RFC 6962 §2.1 MTH, straight from its definition. */
function treeHash({ start, end }: LeafRange): Buffer {
  if (end - start === 1) return HASHES[start]!;
  let left = 1;
  while (left * 2 < end - start) left *= 2;
  return nodeHash(treeHash({ start, end: start + left }), treeHash({ start: start + left, end }));
}

function head(size: number): { size: number; root: Buffer } {
  return { size, root: size === 0 ? joinSubtrees([]) : treeHash({ start: 0, end: size }) };
}

function hex(ranges: readonly LeafRange[]): string[] {
  return ranges.map((range) => treeHash(range).toString('hex'));
}

function bytes(proof: readonly string[]): Buffer[] {
  return proof.map((hash) => Buffer.from(hash, 'hex'));
}

test.each(INCLUSIONS)('the path of leaf %i in a tree of %i is that of the reference', (index, size, proof) => {
  expect(hex(inclusionRanges(index, size))).toEqual(proof);
  expect(rootOfInclusion({ leaf: HASHES[index]!, index, size, proof: bytes(proof) })).toEqual(head(size).root);
});

test.each(CONSISTENCIES)('the proof from %i to %i leaves is that of the reference', (from, size, proof) => {
  expect(hex(consistencyRanges(from, size))).toEqual(proof);
  expect(verifyConsistency(head(from), head(size), bytes(proof))).toBe(true);
});

test('every leaf of every tree up to 8 is proved, and nothing else by its proof', () => {
  for (let size = 1; size <= 8; size++) {
    for (let index = 0; index < size; index++) {
      const proof = inclusionRanges(index, size).map(treeHash);
      const shown = { leaf: HASHES[index]!, index, size, proof };
      const { root } = head(size);
      expect(rootOfInclusion(shown)).toEqual(root);
      expect(rootOfInclusion({ ...shown, leaf: leafHash('another') })).not.toEqual(root);
      expect(rootOfInclusion({ ...shown, proof: [...proof, root] })).not.toEqual(root);
      expect(rootOfInclusion({ ...shown, index: size })).toBeUndefined();
      // A tree of one leaf has no other index, and a proof of nothing.
      const others = [{ index: (index + 1) % size }, { proof: proof.slice(1) }];
      const proven = others.map((other) => rootOfInclusion({ ...shown, ...other })?.equals(root) ?? false);
      expect(proven).toEqual([size === 1, size === 1]);
    }
  }
});

test('every tree up to 8 begins with every smaller one, and with no other of its size', () => {
  for (let size = 0; size <= 8; size++) {
    for (let from = 0; from <= size; from++) {
      const proof = consistencyRanges(from, size).map(treeHash);
      expect(verifyConsistency(head(from), head(size), proof)).toBe(true);
      expect(verifyConsistency(head(from), head(size), [...proof, Buffer.from(L0, 'hex')])).toBe(false);
      if (from === 0) continue;
      expect(verifyConsistency({ size: from, root: leafHash('another') }, head(size), proof)).toBe(false);
      expect(verifyConsistency(head(from), { size, root: leafHash('another') }, proof)).toBe(false);
      // Of a tree with itself nothing is to be shown.
      expect(verifyConsistency(head(from), head(size), proof.slice(1))).toBe(from === size);
    }
  }
  expect(verifyConsistency(head(3), head(2), [])).toBe(false);
});

test('the subtrees that appending completes are those that ranges consist of', () => {
  const roots = new Map<string, Buffer>(HASHES.map((hash, index) => [`0/${index}`, hash]));
  const range = new CompactRange();
  for (const hash of HASHES.slice(0, 7)) {
    range.append(hash, ({ level, index }, root) => roots.set(`${level}/${index}`, root));
  }
  expect([...roots.keys()].filter((name) => !name.startsWith('0/'))).toEqual(['1/0', '1/1', '2/0', '1/2']);
  const edge = subtreesOf({ start: 0, end: 7 }).map(({ level, index }) => roots.get(`${level}/${index}`)!);
  expect(CompactRange.of(7, edge)?.root()).toEqual(range.root());
  expect(CompactRange.of(6, edge)).toBeUndefined();
  expect(subtreesOf({ start: 4, end: 7 })).toEqual([
    { level: 1, index: 2 },
    { level: 0, index: 6 },
  ]);
});
