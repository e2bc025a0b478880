import type { Kysely } from 'kysely';
import { CompactRange, joinSubtrees, subtreesOf, type LeafRange, type Subtree } from '#shared/audit-log/merkle-tree.js';
import type { Database } from '../../storage/schema.js';
import { tampered } from '../restore-log.js';
import { MIN_LEVEL } from './append-leaf.js';

const PAGE = 10_000;

/** The root over each of these nodes of the tree. Reads a row per stored subtree, and leaves below those. */
export async function readRoots(db: Kysely<Database>, ranges: readonly LeafRange[]): Promise<Buffer[]> {
  const subtrees = ranges.map((range) => subtreesOf(range));
  const known = await readStored(db, subtrees.flat());
  const roots: Buffer[] = [];
  for (const parts of subtrees) {
    const hashes: Buffer[] = [];
    for (const part of parts) hashes.push(known.get(nameOf(part)) ?? (await readRoot(db, part)));
    roots.push(joinSubtrees(hashes));
  }
  return roots;
}

/** The roots of the perfect subtrees that the first `size` leaves consist of, largest first: enough to go on from there. */
export async function readEdge(db: Kysely<Database>, size: number): Promise<Buffer[]> {
  const parts = subtreesOf({ start: 0, end: size }).map(leavesOf);
  return readRoots(db, parts);
}

async function readStored(db: Kysely<Database>, subtrees: readonly Subtree[]): Promise<Map<string, Buffer>> {
  const large = subtrees.filter(({ level }) => level >= MIN_LEVEL);
  if (large.length === 0) return new Map();
  const rows = await db
    .selectFrom('audit_nodes')
    .selectAll()
    .where((row) => row.or(large.map(({ level, index }) => row.and({ level, idx: index }))))
    .execute();
  return new Map(rows.map(({ level, idx, hash }) => [nameOf({ level, index: idx }), hash]));
}

/** From the leaves: of a small subtree, and of one that an older version of this program wrote without its root. */
async function readRoot(db: Kysely<Database>, subtree: Subtree): Promise<Buffer> {
  const { start, end } = leavesOf(subtree);
  const range = new CompactRange();
  while (start + range.size < end) {
    const from = start + range.size;
    const rows = await db
      .selectFrom('audit_records')
      .select(['idx', 'leaf'])
      .where('idx', '>=', from)
      .where('idx', '<', Math.min(end, from + PAGE))
      .orderBy('idx')
      .execute();
    for (const { idx, leaf } of rows) {
      if (idx !== start + range.size) throw tampered(`record ${start + range.size} is missing`);
      range.append(leaf);
    }
    if (rows.length === 0) throw tampered(`record ${from} is missing`);
  }
  return range.root();
}

function leavesOf({ level, index }: Subtree): LeafRange {
  return { start: index * 2 ** level, end: (index + 1) * 2 ** level };
}

function nameOf({ level, index }: Subtree): string {
  return `${level}/${index}`;
}
