import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadPolicies, type CompiledPolicies } from './evaluate/evaluate.js';
import { sliceByServer } from './slices.js';

/** Where the engine keeps the slices of one set, by server. */
export interface LoadedSlices {
  readonly slotOf: (server: string) => string;
}

/**
 * The engine's slots for one set of policies. They are numbered and not named after servers: the engine frees none, and
 * servers come and go. Whoever loads the next set overwrites the last one.
 */
export class SlotBank {
  #loading = 0;

  constructor(private readonly name: string) {}

  /** @throws Error where a policy does not parse. */
  load(policies: CompiledPolicies): LoadedSlices {
    this.#loading += 1;
    const { slots, slotOf } = this.#plan(policies);
    for (const [slot, texts] of slots) loadPolicies(slot, texts, policies.unlessMet);
    return { slotOf };
  }

  /** The same, one slot at a time, so that this thread serves in between. Undefined where another set was loaded meanwhile. */
  async loadInTurns(policies: CompiledPolicies): Promise<LoadedSlices | undefined> {
    const loading = (this.#loading += 1);
    const { slots, slotOf } = this.#plan(policies);
    for (const [slot, texts] of slots) {
      await nextTurn();
      if (loading !== this.#loading) return undefined;
      loadPolicies(slot, texts, policies.unlessMet);
    }
    return { slotOf };
  }

  #plan({ texts }: CompiledPolicies): LoadedSlices & { readonly slots: readonly (readonly [string, Texts])[] } {
    const { servers, others } = sliceByServer(texts);
    const slots = [...servers].map(([server, slice], index) => ({ server, slice, slot: `${this.name}:${index}` }));
    const byServer = new Map(slots.map(({ server, slot }) => [server, slot]));
    return {
      slotOf: (server) => byServer.get(server) ?? this.name,
      slots: [[this.name, others], ...slots.map(({ slot, slice }) => [slot, slice] as const)],
    };
  }
}

type Texts = CompiledPolicies['texts'];
