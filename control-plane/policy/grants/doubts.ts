/** Whose grants may have changed since they were last read: one person's, or everybody's. */
export class Doubts {
  #heard = 1;
  /** What was heard of everybody last; at first, that nothing was read yet. */
  #everybody = 1;
  readonly #people = new Map<string, number>();

  /** Grows with all that is heard. */
  get heard(): number {
    return this.#heard;
  }

  get any(): boolean {
    return this.#everybody > 0 || this.#people.size > 0;
  }

  about(person: string): boolean {
    return this.#everybody > 0 || this.#people.has(person);
  }

  add(person: string | undefined): void {
    this.#heard += 1;
    if (person === undefined) this.#everybody = this.#heard;
    else if (this.#everybody === 0) this.#people.set(person, this.#heard);
    else this.#everybody = this.#heard;
  }

  /** A reading that began when this much had been heard has answered it. */
  settle(heard: number): void {
    if (this.#everybody <= heard) this.#everybody = 0;
    for (const [person, at] of this.#people) if (at <= heard) this.#people.delete(person);
  }
}
