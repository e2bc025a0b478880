import type { Disclosure } from './receipt.js';
import { kindOf } from './record-kinds.js';
import type { RecordHeader } from './record-header.js';
import { boundsOf, monthOf } from './record-month.js';
import type { LogFinding } from './verify-log.js';

/**
 * Holds what a log says to be expired against what it has on record: no month of a kind goes without an `audit.expire`,
 * written when the month was over. For a log that is read from its first record on.
 */
export class ExpiryClaims {
  readonly #expired = new Set<string>();
  /** The first record of each kind and month that is said to be expired. */
  readonly #claims = new Map<string, LogFinding>();

  add(index: number, header: RecordHeader, { state }: Disclosure): void {
    const { id, ts, type, facts } = header;
    if (type === 'audit.expire' && typeof facts['target'] === 'string') this.#note(facts['target'], ts);
    const partition = expiryTarget(kindOf(type), monthOf(id));
    if (state !== 'expired' || this.#claims.has(partition)) return;
    const message = `The personal data of record ${index} is gone, and no expiry of ${partition} is on record: it was removed.`;
    this.#claims.set(partition, { index, id, message });
  }

  /** The first record that is expired and should not be. */
  finish(): LogFinding | undefined {
    return [...this.#claims].find(([partition]) => !this.#expired.has(partition))?.[1];
  }

  #note(partition: string, ts: number): void {
    const [, month = ''] = partition.split('/');
    if (ts >= boundsOf(month).end) this.#expired.add(partition);
  }
}

/** What an `audit.expire` names as its target: `calls/2025-09`. */
export function expiryTarget(kind: string, month: string): string {
  return `${kind}/${month}`;
}
