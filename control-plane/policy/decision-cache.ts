import type { Decision, PolicyInput } from './decision.js';
import type { DecisionKey } from './decision-key.js';

const MAX_DECISIONS = 50_000;
/** Longer keys (long URIs, people in very many named groups) are decided every time, so that nobody fills memory with them. */
const MAX_KEY = 1_000;

/**
 * The decisions of one revision, under all that its policies can read of an input. What reads time or arguments has no
 * key and is decided every time. What failed is not remembered.
 */
export class DecisionCache {
  readonly #decisions = new Map<string, Decision>();

  constructor(
    private readonly keyOf: DecisionKey,
    private readonly evaluate: (input: PolicyInput) => Decision,
    private readonly capacity: number = MAX_DECISIONS,
  ) {}

  decide(input: PolicyInput): Decision {
    const key = this.keyOf(input);
    const known = key === undefined ? undefined : this.#decisions.get(key);
    if (known) return known;
    const decision = this.evaluate(input);
    if (key !== undefined && !decision.failed && key.length <= MAX_KEY) this.#remember(key, decision);
    return decision;
  }

  #remember(key: string, decision: Decision): void {
    if (this.#decisions.size >= this.capacity) {
      const [oldest] = this.#decisions.keys();
      if (oldest !== undefined) this.#decisions.delete(oldest);
    }
    this.#decisions.set(key, decision);
  }
}
