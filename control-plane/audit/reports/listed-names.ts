import type { Kysely } from 'kysely';
import type { ListedPerson } from '#shared/api/person.js';
import type { Database } from '../../storage/schema.js';

const CHUNK = 5_000;

/** Names of people and members of sets, read as reports come upon them. One for each report. */
export class ListedNames {
  readonly #people = new Map<string, ListedPerson>();
  readonly #sets = new Map<string, readonly string[]>();

  constructor(private readonly db: Kysely<Database>) {}

  /** Reads those that are not known yet. */
  async load(people: Iterable<string | null>, sets: Iterable<string | null> = []): Promise<void> {
    for (const ids of chunks(people, this.#people)) await this.#loadPeople(ids);
    for (const ids of chunks(sets, this.#sets)) await this.#loadSets(ids);
  }

  /** Null for nobody. Whoever was erased from the audit has no name, whatever else is known of them. */
  person(id: string | null): ListedPerson | null {
    return id === null ? null : (this.#people.get(id) ?? { id, email: null, name: null });
  }

  /** In order; null where the record named no set. */
  members(set: string | null): readonly string[] | null {
    return set === null ? null : (this.#sets.get(set) ?? []);
  }

  async #loadPeople(ids: readonly string[]): Promise<void> {
    const rows = await this.db
      .selectFrom('persons')
      .innerJoin('audit_subject_keys', 'audit_subject_keys.subject', 'persons.id')
      .select(['persons.id', 'persons.email', 'persons.name'])
      .where('persons.id', 'in', ids)
      .execute();
    for (const id of ids) this.#people.set(id, { id, email: null, name: null });
    for (const person of rows) this.#people.set(person.id, person);
  }

  async #loadSets(ids: readonly string[]): Promise<void> {
    const rows = await this.db
      .selectFrom('audit_sets')
      .select(['id', 'member'])
      .where('id', 'in', ids)
      .orderBy('member')
      .execute();
    const members = Map.groupBy(rows, ({ id }) => id);
    for (const id of ids) this.#sets.set(id, members.get(id)?.map(({ member }) => member) ?? []);
  }
}

function chunks(ids: Iterable<string | null>, known: ReadonlyMap<string, unknown>): string[][] {
  const missing = [...new Set(ids)].filter((id): id is string => id !== null && !known.has(id));
  return Array.from({ length: Math.ceil(missing.length / CHUNK) }, (_, index) =>
    missing.slice(index * CHUNK, (index + 1) * CHUNK),
  );
}
