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

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(NODE, left, right);
}

/** The right edge of an RFC 6962 tree: the roots of its perfect subtrees, largest first. Enough to append and to know the root. */
export class CompactRange {
  #size = 0;
  #roots: Buffer[] = [];

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  append(leaf: Buffer): void {
    this.#size += 1;
    let root = leaf;
    for (let level = this.#size; level % 2 === 0; level /= 2) root = nodeHash(this.#roots.pop()!, root);
    this.#roots.push(root);
  }

  /** Merkle tree hash of all leaves (RFC 6962 §2.1), 32 bytes. */
  root(): Buffer {
    if (this.#size === 0) return sha256();
    return this.#roots.reduceRight((right, left) => nodeHash(left, right));
  }

  /** An independent copy, to append to before it is known whether the leaves will be kept. */
  clone(): CompactRange {
    const copy = new CompactRange();
    copy.#size = this.#size;
    copy.#roots = [...this.#roots];
    return copy;
  }
}
