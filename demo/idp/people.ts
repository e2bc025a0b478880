/** An account of the demo company. */
export interface Person {
  /** The `sub` of its tokens. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  readonly active: boolean;
}

const STAFF: readonly Person[] = [
  { id: 'alice', name: 'Alice Ahrens', email: 'alice@demo.example', groups: ['engineering'], active: true },
  { id: 'bob', name: 'Bob Bakker', email: 'bob@demo.example', groups: ['sales'], active: true },
  { id: 'carol', name: 'Carol Castro', email: 'carol@demo.example', groups: ['contractors'], active: true },
  { id: 'dave', name: 'Dave Dahl', email: 'dave@demo.example', groups: ['it-admins'], active: true },
];

/** The company's directory, in memory: whoever left or moved is changed here. */
export class Directory {
  readonly #people = new Map(STAFF.map((person) => [person.id, person]));

  all(): Person[] {
    return [...this.#people.values()];
  }

  /** Undefined for strangers and for those who left. */
  find(id: string): Person | undefined {
    const person = this.#people.get(id);
    return person?.active ? person : undefined;
  }

  /** What is undefined stays as it is. */
  change(id: string, change: { readonly [Key in Exclude<keyof Person, 'id'>]?: Person[Key] | undefined }): void {
    const person = this.#people.get(id);
    if (!person) return;
    const { name = person.name, email = person.email, groups = person.groups, active = person.active } = change;
    this.#people.set(id, { id, name, email, groups, active });
  }
}
