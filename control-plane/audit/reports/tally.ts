import type { Reach } from './read-reach.js';

/** How often calls of one kind were made, by how many people, and when first and last. */
export interface Tally {
  readonly calls: number;
  readonly denied: number;
  /** RFC 3339, UTC. */
  readonly first: string;
  readonly last: string;
}

/** Of at least one. */
export function tally(reach: readonly Reach[]): Tally {
  const calls = reach.reduce((sum, one) => sum + one.calls, 0);
  const denied = reach.filter(isDenied).reduce((sum, one) => sum + one.calls, 0);
  const first = reach.reduce((least, one) => Math.min(least, one.first), Number.MAX_SAFE_INTEGER);
  const last = reach.reduce((most, one) => Math.max(most, one.last), 0);
  return { calls, denied, first: timeText(first), last: timeText(last) };
}

export function isDenied({ decision }: Reach): boolean {
  return decision === 'deny';
}

export function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** How many there are of different ones. */
export function distinct(values: Iterable<unknown>): number {
  return new Set(values).size;
}
