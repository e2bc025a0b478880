import type { Decision, PolicyInput } from './decision.js';
import { readable, type NamedPrincipals } from './named-principals.js';

const MAX_DECISIONS = 50_000;
/** Longer keys (long URIs, people in very many named groups) are decided every time, so that nobody fills memory with them. */
const MAX_KEY = 1_000;

/**
 * The decisions of one revision, under all that its policies can read of an input: they know no time, no arguments and
 * no address. What failed is not remembered.
 */
export class DecisionCache {
  readonly #decisions = new Map<string, Decision>();

  constructor(
    private readonly named: NamedPrincipals,
    private readonly evaluate: (input: PolicyInput) => Decision,
    private readonly capacity: number = MAX_DECISIONS,
  ) {}

  decide(input: PolicyInput): Decision {
    const key = this.#keyOf(input);
    const known = this.#decisions.get(key);
    if (known) return known;
    const decision = this.evaluate(input);
    if (!decision.failed && key.length <= MAX_KEY) this.#remember(key, decision);
    return decision;
  }

  #keyOf({ person, server, target, serverLabels, grant, args }: PolicyInput): string {
    return JSON.stringify([readable(this.named, person), server, target, serverLabels, grant, args === undefined]);
  }

  #remember(key: string, decision: Decision): void {
    if (this.#decisions.size >= this.capacity) {
      const [oldest] = this.#decisions.keys();
      if (oldest !== undefined) this.#decisions.delete(oldest);
    }
    this.#decisions.set(key, decision);
  }
}
