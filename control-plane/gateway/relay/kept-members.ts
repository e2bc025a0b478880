const SEPARATOR = Buffer.from(',');

/**
 * Which members of a `result` pass while its bytes do. A key is held until it is known whether its member is left out;
 * the commas of the result are left out too, and put anew before each member that stays.
 */
export class KeptMembers {
  #held: Buffer[] | undefined;
  #leftOut = false;
  #any = false;

  constructor(private readonly without: readonly string[]) {}

  get holding(): boolean {
    return this.#held !== undefined;
  }

  /** In a member that is left out. */
  get leavingOut(): boolean {
    return this.#leftOut;
  }

  startResult(): void {
    this.#any = false;
  }

  startKey(): void {
    this.#held = [];
  }

  endKey(key: string): void {
    if (this.#held === undefined || !this.without.includes(key)) return;
    this.#held = undefined;
    this.#leftOut = true;
  }

  endMember(): void {
    this.#leftOut = false;
  }

  /** The chunk ends within the key. */
  hold(part: Buffer): void {
    this.#held?.push(part);
  }

  /** What was held of a key whose member stays. */
  release(): Buffer[] {
    const key = this.#held ?? [];
    const separator = this.#any ? [SEPARATOR] : [];
    this.#held = undefined;
    this.#any = true;
    return [...separator, ...key];
  }
}
