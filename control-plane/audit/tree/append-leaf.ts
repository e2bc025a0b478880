import type { CompactRange } from '#shared/audit-log/merkle-tree.js';
import type { AuditNodesTable } from '../../storage/audit-tables.js';

/** The level from which subtrees are stored: below it, a proof reads the leaves themselves, at most 255 in a row. */
export const MIN_LEVEL = 8;

/** Appends, and returns the rows of the subtrees that are complete with it. */
export function appendLeaf(range: CompactRange, leaf: Buffer): AuditNodesTable[] {
  const nodes: AuditNodesTable[] = [];
  range.append(leaf, ({ level, index }, hash) => {
    if (level >= MIN_LEVEL) nodes.push({ level, idx: index, hash });
  });
  return nodes;
}
