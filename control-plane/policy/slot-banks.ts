import type { CompiledPolicies } from './evaluate/evaluate.js';
import { SlotBank, type SlotOf } from './slot-bank.js';
import type { Slices } from './slices.js';

// The engine's slots belong to the thread and are never freed; a process has one pair, a test run a few.
let pairs = 0;

/**
 * Two banks of slots: one in use, into the other goes the next set, so that no decision sees a mix of two. Whoever wants the spare
 * one last gets it; what was being loaded there stops, and is never taken for what it is not.
 */
export class SlotBanks {
  readonly #banks: readonly [SlotBank, SlotBank];
  #inUse: SlotBank | undefined;
  /** What is in the spare bank, whole. */
  #ahead: { readonly policies: CompiledPolicies; readonly slotOf: SlotOf } | undefined;
  /** Grows with whoever wants the spare bank. */
  #wants = 0;

  constructor() {
    pairs += 1;
    this.#banks = [new SlotBank(`policies:${pairs}:a`), new SlotBank(`policies:${pairs}:b`)];
  }

  /** Loads a set before it is needed, one slot at a time. */
  async loadAhead(policies: CompiledPolicies, slices: Slices): Promise<void> {
    const want = this.#want();
    const wanted = (): boolean => want === this.#wants;
    const slotOf = await this.#spare.loadInTurns(slices, policies.unlessMet, wanted);
    if (slotOf !== undefined && wanted()) this.#ahead = { policies, slotOf };
  }

  /** The slots of a set, loaded now unless they were before. They are in use from `use` on, which has to come in the same tick. */
  take(policies: CompiledPolicies, slices: Slices): { readonly slotOf: SlotOf; readonly use: () => void } {
    const bank = this.#spare;
    const ahead = this.#ahead?.policies === policies ? this.#ahead : undefined;
    this.#want();
    const slotOf = ahead?.slotOf ?? bank.load(slices, policies.unlessMet);
    return { slotOf, use: () => void (this.#inUse = bank) };
  }

  get #spare(): SlotBank {
    return this.#banks[this.#inUse === this.#banks[0] ? 1 : 0];
  }

  #want(): number {
    this.#ahead = undefined;
    return (this.#wants += 1);
  }
}
