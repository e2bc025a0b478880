import { CodedError } from '#shared/errors.js';

/**
 * One search for text at a time for each person, whatever their role: it opens up to two thousand payloads, in the thread
 * that serves calls.
 */
export class TextSearches {
  readonly #people = new Set<string>();

  /** Disposing ends it. Throws `rate_limited` while another one of the same person is under way. */
  begin(person: string): Disposable {
    if (this.#people.has(person)) {
      throw new CodedError('rate_limited', {
        message: 'A search for text of yours is under way. Try again when it has ended.',
      });
    }
    this.#people.add(person);
    return { [Symbol.dispose]: () => void this.#people.delete(person) };
  }
}
