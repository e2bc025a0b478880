import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadPolicies, type CompiledPolicies } from './evaluate/evaluate.js';
import type { Slices } from './slices.js';

/** Where the engine keeps the slice of a server. */
export type SlotOf = (server: string) => string;

/**
 * The engine's slots for one set of policies. They are numbered and not named after servers: the engine frees none, and
 * servers come and go. Whoever loads the next set overwrites the last one.
 */
export class SlotBank {
  constructor(private readonly name: string) {}

  /** @throws Error where a policy does not parse. */
  load(slices: Slices, unlessMet: UnlessMet): SlotOf {
    const { slots, slotOf } = this.#plan(slices);
    for (const [slot, texts] of slots) loadPolicies(slot, texts, unlessMet);
    return slotOf;
  }

  /** The same, one slot at a time, so that this thread serves in between. Undefined where it was no longer `wanted` before its end. */
  async loadInTurns(slices: Slices, unlessMet: UnlessMet, wanted: () => boolean): Promise<SlotOf | undefined> {
    const { slots, slotOf } = this.#plan(slices);
    for (const [slot, texts] of slots) {
      await nextTurn();
      if (!wanted()) return undefined;
      loadPolicies(slot, texts, unlessMet);
    }
    return slotOf;
  }

  #plan({ servers, others }: Slices): {
    readonly slots: readonly (readonly [string, Slices['others']])[];
    readonly slotOf: SlotOf;
  } {
    const numbered = [...servers].map(([server, texts], index) => ({ server, texts, slot: `${this.name}:${index}` }));
    const byServer = new Map(numbered.map(({ server, slot }) => [server, slot]));
    return {
      slots: [[this.name, others], ...numbered.map(({ slot, texts }) => [slot, texts] as const)],
      slotOf: (server) => byServer.get(server) ?? this.name,
    };
  }
}

type UnlessMet = CompiledPolicies['unlessMet'];
