import { createHash } from 'node:crypto';
import { indexedText } from './indexed-text.js';

export type SetKind = 'groups' | 'policies';

/** A set of names as the index keeps it: once, however many records share it. */
export interface AuditSet {
  /** The same members always have the same id, in whatever order they come. */
  readonly id: string;
  readonly kind: SetKind;
  readonly members: readonly string[];
}

export function auditSet(kind: SetKind, names: readonly string[]): AuditSet {
  const members = [...new Set(names.map(indexedText))].toSorted();
  const id = createHash('sha256')
    .update(JSON.stringify([kind, ...members]))
    .digest('base64url')
    .slice(0, 22);
  return { id, kind, members };
}
