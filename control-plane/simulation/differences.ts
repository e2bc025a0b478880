import type { CallOutcome } from '#shared/api/policies.js';

/** Calls of one person to one target that would come out otherwise. */
export interface Difference {
  readonly person: string;
  readonly server: string;
  readonly target: string;
  readonly before: CallOutcome;
  readonly after: CallOutcome;
  /** Ids of the policies that would decide the first of them. */
  readonly policies: readonly string[];
  calls: number;
  /** Ids of records. */
  readonly samples: string[];
}

export type Differing = Omit<Difference, 'calls' | 'samples'>;

const SAMPLES = 3;
/** Kept apart; whatever is beyond is counted only. */
const MAX_DIFFERENCES = 10_000;
const SHOWN = 500;

/** The easier something is to do, the higher. */
const EASE: Readonly<Record<CallOutcome, number>> = { deny: 0, approval: 1, 'step-up': 2, allow: 3 };

/** Counts what would change, in bounded memory. */
export class Differences {
  readonly #byKey = new Map<string, Difference>();
  #beyond = 0;

  add(differing: Differing, record: string): void {
    const { person, server, target, before, after } = differing;
    const key = JSON.stringify([person, server, target, before, after]);
    const known = this.#byKey.get(key);
    if (known) {
      known.calls += 1;
      if (known.samples.length < SAMPLES) known.samples.push(record);
    } else if (this.#byKey.size < MAX_DIFFERENCES) {
      this.#byKey.set(key, { ...differing, calls: 1, samples: [record] });
    } else this.#beyond += 1;
  }

  /** Most calls first. */
  list(): { readonly losses: Difference[]; readonly gains: Difference[]; readonly more: number } {
    const sorted = [...this.#byKey.values()].toSorted((a, b) => b.calls - a.calls);
    const losses = sorted.filter(({ before, after }) => EASE[after] < EASE[before]);
    const gains = sorted.filter(({ before, after }) => EASE[after] > EASE[before]);
    const beyond = Math.max(0, losses.length - SHOWN) + Math.max(0, gains.length - SHOWN) + this.#beyond;
    return { losses: losses.slice(0, SHOWN), gains: gains.slice(0, SHOWN), more: beyond };
  }
}
