import { createHash } from 'node:crypto';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 6962 §2.1: SHA-256(0x00 ‖ data). */
export function leafHash(data: string | Uint8Array): Buffer {
  return sha256(LEAF, typeof data === 'string' ? Buffer.from(data) : data);
}

/** RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(NODE, left, right);
}

/** The root over neighbouring subtrees, largest first; of none, that of the empty tree. */
export function joinSubtrees(roots: readonly Buffer[]): Buffer {
  return roots.length === 0 ? sha256() : roots.reduceRight((right, left) => nodeHash(left, right));
}

/** A perfect subtree: `2 ** level` leaves, of which the first is `index * 2 ** level`. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** Leaves `start` to `end`, without `end`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The perfect subtrees that a range consists of, largest first. `start` is a multiple of the largest one's size, as in every node of a tree. */
export function subtreesOf({ start, end }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    while (at + 2 ** (level + 1) <= end) level += 1;
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** The right edge of an RFC 6962 tree: the roots of its perfect subtrees, largest first. Enough to append and to know the root. */
export class CompactRange {
  #size = 0;
  #roots: Buffer[] = [];

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** The range of `size` leaves whose perfect subtrees have these roots, largest first; undefined where their number does not fit. */
  static of(size: number, roots: readonly Buffer[]): CompactRange | undefined {
    const range = new CompactRange();
    range.#size = size;
    range.#roots = [...roots];
    return subtreesOf({ start: 0, end: size }).length === roots.length ? range : undefined;
  }

  /** `completed` is told of every perfect subtree of two leaves or more whose last leaf this is, smallest first. */
  append(leaf: Buffer, completed?: (subtree: Subtree, root: Buffer) => void): void {
    this.#size += 1;
    let root = leaf;
    let level = 0;
    for (let count = this.#size; count % 2 === 0; count /= 2) {
      root = nodeHash(this.#roots.pop()!, root);
      level += 1;
      completed?.({ level, index: count / 2 - 1 }, root);
    }
    this.#roots.push(root);
  }

  /** Merkle tree hash of all leaves (RFC 6962 §2.1), 32 bytes. */
  root(): Buffer {
    return joinSubtrees(this.#roots);
  }

  /** An independent copy, to append to before it is known whether the leaves will be kept. */
  clone(): CompactRange {
    const copy = new CompactRange();
    copy.#size = this.#size;
    copy.#roots = [...this.#roots];
    return copy;
  }
}
