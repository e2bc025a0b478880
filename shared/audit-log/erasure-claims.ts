import type { Disclosure } from './receipt.js';
import type { RecordHeader } from './record-header.js';
import type { LogFinding } from './verify-log.js';

/**
 * Holds what a log says to be erased against what it has on record: a person's key is destroyed by nobody without a
 * `person.erase`. For a log that is read from its first record on.
 */
export class ErasureClaims {
  /** Whom an erasure was about, by the id of its intent. One that was refused, or that a legal hold stopped, erased nobody. */
  readonly #erasures = new Map<string, readonly string[]>();
  /** The first record of each person that is said to be erased, by all whom it names. */
  readonly #claims = new Map<string, LogFinding & { readonly named: readonly string[] }>();

  add(index: number, header: RecordHeader, { state }: Disclosure): void {
    const { id, type, facts } = header;
    const named = [facts['person'], facts['affected'], facts['target']].filter((name) => typeof name === 'string');
    if (type === 'person.erase') this.#note(header);
    if (state !== 'erased' || this.#claims.has(named.join(' '))) return;
    const message = `The personal data of record ${index} cannot be read, and no erasure of the person is on record: their key was taken away.`;
    this.#claims.set(named.join(' '), { index, id, message, named });
  }

  /** The first record that is erased and should not be. */
  finish(): LogFinding | undefined {
    const erased = new Set([...this.#erasures.values()].flat());
    const unfounded = [...this.#claims.values()].find(({ named }) => !named.some((name) => erased.has(name)));
    if (!unfounded) return undefined;
    const { named: _whom, ...finding } = unfounded;
    return finding;
  }

  /** `target`: ids of SCIM users, with spaces between, under which records speak of the person from before the first sign-in. */
  #note({ id, phase, ref, facts: { affected, target, code } }: RecordHeader): void {
    if (phase === 'outcome' && code === 'legal_hold') this.#erasures.delete(ref ?? '');
    if (phase !== 'intent') return;
    const scimUsers = typeof target === 'string' ? target.split(' ') : [];
    this.#erasures.set(id, typeof affected === 'string' ? [affected, ...scimUsers] : scimUsers);
  }
}
