/** Keeps bytes for a client that has not taken them yet. */
export interface Holder {
  /** Its client reads too slowly; lets go of what is kept. */
  giveUp(): void;
}

/** What waits for the clients of one transport together. Over the bound, whoever has kept something for longest is given up. */
export class HeldBytes {
  /** Whoever began to keep something first stands first. */
  readonly #held = new Map<Holder, number>();
  #total = 0;

  constructor(private readonly bound: number) {}

  /** Notes how many bytes a holder keeps from now on. */
  note(holder: Holder, bytes: number): void {
    this.#total += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
    if (this.#total > this.bound) this.#held.keys().next().value?.giveUp();
  }
}
