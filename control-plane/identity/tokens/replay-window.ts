import { createHash } from 'node:crypto';

const SLICE_SECONDS = 30;

/**
 * Remembers identifiers for as long as the proofs that carry them are acceptable. Kept in slices of issue time, so
 * that forgetting is dropping whole sets. When full it remembers nothing new, and the caller refuses.
 */
export class ReplayWindow {
  readonly #slices = new Map<number, Set<string>>();
  #size = 0;

  constructor(
    private readonly acceptedSeconds: number,
    private readonly capacity: number,
  ) {}

  /** True for the first sight of `id`; false where it was seen before or no room is left. Times in epoch seconds. */
  admit(id: string, issuedAt: number, now: number): boolean {
    this.#forgetBefore(now - this.acceptedSeconds);
    const number = Math.floor(issuedAt / SLICE_SECONDS);
    const slice = this.#slices.get(number) ?? new Set<string>();
    const key = createHash('sha256').update(id).digest().toString('latin1', 0, 16);
    if (slice.has(key) || this.#size >= this.capacity) return false;
    slice.add(key);
    this.#slices.set(number, slice);
    this.#size += 1;
    return true;
  }

  #forgetBefore(oldest: number): void {
    for (const [number, slice] of this.#slices) {
      if ((number + 1) * SLICE_SECONDS > oldest) continue;
      this.#slices.delete(number);
      this.#size -= slice.size;
    }
  }
}
