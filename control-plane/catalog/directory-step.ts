/** A good directory, as this replica read it. */
export interface Candidate {
  /** As `formatContent` wrote it. */
  readonly text: string;
  readonly sha256: string;
  /** The directory that was the last one applied when this one was read: what this one is a change of. */
  readonly against: string | null;
  /** Epoch milliseconds, of the reading. */
  readonly since: number;
}

interface Situation {
  /** SHA-256 of the directory that was applied last; null where the API made the active revision. */
  readonly applied: string | null;
  readonly leads: boolean;
}

/**
 * What to do about a directory. The leader applies it where it is a change of what was applied last; where somebody
 * else has applied another one since, this one is not newer but other, and replicas with different files do not fight.
 */
export function nextStep(
  candidate: Candidate,
  { applied, leads }: Situation,
): { readonly does: 'nothing' | 'apply' | 'differ'; readonly candidate: Candidate } {
  const { sha256, against } = candidate;
  if (applied === sha256) return { does: 'nothing', candidate: { ...candidate, against: sha256 } };
  return { does: leads && against === applied ? 'apply' : 'differ', candidate };
}
