import type { Disclosure } from './receipt.js';
import type { RecordHeader } from './record-header.js';
import type { LogFinding } from './verify-log.js';

/**
 * Holds what a log says to be erased against what it has on record: a person's key is destroyed by nobody without a
 * `person.erase`. For a log that is read from its first record on.
 */
export class ErasureClaims {
  readonly #erased = new Set<string>();
  /** The first record of each person that is said to be erased, by all whom it names. */
  readonly #claims = new Map<string, LogFinding & { readonly named: readonly string[] }>();

  add(index: number, header: RecordHeader, { state }: Disclosure): void {
    const { id, type, facts } = header;
    const named = [facts['person'], facts['affected'], facts['target']].filter((name) => typeof name === 'string');
    if (type === 'person.erase') this.#note(facts['affected'], facts['target']);
    if (state !== 'erased' || this.#claims.has(named.join(' '))) return;
    const message = `The personal data of record ${index} cannot be read, and no erasure of the person is on record: their key was taken away.`;
    this.#claims.set(named.join(' '), { index, id, message, named });
  }

  /** The first record that is erased and should not be. */
  finish(): LogFinding | undefined {
    const unfounded = [...this.#claims.values()].find(({ named }) => !named.some((name) => this.#erased.has(name)));
    if (!unfounded) return undefined;
    const { named: _whom, ...finding } = unfounded;
    return finding;
  }

  /** `scimUsers`: ids, with spaces between, under which records speak of the person from before the first sign-in. */
  #note(person: unknown, scimUsers: unknown): void {
    if (typeof person === 'string') this.#erased.add(person);
    if (typeof scimUsers === 'string') for (const id of scimUsers.split(' ')) this.#erased.add(id);
  }
}
